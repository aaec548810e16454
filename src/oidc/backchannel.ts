/**
 * Tells apps' servers that sessions are over, in the background: whoever ends a session only queues that and goes on. Several processes
 * may run one each; the queue leases a logout to one of them. Each app is told one logout at a time, and one that does not answer has
 * the rest of its own put off: it holds up no other app. Delivery is at least once; a logout said twice is said once.
 */
import type { AppRegistry } from '../broker/apps.ts'
import type { LogoutQueue, QueuedLogout } from '../broker/ports.ts'
import type { OpenSigningKeys } from '../broker/signing-keys.ts'
import { lanesOf, oneByOne } from './lanes.ts'
import { logoutToken } from './logout-token.ts'

/** Apps told at the same time. */
const mostAtOnce = 16
/** Logouts taken from the queue and not yet delivered: the ones of an app that answers slowly must leave room for those of others. */
const mostInHand = 500
const leaseSeconds = 180
/** What is begun must be over before its lease is: a call may take a minute (outbound.timeout). */
const callSeconds = 60

export interface BackchannelOptions {
  readonly queue: LogoutQueue
  readonly apps: Pick<AppRegistry, 'find'>
  readonly keys: Pick<OpenSigningKeys, 'current'>
  readonly issuer: string
  /** Guarded, with a time limit, following no redirects. */
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  /** A sentence for the log, without token; `cause` is the error behind it. */
  readonly onProblem: (sentence: string, cause: unknown) => void
  /** How often the queue is looked at for what others queued or is due again, in seconds. Default 2. */
  readonly everySeconds?: number
  /** How long after it is started it looks for what an earlier process left, in milliseconds. Default 0. */
  readonly firstLookMs?: number
}

export interface Backchannel {
  /** Looks at the queue at once; call it after `queue.add`. */
  kick(): void
  /** Takes no more, finishes what is being said, and gives back the rest. */
  stop(): Promise<void>
}

export function startBackchannel(options: BackchannelOptions): Backchannel {
  const { queue, apps, keys, issuer, fetch, now, random, onProblem, everySeconds = 2, firstLookMs = 0 } = options
  const inAll = lanesOf(mostAtOnce)
  const perApp = oneByOne()
  const inHand = new Set<Promise<void>>()
  let claims = 0
  /** App id → up to which claim its logouts are put off, because its server just failed. */
  const silent = new Map<string, number>()
  let round: Promise<void> | undefined
  let kicked = false
  /** An outage is one line in the log, not one every two seconds. */
  let unreadable = false
  let stopped = false

  function kick(): void {
    kicked = true
    if (stopped || round !== undefined) return
    round = takeDue().finally(() => {
      round = undefined
      if (kicked) kick()
    })
  }

  async function takeDue(): Promise<void> {
    kicked = false
    try {
      while (!stopped && inHand.size < mostInHand) {
        const takenAt = now().getTime()
        const leaseUntil = new Date(takenAt + leaseSeconds * 1000)
        const due = await queue.claim(new Date(takenAt), leaseUntil, mostInHand - inHand.size)
        unreadable = false
        if (due.length === 0) return
        claims += 1
        for (const queued of due) hold({ ...queued, claim: claims, takenAt })
      }
    } catch (cause) {
      if (!unreadable) onProblem('the queue of logouts cannot be read', cause)
      unreadable = true
    }
  }

  function hold(held: Held): void {
    const work = perApp(held.notification.appId, () => inAll(() => settle(held))).finally(() => {
      const wasFull = inHand.size >= mostInHand
      inHand.delete(work)
      if (wasFull) kick()
    })
    inHand.add(work)
  }

  /** Never throws: what goes wrong here comes again when its lease ends. */
  async function settle(held: Held): Promise<void> {
    const { id, attempts, takenAt } = held
    const { appId } = held.notification
    try {
      if (stopped) return await queue.retry(id, now())
      if (now().getTime() - takenAt > (leaseSeconds - callSeconds) * 1000) return
      if (held.claim <= (silent.get(appId) ?? 0)) return await putOff(held, undefined)
      const failure = await tell(held)
      if (failure?.ofAll) silent.set(appId, claims)
      else silent.delete(appId)
      await (failure === undefined ? queue.sent(id) : putOff(held, failure.cause))
    } catch (failure) {
      onProblem(`logout ${id} of app ${appId}, attempt ${attempts + 1}, comes again when its lease ends`, failure)
    }
  }

  async function tell({ notification }: QueuedLogout): Promise<Failure | undefined> {
    const app = await apps.find(notification.appId)
    if (app?.backchannelLogoutUri === undefined) return undefined // it is gone, or does not want to know any more
    const [key] = (await keys.current()).keys
    if (key === undefined) throw new Error('there is no signing key')
    const jti = random(16).toString('base64url')
    const token = await logoutToken(notification, { issuer, key, now: now(), jti })
    return post(fetch, app.backchannelLogoutUri, token)
  }

  /** @param cause undefined: it was told with the logout before, which failed */
  async function putOff({ id, attempts, notification }: QueuedLogout, cause: unknown): Promise<void> {
    const what = `app ${notification.appId} could not be told of logout ${id}, attempt ${attempts + 1}`
    const seconds = retryDelaySeconds(attempts)
    if (seconds === null) {
      onProblem(`${what}: given up`, cause)
      return queue.sent(id)
    }
    if (cause !== undefined) onProblem(`${what}; next try in ${seconds} s`, cause)
    await queue.retry(id, new Date(now().getTime() + seconds * 1000))
  }

  const timer = setInterval(kick, everySeconds * 1000).unref()
  const first = firstLookMs === 0 ? undefined : setTimeout(kick, firstLookMs).unref()
  if (first === undefined) kick()
  return {
    kick,
    async stop() {
      stopped = true
      kicked = false
      clearInterval(timer)
      clearTimeout(first)
      await round
      await Promise.all(inHand)
    },
  }
}

interface Held extends QueuedLogout {
  /** Which look at the queue brought it, counted from 1, and when. */
  readonly claim: number
  readonly takenAt: number
}

interface Failure {
  readonly cause: unknown
  /** Not of this logout alone: the app's server is not there, or not well. */
  readonly ofAll: boolean
}

async function post(fetch: BackchannelOptions['fetch'], uri: string, token: string): Promise<Failure | undefined> {
  try {
    const body = new URLSearchParams({ logout_token: token })
    const { status } = await fetch(uri, { method: 'POST', body, redirect: 'error' })
    if (status === 200 || status === 204) return undefined
    return { cause: new Error(`it answered ${status}`), ofAll: status >= 500 || status === 429 }
  } catch (cause) {
    return { cause, ofAll: true }
  }
}

const firstDelays: readonly number[] = [5, 30, 120, 600]
const longestDelay = 3600
const giveUpSeconds = 24 * 3600

/** 5 s, 30 s, 2 min, 10 min, then every hour; null when a day has been tried. @param attempts tries before the one that just failed */
export function retryDelaySeconds(attempts: number): number | null {
  const delay = (attempt: number) => firstDelays[attempt] ?? longestDelay
  const waited = Array.from({ length: attempts }, (_, attempt) => delay(attempt)).reduce((sum, each) => sum + each, 0)
  return waited + delay(attempts) > giveUpSeconds ? null : delay(attempts)
}
