/** Reads the notice in a page's query: a word of a table, never text. */
import type { Request } from 'express'
import { pageNumber, queryOf, textField } from '../../http/fields.ts'

export type Notices = Readonly<Record<string, string>>

/** Undefined for an unknown word. */
export function readNotice(request: Request, notices: Notices): string | undefined {
  const word = textField(queryOf(request), 'notice', 32) ?? ''
  return Object.hasOwn(notices, word) ? notices[word] : undefined
}

/** Page number and notice of a list. */
export function readListQuery(request: Request, notices: Notices) {
  return { notice: readNotice(request, notices), pageNumber: pageNumber(queryOf(request), 'page') }
}
