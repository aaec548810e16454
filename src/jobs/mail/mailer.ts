import type { Mailer } from '../../broker/ports/core-ports.ts'
import type { Mail, Outbox } from '../../broker/ports/durable.ts'
import { mails } from './compose.ts'

export interface MailerOptions {
  readonly outbox: Outbox
  readonly now: () => Date
  /** Wakes the mail worker. */
  readonly wake: () => void
  /** False without a mail server: mails about sign-in methods are not queued then. Default true. */
  readonly isSent?: boolean
}

/** Queues the core's mails in the outbox. */
export function createMailer({ outbox, now, wake, isSent = true }: MailerOptions): Mailer {
  const queue = async (mail: Mail) => {
    await outbox.add([mail], now())
    wake()
  }
  const queueIfSent = async (mail: () => Mail) => {
    if (isSent) await queue(mail())
    return isSent
  }
  return {
    signUp: async (message) => queue(mails.signUp(message)),
    alreadySignedUp: async (message) => queue(mails.alreadySignedUp(message)),
    reset: async (message) => queue(mails.reset(message)),
    passwordChanged: async (message) => queue(mails.passwordChanged(message)),
    methodAdded: async (message) => queueIfSent(() => mails.methodAdded(message)),
    methodRemoved: async (message) => queueIfSent(() => mails.methodRemoved(message)),
  }
}
