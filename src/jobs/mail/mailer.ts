/** The core's emails, queued in the outbox. */
import type { Mailer } from '../../broker/ports/core-ports.ts'
import type { Mail, Outbox } from '../../broker/ports/durable.ts'
import { accountMails } from './account-mails.tsx'
import type { Composers } from './composers.ts'
import { credentialMails } from './credential-mails.tsx'
import { securityNotice } from './notices/notices.tsx'

export const mails: Composers = { ...accountMails, ...credentialMails, securityNotice }

export interface MailerOptions {
  readonly outbox: Pick<Outbox, 'add'>
  readonly now: () => Date
  /** Wakes the email worker. */
  readonly wake: () => void
  /**
   * False without a mail server: emails about sign-in methods are not queued then. Default true.
   */
  readonly isSent?: boolean
  /** Called when an email could not be queued: the callers go on without it. */
  readonly onProblem?: (sentence: string, cause: unknown) => void
}

/** Queues the core's emails in the outbox. */
export function createMailer({ outbox, now, wake, isSent = true, onProblem }: MailerOptions): Mailer {
  const queue = async (...mail: readonly Mail[]) => {
    try {
      await outbox.add(mail, now())
    } catch (error) {
      onProblem?.('an email could not be queued', error)
      throw error
    }
    wake()
  }
  const queueIfSent = async (mail: () => Mail) => {
    if (isSent) await queue(mail())
    return isSent
  }
  return {
    signUp: async (message) => queue(mails.signUp(message)),
    verifyEmail: async (message) => queue(mails.verifyEmail(message)),
    alreadySignedUp: async (message) => queue(mails.alreadySignedUp(message)),
    reset: async (message) => queue(mails.reset(message)),
    signInCode: async (message) => queue(mails.signInCode(message)),
    passwordChanged: async (message) => queue(mails.passwordChanged(message)),
    methodAdded: async (message) => queueIfSent(() => mails.methodAdded(message)),
    expiry: async (messages) => {
      if (isSent) await queue(...messages.map(mails.expiry))
      return isSent
    },
    apiToken: async (message) => queueIfSent(() => mails.apiToken(message)),
    methodRemoved: async (message) => queueIfSent(() => mails.methodRemoved(message)),
    appChanged: async (message) => queueIfSent(() => mails.appChanged(message)),
    credentialLeaked: async (message) => queueIfSent(() => mails.credentialLeaked(message)),
    securityNotice: async (message) => queueIfSent(() => mails.securityNotice(message)),
  }
}
