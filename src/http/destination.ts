/** Where someone is going: the part of a request that every page on the way to a session carries along. */
import type { Request } from 'express'
import type { Resume } from '../broker/ports/transactions.ts'
import { networkOf } from '../primitives/client-network.ts'
import { type Fields, textField } from './fields.ts'

export interface LoginParams {
  readonly tenant: string | undefined
  readonly returnTo: string
  /** One-time code of the identity that waits to be linked to who signs in (broker/identity/linking.ts). */
  readonly link?: string
}

/** Where a login ends when nobody said where: the signed-in page. */
const home = '/account'

export function readLoginParams(fields: Fields): LoginParams {
  const link = textField(fields, 'link', 128)
  return {
    tenant: textField(fields, 'tenant', 64),
    returnTo: textField(fields, 'return_to') ?? home,
    ...(link !== undefined && { link }),
  }
}

/** The same as fields of a form or of a query; what is the default is left out. */
export function toQuery(params: LoginParams): Record<string, string> {
  return {
    ...(params.tenant !== undefined && { tenant: params.tenant }),
    ...(params.returnTo !== home && { return_to: params.returnTo }),
    ...(params.link !== undefined && { link: params.link }),
  }
}

export function loginParamsOf({ tenant, returnTo, link }: Resume): LoginParams {
  return { tenant, returnTo, ...(link !== undefined && { link }) }
}

export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const search = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  return search.size === 0 ? path : `${path}?${search}`
}

/** @param prompt `login`: the upstream must ask for credentials again */
export function startHref(
  params: LoginParams & { readonly tenant: string },
  connection: string,
  loginHint?: string,
  prompt?: 'login',
): string {
  const { tenant: _, ...rest } = toQuery(params)
  return withQuery(`/t/${encodeURIComponent(params.tenant)}/${encodeURIComponent(connection)}/start`, {
    ...rest,
    login_hint: loginHint,
    prompt,
  })
}

/** Who comes with it is asked for credentials again, whatever connection they take and whoever is signed in. */
export const promptOf = (fields: Fields) => (textField(fields, 'prompt') === 'login' ? 'login' : undefined)

export function loginHref(params: LoginParams): string {
  return withQuery('/login', toQuery(params))
}

/** Where a request comes from, as limits count it. */
export function sourceOf(request: Request): string {
  return networkOf(request.ip ?? 'unknown')
}
