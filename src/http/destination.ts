/** The parameters that every sign-in page passes on until the session is opened. */
import type { Request } from 'express'
import type { Resume } from '../broker/ports/volatile.ts'
import { networkOf } from '../primitives/client-network.ts'
import { type Fields, textField } from './fields.ts'
import { requestOrigin } from './request-origin.ts'

export interface LoginParams {
  readonly tenant: string | undefined
  readonly returnTo: string
  /** One-time code of an identity to link after sign-in (broker/identity/linking.ts). */
  readonly link?: string
}

/** Destination without `return_to`. */
const home = '/account'

export function readLoginParams(fields: Fields): LoginParams {
  const link = textField(fields, 'link', 128)
  return {
    tenant: textField(fields, 'tenant', 64) || undefined,
    returnTo: textField(fields, 'return_to') ?? home,
    ...(link !== undefined && { link }),
  }
}

/** Fields of a form or a query, without defaults. */
export function toQuery({ tenant, returnTo, link }: LoginParams): Record<string, string> {
  return definedOnly({ tenant, return_to: returnTo === home ? undefined : returnTo, link })
}

export function definedOnly(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined))
}

export function loginParamsOf({ tenant, returnTo, link }: Resume): LoginParams {
  return { tenant, returnTo, ...(link !== undefined && { link }) }
}

export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const search = new URLSearchParams(definedOnly(query))
  return search.size === 0 ? path : `${path}?${search}`
}

/** The query of an address, with its `?`; empty without one. */
export function queryPart(url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start)
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

/** `login`: the user must enter credentials again, even with a session. */
export const promptOf = (fields: Fields): 'login' | undefined =>
  textField(fields, 'prompt') === 'login' ? 'login' : undefined

export function loginHref(params: LoginParams): string {
  return withQuery('/login', toQuery(params))
}

/** The client's network, for rate limits. */
export function sourceOf(request: Request): string {
  return networkOf(requestOrigin()?.address ?? request.ip ?? 'unknown')
}
