/**
 * Tells apps' servers that sessions are over, in the background (jobs/queue-worker.ts): whoever ends a session only queues that and goes
 * on. Each app is told one logout at a time, and one that does not answer has the rest of its own put off; how many deliveries run at once
 * is limited by owner (logout-lanes.ts), so that it delays no other app.
 */
import { settingsOf } from '../app/settings.ts'
import type { AppRegistry } from '../broker/apps/registry.ts'
import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { LogoutNotification, LogoutQueue, QueuedLogout } from '../broker/ports/logout-queue.ts'
import { type LogoutShare, logoutScheduler } from './logout-scheduler.ts'
import { logoutToken } from './logout-token.ts'
import {
  type Delivery,
  type Failure,
  type Messages,
  type PollOptions,
  retryForADay,
  startDelivery,
} from './queue-worker.ts'

/** Logouts taken from the queue and not yet delivered: the ones of an app that answers slowly must leave room for those of others. */
const maxInFlight = 1000
const leaseSeconds = 180
/** A call may take a minute (outbound.timeout). */
const requestTimeoutSeconds = 60

export interface BackchannelOptions extends PollOptions, Pick<Messages<never>, 'onProblem'> {
  readonly queue: LogoutQueue
  readonly apps: Pick<AppRegistry, 'find'>
  readonly keys: Pick<OpenSigningKeys, 'current'>
  readonly issuer: string
  /** Guarded, with a time limit, following no redirects. */
  readonly fetch: typeof globalThis.fetch
  readonly random: (bytes: number) => Buffer
  /** Default 2. */
  readonly everySeconds?: number
}

export type Backchannel = Delivery

interface OwnerLoad extends QueuedLogout, LogoutShare {
  /** Which look at the queue brought it, counted from 1. */
  readonly claim: number
}

export function startBackchannel(options: BackchannelOptions): Backchannel {
  const {
    queue,
    apps,
    keys,
    issuer,
    fetch,
    now,
    random,
    onProblem,
    everySeconds = 2,
    firstPollMs: firstCheckMs,
  } = options
  const scheduler = logoutScheduler(now, () => delivery.wake())
  let claims = 0
  /** App id → up to which claim its logouts are put off, because its server just failed. */
  const silentUntil = new Map<string, number>()

  /** Claims until there are some to hold, or none: those of owners that hold too many are given back. */
  async function claimLogouts(...args: Parameters<LogoutQueue['claim']>): Promise<readonly OwnerLoad[]> {
    for (;;) {
      const due = await queue.claim(...args)
      if (due.length === 0) return []
      claims += 1
      const shared = await Promise.all(due.map(withShare))
      const { held = [], excess: overLimit = [] } = Object.groupBy(shared, (each) =>
        scheduler.claim(each) ? 'held' : 'excess',
      )
      await release(overLimit).catch(() => undefined) // their leases end by themselves
      if (held.length > 0) return held
    }
  }

  async function withShare(queued: QueuedLogout): Promise<OwnerLoad> {
    const { appId } = queued.notification
    const app = await apps.find(appId).catch(() => null) // asked again, and heard, when it is delivered
    return { ...queued, claim: claims, appId, owner: app?.owner }
  }

  async function release(overLimit: readonly OwnerLoad[]): Promise<void> {
    for (const each of Map.groupBy(overLimit, ({ appId, owner }) => owner?.tenant ?? appId).values()) {
      const [first] = each
      if (first === undefined) continue
      const at = scheduler.retryAt(first, each.length)
      await queue.release(
        each.map(({ id }) => id),
        at,
      )
    }
  }

  async function deliver({ notification, claim: claimLogouts }: OwnerLoad): Promise<Failure | undefined> {
    const { appId } = notification
    if (claimLogouts <= (silentUntil.get(appId) ?? 0)) return { cause: undefined, reported: true }
    const failure = await sendLogout(notification)
    if (failure?.ofEveryLogout) silentUntil.set(appId, claims)
    else silentUntil.delete(appId)
    scheduler.recordOutcome(appId, failure?.ofEveryLogout ? 'failed' : 'well')
    return failure
  }

  async function sendLogout(notification: LogoutNotification): Promise<DeliveryFailure | undefined> {
    const app = await apps.find(notification.appId)
    if (app?.backchannelLogoutUri === undefined) return undefined // it is gone, or does not want to know any more
    const algorithm = settingsOf(app).idTokenSignedResponseAlg // Back-Channel Logout 1.0 2.4: as its ID tokens
    const key = (await keys.current()).keys.find(({ alg }) => alg === algorithm)
    if (key === undefined) throw new Error(`there is no ${algorithm} signing key`)
    const jti = random(16).toString('base64url')
    const token = await logoutToken(notification, { issuer, key, now: now(), jti })
    return post(fetch, app.backchannelLogoutUri, token)
  }

  const delivery = startDelivery<OwnerLoad>({
    queue: { claim: claimLogouts, sent: (id) => queue.sent(id), retry: (id, at) => queue.retry(id, at) },
    ...{
      maxInFlight,
      leaseSeconds,
      timeoutSeconds: requestTimeoutSeconds,
      now,
      everySeconds,
      firstPollMs: firstCheckMs,
      retryDelaySeconds,
    },
    inTurn: (held, work) => scheduler.run(held, work),
    deliver,
    onProblem,
    // an outage is one line in the log, not one every two seconds
    onUnreadable: (again) => (again ? undefined : 'the queue of logouts cannot be read'),
    onPostponed: (held, seconds) => `${describeUndelivered(held)}; next try in ${seconds} s`,
    onGivenUp: (held) => `${describeUndelivered(held)}: given up`,
    onUnrecorded: ({ id, attempts, notification }) =>
      `logout ${id} of app ${notification.appId}, attempt ${attempts + 1}, comes again when its lease ends`,
  })
  return delivery
}

function describeUndelivered({ id, attempts, notification }: QueuedLogout): string {
  return `app ${notification.appId} could not be told of logout ${id}, attempt ${attempts + 1}`
}

interface DeliveryFailure extends Failure {
  /** Not of this logout alone: the app's server is not there, or not well. */
  readonly ofEveryLogout: boolean
}

async function post(
  fetch: BackchannelOptions['fetch'],
  uri: string,
  token: string,
): Promise<DeliveryFailure | undefined> {
  try {
    const body = new URLSearchParams({ logout_token: token })
    const { status } = await fetch(uri, { method: 'POST', body, redirect: 'error' })
    if (status === 200 || status === 204) return undefined
    return { cause: new Error(`it answered ${status}`), ofEveryLogout: status >= 500 || status === 429 }
  } catch (cause) {
    return { cause, ofEveryLogout: true }
  }
}

const firstDelays: readonly number[] = [5, 30, 120, 600]
const maxDelaySeconds = 3600

/** 5 s, 30 s, 2 min, 10 min, then every hour; null when a day has been tried. @param attempts tries before the one that just failed */
export const retryDelaySeconds = retryForADay((attempt) => firstDelays[attempt] ?? maxDelaySeconds)
