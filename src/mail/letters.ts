/** The core's letters, put into the outbox; the postman does the rest. */
import type { Letters } from '../broker/parts.ts'
import type { Mail, Outbox } from '../broker/ports.ts'
import { alreadySignedUpMail, passwordChangedMail, resetMail, signUpMail } from './compose.ts'

export interface LettersOptions {
  readonly outbox: Outbox
  readonly now: () => Date
  /** Wakes the postman once a mail is safely queued. */
  readonly kick: () => void
}

export function openLetters({ outbox, now, kick }: LettersOptions): Letters {
  const post = async (mail: Mail) => {
    await outbox.add(mail, now())
    kick()
  }
  return {
    signUp: async (letter) => post(signUpMail(letter)),
    alreadySignedUp: async (letter) => post(alreadySignedUpMail(letter)),
    reset: async (letter) => post(resetMail(letter)),
    passwordChanged: async (letter) => post(passwordChangedMail(letter)),
  }
}
