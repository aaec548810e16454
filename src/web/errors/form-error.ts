/**
 * An error as the page of a form shows it: with who can fix it, which an error page says elsewhere.
 */
import { errorTable, type Fixer, type GatehouseError } from '../../errors.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { fixerSentence } from '../../pages/error-page.tsx'
import type { PageError } from '../../pages/form.tsx'

/** @param fixer of a refused sign-in, which the trace names */
export function formError(error: GatehouseError, fixer: Fixer = errorTable[error.code].fixer): PageError {
  const { title, text } = errorTextOf(error)
  return { title, text: [text, fixerSentence(fixer)].filter(Boolean).join(' ') }
}

/** Error text of the sign-in page. */
export function signInErrorText(error: GatehouseError, step: 'email' | 'password', fixer?: Fixer): PageError {
  const { title, text } = formError(error, fixer)
  if (error.code === 'email_invalid') return { title, text, field: 'email' }
  const isThrottled = error.code === 'too_many_attempts' && step === 'password'
  return { title, text: isThrottled ? `${text} Or reset your password.` : text }
}
