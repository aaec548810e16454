/**
 * Delivers back-channel logouts in the background. Each app receives one logout at a time; after a
 * failure of its server, its other logouts wait. Limits per owner (logout-scheduler.ts) keep a slow
 * app from delaying others.
 */

import { SignJWT } from 'jose'
import { settingsOf } from '../app/settings.ts'
import type { AppRegistry } from '../broker/apps/registry.ts'
import type { OpenSigningKeys, SigningJwk } from '../broker/keys/signing-keys.ts'
import { privateKeyOf } from '../broker/keys/signing-keys.ts'
import type { LogoutNotification, LogoutQueue, Queued } from '../broker/ports/durable.ts'
import { type LogoutShare, logoutScheduler } from './logout-scheduler.ts'
import {
  type Delivery,
  type Failure,
  type Messages,
  type PollOptions,
  retryForADay,
  startDelivery,
} from './queue-worker.ts'

/** Claimed and not yet delivered: large, so that a slow app delays no others. */
const maxInFlight = 1000
const leaseSeconds = 180
/** The maximum of outbound.timeout. */
const maxDeliverySeconds = 60

export interface BackchannelOptions extends PollOptions, Pick<Messages<never>, 'onProblem'> {
  readonly queue: LogoutQueue
  readonly apps: Pick<AppRegistry, 'find'>
  readonly keys: Pick<OpenSigningKeys, 'current'>
  readonly issuer: string
  /** Guarded, with a timeout, following no redirects. */
  readonly fetch: typeof globalThis.fetch
  readonly random: (bytes: number) => Buffer
  /** Default 2. */
  readonly everySeconds?: number
}

interface ClaimedLogout extends Queued<LogoutNotification>, LogoutShare {
  /** Number of the claim that returned it. */
  readonly claim: number
}

export function startBackchannel(options: BackchannelOptions): Delivery {
  const { queue, apps, keys, fetch, now, onProblem, everySeconds = 2, firstPollMs, isReady } = options
  const scheduler = logoutScheduler(now, () => delivery.wake())
  let claims = 0
  /** App id → last claim whose logouts wait, because the app's server failed. */
  const postponedClaims = new Map<string, number>()

  /** Claims until some can be scheduled or none is left. Releases those over an owner's limit. */
  async function claim(...args: Parameters<LogoutQueue['claim']>): Promise<readonly ClaimedLogout[]> {
    for (;;) {
      const due = await queue.claim(...args)
      if (due.length === 0) return []
      claims += 1
      const claimed = await Promise.all(due.map(withOwner))
      const { scheduled = [], overLimit = [] } = Object.groupBy(claimed, (each) =>
        scheduler.claim(each) ? 'scheduled' : 'overLimit',
      )
      await release(overLimit).catch(() => undefined) // else their leases end
      if (scheduled.length > 0) return scheduled
    }
  }

  async function withOwner(queued: Queued<LogoutNotification>): Promise<ClaimedLogout> {
    const { appId } = queued.content
    // `send` reads it again and reports the failure
    const app = await apps.find(appId).catch(() => null)
    return { ...queued, claim: claims, appId, owner: app?.owner }
  }

  async function release(overLimit: readonly ClaimedLogout[]): Promise<void> {
    for (const each of Map.groupBy(overLimit, ({ appId, owner }) => owner?.tenant ?? appId).values()) {
      const [first] = each
      if (first === undefined) continue
      const ids = each.map(({ id }) => id)
      await queue.release(ids, scheduler.retryAt(first, each.length))
    }
  }

  async function deliver({ content: notification, claim }: ClaimedLogout): Promise<Failure | undefined> {
    const { appId } = notification
    if (claim <= (postponedClaims.get(appId) ?? 0)) return { cause: undefined, reported: true }
    const failure = await send(notification)
    if (failure?.ofEveryLogout) postponedClaims.set(appId, claims)
    else postponedClaims.delete(appId)
    scheduler.recordOutcome(appId, failure?.ofEveryLogout ? 'failed' : 'well')
    return failure
  }

  async function send(notification: LogoutNotification): Promise<DeliveryFailure | undefined> {
    const app = await apps.find(notification.appId)
    if (app?.backchannelLogoutUri === undefined) return undefined // the app or its setting is gone
    // as for its ID tokens (Back-Channel Logout 1.0 2.4)
    const algorithm = settingsOf(app).idTokenSignedResponseAlg
    const key = (await keys.current()).keys.find(({ alg }) => alg === algorithm)
    if (key === undefined) throw new Error(`there is no ${algorithm} signing key`)
    return post(fetch, app.backchannelLogoutUri, await logoutToken(notification, key, options))
  }

  const delivery = startDelivery<ClaimedLogout>({
    queue: { claim, sent: (id) => queue.sent(id), retry: (id, at) => queue.retry(id, at) },
    maxInFlight,
    leaseSeconds,
    maxDeliverySeconds,
    now,
    everySeconds,
    firstPollMs,
    isReady,
    retryDelaySeconds,
    inTurn: (logout, work) => scheduler.run(logout, work),
    deliver,
    onProblem,
    // logs one line per outage
    onUnreadable: (again) => (again ? undefined : 'the logout queue cannot be read; it is tried again'),
    onPostponed: (logout, seconds) => `${nameOf(logout)} was not delivered; next try in ${seconds} s`,
    onGivenUp: (logout) => `${nameOf(logout)} was not delivered and is given up`,
    onUnrecorded: (logout) => `the result of ${nameOf(logout)} could not be stored; it is sent again after its lease`,
  })
  return delivery
}

const nameOf = ({ id, attempts, content }: Queued<LogoutNotification>) =>
  `logout ${id} for app ${content.appId} (attempt ${attempts + 1})`

interface DeliveryFailure extends Failure {
  /** The app's server is unreachable or failing: other logouts would fail too. */
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
    return { cause: new Error(`it responded with ${status}`), ofEveryLogout: status >= 500 || status === 429 }
  } catch (cause) {
    return { cause, ofEveryLogout: true }
  }
}

const firstDelays: readonly number[] = [5, 30, 120, 600]

/** 5 s, 30 s, 2 min, 10 min, then hourly; null after a day. */
export const retryDelaySeconds = retryForADay((attempt) => firstDelays[attempt] ?? 3600)

const event = 'http://schemas.openid.net/event/backchannel-logout'
const lifetimeSeconds = 120

/** OIDC Back-Channel Logout 1.0, 2.4. */
function logoutToken({ appId, subject, sid }: LogoutNotification, key: SigningJwk, from: BackchannelOptions) {
  const issuedAt = Math.floor(from.now().getTime() / 1000)
  return new SignJWT({ sid, events: { [event]: {} } })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(from.issuer)
    .setAudience(appId)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(from.random(16).toString('base64url'))
    .sign(privateKeyOf(key))
}
