/** Addresses of the setup page, which needs no sign-in, and of the forms that manage its link. */
import type { ConnectionKey } from '../../../../broker/connections.ts'
import { connectionHref, connectionPattern } from '../connections-query.ts'

export const setupPattern = '/t/:tenant/:connection/setup/:code'
export const setupLinkPattern = `${connectionPattern}/setup-link`

export const setupLinkPath = (key: ConnectionKey) => `${connectionHref(key)}/setup-link`
