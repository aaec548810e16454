/** An error as the page of a form shows it: with who can fix it, which an error page says elsewhere. */
import { errorTable, type GatehouseError } from '../../errors.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { fixerSentence } from '../../pages/error-page.tsx'
import type { PageError } from '../../pages/form.tsx'

export function formError(error: GatehouseError): PageError {
  const { title, text } = errorTextOf(error)
  return { title, text: [text, fixerSentence(errorTable[error.code].fixer)].filter(Boolean).join(' ') }
}
