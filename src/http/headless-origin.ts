/**
 * Headless use: which pages of other origins may use the session cookie at the API (SE-07). Pure.
 */
import type { Tenant } from '../tenant.ts'
import { type FromHeaders, isFromOtherSite, isSameOrigin, mayWriteWithCookie } from './same-origin.ts'

/**
 * `own`: our own page; `same-site`, `cross-site`: a page of the tenant's `returnOrigins`;
 * `cross-site refused`: the same on another site, where the tenant allows no cookie; `unlisted`:
 * any other origin, or none.
 */
export type PageOrigin = 'own' | 'same-site' | 'cross-site' | 'cross-site refused' | 'unlisted'

type OriginPolicy = Pick<Tenant, 'returnOrigins' | 'sessions'>

export function pageOriginOf(headers: FromHeaders, publicUrl: URL, tenant: OriginPolicy): PageOrigin {
  if (isSameOrigin(headers, publicUrl)) return 'own'
  if (!mayWriteWithCookie(headers, { publicUrl, returnOrigins: tenant.returnOrigins })) return 'unlisted'
  if (!isFromOtherSite(headers, publicUrl)) return 'same-site'
  return tenant.sessions.crossSite === true ? 'cross-site' : 'cross-site refused'
}

/** Whether pages of this origin get credentialed CORS: a preflight names no tenant (OP-54). */
export function isHeadlessOrigin(tenants: Iterable<Pick<Tenant, 'returnOrigins'>>, origin: string | undefined) {
  if (origin === undefined) return false
  for (const { returnOrigins } of tenants) if (returnOrigins.includes(origin)) return true
  return false
}
