/** The core's letters, put into the outbox; the postman does the rest. */
import type { Mail, Mailer, Outbox } from '../../broker/ports/mail.ts'
import {
  alreadySignedUpMail,
  methodAddedMail,
  methodRemovedMail,
  passwordChangedMail,
  resetMail,
  signUpMail,
} from './compose.ts'

export interface MailerOptions {
  readonly outbox: Outbox
  readonly now: () => Date
  /** Wakes the postman once a mail is safely queued. */
  readonly wake: () => void
  /** False where no mail server is configured: what a deployment without mail does not need is not queued. Default true. */
  readonly isSent?: boolean
}

export function createMailer({ outbox, now, wake, isSent = true }: MailerOptions): Mailer {
  const post = async (mail: Mail) => {
    await outbox.add(mail, now())
    wake()
  }
  const postIfSent = async (compose: () => Mail) => {
    if (isSent) await post(compose())
    return isSent
  }
  return {
    signUp: async (message) => post(signUpMail(message)),
    alreadySignedUp: async (message) => post(alreadySignedUpMail(message)),
    reset: async (message) => post(resetMail(message)),
    passwordChanged: async (message) => post(passwordChangedMail(message)),
    methodAdded: async (message) => postIfSent(() => methodAddedMail(message)),
    methodRemoved: async (message) => postIfSent(() => methodRemovedMail(message)),
  }
}
