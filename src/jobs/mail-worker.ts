/**
 * Delivers the outbox in the background (jobs/queue-worker.ts): a request only adds a mail and goes on, so a mail server that is down or
 * slow delays nobody (FT-27).
 */
import type { Outbox } from '../broker/ports/mail.ts'
import { RecipientRefused, type SendMail } from './mail/sender.ts'
import {
  type Delivery,
  type Failure,
  type Messages,
  type PollOptions,
  retryForADay,
  startDelivery,
} from './queue-worker.ts'

/** Mails sent at the same time. */
const concurrency = 4
/** Longer than a sender may take for one mail. */
const leaseSeconds = 180
const sendTimeoutSeconds = 60
const maxDelaySeconds = 3600

export interface MailWorkerOptions extends PollOptions, Pick<Messages<never>, 'onProblem'> {
  readonly outbox: Outbox
  readonly send: SendMail
  /** Default 5. */
  readonly everySeconds?: number
}

export type MailWorker = Delivery

export function startMailWorker({ outbox, send, everySeconds = 5, ...pollOptions }: MailWorkerOptions): MailWorker {
  const sending = new Set<string>()
  /** Sent, but the outbox could not be told: if it hands one out again, it is only noted, not sent twice. */
  const unrecorded = new Set<string>()

  async function deliver(id: string, mail: Parameters<SendMail>[0]): Promise<Failure | undefined> {
    if (unrecorded.has(id)) return undefined
    sending.add(id)
    try {
      await send(mail)
      unrecorded.add(id)
      return undefined
    } catch (cause) {
      return { cause, permanent: cause instanceof RecipientRefused }
    } finally {
      sending.delete(id)
    }
  }

  return startDelivery({
    ...pollOptions,
    queue: {
      claim: async (...args) => (await outbox.claim(...args)).filter(({ id }) => !sending.has(id)),
      sent: async (id) => {
        await outbox.sent(id)
        unrecorded.delete(id)
      },
      retry: (id, at) => outbox.retry(id, at),
    },
    ...{ maxInFlight: concurrency, leaseSeconds, timeoutSeconds: sendTimeoutSeconds, everySeconds, retryDelaySeconds },
    deliver: ({ id, mail }) => deliver(id, mail),
    onUnreadable: () => 'the outbox could not be read',
    onPostponed: ({ id, attempts }, seconds) =>
      `mail ${id} could not be sent, attempt ${attempts + 1}; next try in ${seconds} s`,
    onGivenUp: ({ id, attempts }) => `mail ${id} is given up at attempt ${attempts + 1}`,
    onUnrecorded: ({ id }) =>
      unrecorded.has(id)
        ? `mail ${id} was sent, but the outbox could not be told`
        : `the outbox could not be told about mail ${id}; it comes again when its lease ends`,
  })
}

/** 10 s, tripling up to an hour; null when a day has been tried. @param attempts tries before the one that just failed */
export const retryDelaySeconds = retryForADay((attempt) => Math.min(10 * 3 ** attempt, maxDelaySeconds))
