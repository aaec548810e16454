/** Addresses of the pages about sign-ins, and of what they link to. */
import { withQuery } from '../../../http/destination.ts'
import { adminPath } from '../sections.ts'

export const signInsPath = `${adminPath}/sign-ins`
export const sharedTracesPath = '/traces'

export const tracePath = (reference: string) => `${signInsPath}/${encodeURIComponent(reference)}`
export const linksPath = (reference: string) => `${tracePath(reference)}/links`
export const connectionPath = (tenant: string, connection: string) =>
  `${adminPath}/connections/${encodeURIComponent(tenant)}/${encodeURIComponent(connection)}`
export const userPath = (id: string) => `${adminPath}/users/${encodeURIComponent(id)}`
export const appPath = (id: string) => `${adminPath}/apps/${encodeURIComponent(id)}`

/** The list, as filtered. */
export const signInsHref = (query: Record<string, string | undefined>) => withQuery(signInsPath, query)

/** URL of a link that shows a trace. */
export const sharedUrl = ({ publicUrl }: { readonly publicUrl: URL }, code: string): string =>
  new URL(`${sharedTracesPath}/${code}`, publicUrl).href
