/** Notices of `/account/sign-in-methods` about the last action. */
import type { Request } from 'express'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { withQuery } from '../../../http/destination.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import type { WithParts } from '../../shell.ts'
import { accountSections } from '../sections.ts'

const notices = {
  added: (name: string) => `${name} was added. You can now sign in with it.`,
  confirmed: (name: string) => `${name} is confirmed. You can sign in with it again.`,
  unlinked: (name: string) => `${name} was removed. You can add it again at any time.`,
  'unlinked-sessions': (name: string) =>
    `${name} was removed, and other sessions started with it ended. You can add it again at any time.`,
  canceled: (name: string) => `${name} was not added: the sign-in was canceled.`,
  unknown: () => 'That sign-in method was removed already.',
  last: () => "You can't remove your only sign-in method. Add another one first.",
  again: () => 'Confirmed. You can change your sign-in methods for the next ten minutes.',
} as const

export type MethodNotice = keyof typeof notices

const isNotice = (word: string): word is MethodNotice => Object.hasOwn(notices, word)

/** @param method id of a connection */
export const methodsHref = (notice?: MethodNotice, method?: string) =>
  withQuery(accountSections['sign-in-methods'].path, { notice, method })

export function readMethodNotice(request: Request) {
  const query = queryOf(request)
  return { notice: textField(query, 'notice', 32) ?? '', method: textField(query, 'method', 64) }
}

/** Names a connection of the tenant only: the query may hold any text. */
export function methodNoticeText(
  { parts: { connections } }: WithParts<'connections'>,
  tenant: string,
  { notice, method }: ReturnType<typeof readMethodNotice>,
): string | undefined {
  if (!isNotice(notice)) return undefined
  const isKnown = connections.tenant(tenant).connections.some(({ id }) => id === method)
  return notices[notice](
    isKnown && method !== undefined ? connectionLabel(connections, tenant, method) : 'The sign-in method',
  )
}
