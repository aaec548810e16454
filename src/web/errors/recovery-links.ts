/** Links to continue after an error: from the tenant and the destination of the request. */
import type { Request } from 'express'
import type { GatehouseError } from '../../errors.ts'
import { type LoginParams, loginHref, readLoginParams, toQuery, withQuery } from '../../http/destination.ts'
import { type Fields, formOf, queryOf } from '../../http/fields.ts'
import type { ErrorPageProps } from '../../pages/error-page.tsx'
import type { Shell } from '../shell.ts'

export type RecoveryLinksPorts = Pick<Shell, 'tenants'>

export type Recovery = Pick<ErrorPageProps, 'links' | 'reference' | 'supportUrl'>

export function recoveryLinksFrom(shell: RecoveryLinksPorts, request: Request, error: GatehouseError): Recovery {
  const params = loginParamsFrom(shell, request, error)
  const signIn = { href: loginHref(params), label: 'Go to the sign-in page' }
  const requestPath = error.code === 'link_invalid' ? linkRequestPath(request.path) : undefined
  const newLink = requestPath && { href: withQuery(requestPath, toQuery(params)), label: 'Request a new link' }
  const supportUrl = shell.tenants.get(params.tenant ?? '')?.supportUrl
  return { links: newLink === undefined ? [signIn] : [newLink, signIn], supportUrl }
}

/** What was refused itself is left out: it would be refused again. */
function loginParamsFrom(shell: RecoveryLinksPorts, request: Request, error: GatehouseError): LoginParams {
  const fields = { ...usableFields(queryOf(request)), ...usableFields(formOf(request)) }
  const [, ofPath] = /^\/t\/([^/]+)\//.exec(request.path) ?? []
  const tenant = shell.tenants.get(ofPath ?? fields['tenant'] ?? '')?.id
  if (error.code === 'return_to_refused') return readLoginParams({ tenant })
  const { link, ...params } = readLoginParams({ ...fields, tenant })
  return error.code === 'link_invalid' || link === undefined ? params : { ...params, link }
}

const maxLengths = { tenant: 64, return_to: 2048, link: 128 } as const

/** The login parameters that are valid: the request may be refused for any of them. */
function usableFields(fields: Fields): Readonly<Record<string, string>> {
  const texts = Object.entries(maxLengths).flatMap(([name, max]) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    return typeof value === 'string' && value.length <= max ? [[name, value] as const] : []
  })
  return Object.fromEntries(texts)
}

/** The page that mails a link like the one at this path. */
function linkRequestPath(path: string): '/sign-up' | '/forgot' | undefined {
  const [, endpoint] = /^\/t\/[^/]+\/[^/]+\/(verify|reset)\/?$/.exec(path) ?? []
  if (endpoint === undefined) return undefined
  return endpoint === 'verify' ? '/sign-up' : '/forgot'
}
