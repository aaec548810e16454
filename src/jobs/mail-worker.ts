/** Sends the emails of the outbox in the background: a slow server delays no request (FT-27). */
import type { Outbox } from '../broker/ports/durable.ts'
import { RecipientRefused, type SendMail } from './mail/sender.ts'
import {
  type Delivery,
  type Failure,
  type Messages,
  type PollOptions,
  retryForADay,
  startDelivery,
} from './queue-worker.ts'

const maxConcurrentMails = 4
/** Longer than `maxDeliverySeconds`, the maximum for one email. */
const leaseSeconds = 180
const maxDeliverySeconds = 60
const maxDelaySeconds = 3600

export interface MailWorkerOptions extends PollOptions, Pick<Messages<never>, 'onProblem'> {
  readonly outbox: Pick<Outbox, 'claim' | 'sent' | 'retry'>
  readonly send: SendMail
  /** Default 5. */
  readonly everySeconds?: number
}

export function startMailWorker({ outbox, send, everySeconds = 5, ...pollOptions }: MailWorkerOptions): Delivery {
  const sending = new Set<string>()
  /** Sent, but still in the outbox: claimed again, it is removed without sending. */
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
    maxInFlight: maxConcurrentMails,
    leaseSeconds,
    maxDeliverySeconds,
    everySeconds,
    retryDelaySeconds,
    deliver: ({ id, content }) => deliver(id, content),
    onUnreadable: () => 'the outbox cannot be read; it is tried again',
    onPostponed: ({ id, attempts }, seconds) =>
      `email ${id} was not sent (attempt ${attempts + 1}); next try in ${seconds} s`,
    onGivenUp: ({ id, attempts }) => `email ${id} was not sent (attempt ${attempts + 1}) and is given up`,
    onUnrecorded: ({ id }) =>
      unrecorded.has(id)
        ? `email ${id} was sent, but could not be removed from the outbox`
        : `the result of email ${id} could not be stored; it is sent again after its lease`,
  })
}

/** 10 s, tripling up to an hour; null after a day. */
export const retryDelaySeconds = retryForADay((attempt) => Math.min(10 * 3 ** attempt, maxDelaySeconds))
