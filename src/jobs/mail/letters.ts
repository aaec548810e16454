/** The core's letters, put into the outbox; the postman does the rest. */
import type { Letters } from '../../broker/parts.ts'
import type { Mail, Outbox } from '../../broker/ports.ts'
import {
  alreadySignedUpMail,
  methodAddedMail,
  methodRemovedMail,
  passwordChangedMail,
  resetMail,
  signUpMail,
} from './compose.ts'

export interface LettersOptions {
  readonly outbox: Outbox
  readonly now: () => Date
  /** Wakes the postman once a mail is safely queued. */
  readonly kick: () => void
  /** False where no mail server is configured: what a deployment without mail does not need is not queued. Default true. */
  readonly isSent?: boolean
}

export function openLetters({ outbox, now, kick, isSent = true }: LettersOptions): Letters {
  const post = async (mail: Mail) => {
    await outbox.add(mail, now())
    kick()
  }
  const postIfSent = async (compose: () => Mail) => {
    if (isSent) await post(compose())
    return isSent
  }
  return {
    signUp: async (letter) => post(signUpMail(letter)),
    alreadySignedUp: async (letter) => post(alreadySignedUpMail(letter)),
    reset: async (letter) => post(resetMail(letter)),
    passwordChanged: async (letter) => post(passwordChangedMail(letter)),
    methodAdded: async (letter) => postIfSent(() => methodAddedMail(letter)),
    methodRemoved: async (letter) => postIfSent(() => methodRemovedMail(letter)),
  }
}
