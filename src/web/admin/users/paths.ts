import { withQuery } from '../../../http/destination.ts'
import { sections } from '../sections.ts'

export const usersPath = sections.users.path
export const serviceAccountsPath = `${usersPath}/service-accounts`

export const userPath = (id: string) => `${usersPath}/${encodeURIComponent(id)}`

/** A confirm page. @param item id of the session, token, app or role, if the action is about one */
export const userActionPath = (id: string, action: string, item = '') =>
  `${userPath(id)}/${action.replace(':item', encodeURIComponent(item))}`

export const auditHref = (user: { readonly id: string; readonly tenant: string }) =>
  withQuery(sections.audit.path, { tenant: user.tenant, user: user.id })
