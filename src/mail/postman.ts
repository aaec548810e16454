/**
 * Delivers the outbox in the background: a request only adds a mail and goes on, so a mail server that is down or slow delays
 * nobody (FT-27). Several processes may run one each; the outbox leases a mail to one of them. Delivery is at least once: a
 * process that dies between handing a mail over and noting it leaves the mail to be sent again when its lease ends.
 */
import type { Outbox, QueuedMail } from '../broker/ports.ts'
import { RecipientRefused, type SendMail } from './sender.ts'

/** Mails sent at the same time. */
const lanes = 4
/** Longer than a sender may take for one mail. */
const leaseSeconds = 180
const giveUpSeconds = 24 * 3600
const longestDelaySeconds = 3600

export interface PostmanOptions {
  readonly outbox: Outbox
  readonly send: SendMail
  readonly now: () => Date
  /** A sentence for the log, without address or content; `cause` is the error behind it. */
  readonly onProblem: (sentence: string, cause: unknown) => void
  /** How often the outbox is looked at for mails that are due again, in seconds. Default 5. */
  readonly everySeconds?: number
  /** How long after it is hired it looks for mails that an earlier process left, in milliseconds. Default 0. */
  readonly firstLookMs?: number
}

export interface Postman {
  /** Looks at the outbox at once; call it after `outbox.add`. */
  kick(): void
  /** Takes no more mails and waits for those being sent. */
  stop(): Promise<void>
}

export function startPostman(options: PostmanOptions): Postman {
  const { outbox, send, now, onProblem, everySeconds = 5, firstLookMs = 0 } = options
  /** Sent, but the outbox could not be told: if it hands one out again, it is only noted, not sent twice. */
  const unnoted = new Set<string>()
  let round: Promise<void> | undefined
  let kicked = false
  let stopped = false

  function kick(): void {
    kicked = true
    if (stopped || round !== undefined) return
    round = deliverDue().finally(() => {
      round = undefined
      if (kicked) kick()
    })
  }

  async function deliverDue(): Promise<void> {
    kicked = false
    try {
      while (!stopped) {
        const leaseUntil = new Date(now().getTime() + leaseSeconds * 1000)
        const due = await outbox.claim(now(), leaseUntil, lanes)
        if (due.length === 0) return
        await Promise.all(due.map(deliver))
      }
    } catch (cause) {
      onProblem('the outbox could not be read', cause)
    }
  }

  async function deliver(queued: QueuedMail): Promise<void> {
    if (!unnoted.has(queued.id)) {
      try {
        await send(queued.mail)
      } catch (cause) {
        return await postpone(queued, cause)
      }
      unnoted.add(queued.id)
    }
    await note(queued.id)
  }

  async function note(id: string): Promise<void> {
    try {
      await outbox.sent(id)
      unnoted.delete(id)
    } catch (cause) {
      onProblem(`mail ${id} was sent, but the outbox could not be told`, cause)
    }
  }

  async function postpone({ id, attempts }: QueuedMail, cause: unknown): Promise<void> {
    const seconds = cause instanceof RecipientRefused ? null : retryDelaySeconds(attempts)
    try {
      if (seconds === null) {
        onProblem(`mail ${id} is given up at attempt ${attempts + 1}`, cause)
        await outbox.sent(id)
        return
      }
      onProblem(`mail ${id} could not be sent, attempt ${attempts + 1}; next try in ${seconds} s`, cause)
      await outbox.retry(id, new Date(now().getTime() + seconds * 1000))
    } catch (failure) {
      onProblem(`the outbox could not be told about mail ${id}; it comes again when its lease ends`, failure)
    }
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
    },
  }
}

/** 10 s, tripling up to an hour; null when a day has been tried. @param attempts tries before the one that just failed */
export function retryDelaySeconds(attempts: number): number | null {
  const delay = (attempt: number) => Math.min(10 * 3 ** attempt, longestDelaySeconds)
  const waited = Array.from({ length: attempts }, (_, attempt) => delay(attempt)).reduce((sum, each) => sum + each, 0)
  return waited + delay(attempts) > giveUpSeconds ? null : delay(attempts)
}
