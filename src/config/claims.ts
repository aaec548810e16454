/**
 * Checks across files: domains belong to one tenant, and the tenants that are named exist.
 * They read the raw values, so a fault elsewhere in a file hides none of these.
 */
import { basename } from 'node:path'
import { Secret } from '../crypto/secret.ts'
import type { Deployment } from './deployment/deployment.ts'
import { suggestion } from './schema/closest-word.ts'
import { tenantId } from './schema/ids.ts'
import { domain } from './schema/text.ts'
import { isGiven, isMap, note, quoted, report, type Source, warn } from './source/source.ts'
import { connectionEntries } from './tenant/connection.ts'

/** A tenant's file is called after its id. */
export const tenantIdOf = ({ file }: Source) => basename(file, '.yaml')

/** Only connections of one tenant may list the same domain. */
export function checkDomains(sources: readonly Source[]): void {
  const owners = new Map<string, { readonly tenant: string; readonly at: string }>()
  for (const source of sources)
    for (const { path, claimed } of claimedDomains(source)) {
      const { line, column } = source.placeOf(path)
      const tenant = tenantIdOf(source)
      const owner = owners.get(claimed)
      if (owner === undefined) owners.set(claimed, { tenant, at: `${source.file}:${line}:${column}` })
      else if (owner.tenant !== tenant)
        report(
          source,
          path,
          `${claimed} is claimed by the tenant ${owner.tenant} too, at ${owner.at}: a domain belongs to one tenant`,
        )
    }
}

/** Each once a connection, at its first place. */
function claimedDomains(source: Source) {
  return connectionEntries(source).flatMap(([id, given]) => {
    const claims = listIn(given, 'domains').flatMap((item, index) => {
      const read = domain.safeParse(item)
      const isKnown = source.originOf(['connections', id, 'domains', index]) !== 'spoiled'
      return read.success && isKnown ? [{ path: ['connections', id, 'domains', index], claimed: read.data }] : []
    })
    return claims.filter(({ claimed }, index) => claims.findIndex((one) => one.claimed === claimed) === index)
  })
}

export function checkDefaultTenant(source: Source, given: Deployment['defaultTenant'], ids: readonly string[]): void {
  if (given !== undefined && !ids.includes(given))
    report(
      source,
      ['defaultTenant'],
      `there is no tenant ${quoted(source, ['defaultTenant'], given)}; ${suggestion(given, ids)}`,
    )
}

export function checkAppTenants(source: Source, ids: readonly string[]): void {
  for (const [id, app] of Object.entries(mapIn(source.value, 'apps')))
    for (const [index, tenant] of listIn(app, 'tenants').entries())
      if (tenantId.safeParse(tenant).success && !ids.includes(String(tenant)))
        report(
          source,
          ['apps', id, 'tenants', index],
          `there is no tenant ${quoted(source, ['apps', id, 'tenants', index], String(tenant))}; ${suggestion(String(tenant), ids.slice(0, 20))}`,
        )
}

export function checkVariableTenants(source: Source, ids: readonly string[]): void {
  for (const tenant of Object.keys(mapIn(source.value, 'tenantVariables')))
    if (tenantId.safeParse(tenant).success && !ids.includes(tenant))
      report(source, ['tenantVariables', tenant], `there is no tenant ${tenant}; ${suggestion(tenant, ids)}`)
}

/** An API whose tokens may be for users of a tenant that is not there. */
export function checkApiTenants(source: Source, ids: readonly string[]): void {
  for (const [index, api] of listIn(source.value, 'apis').entries())
    for (const [at, tenant] of listIn(api, 'tenants').entries())
      if (tenantId.safeParse(tenant).success && !ids.includes(String(tenant)))
        report(
          source,
          ['apis', index, 'tenants', at],
          `there is no tenant ${quoted(source, ['apis', index, 'tenants', at], String(tenant))}; ${suggestion(String(tenant), ids.slice(0, 20))}`,
        )
}

/** Notes APIs whose default `requestableBy` excludes apps of developers. */
export function noteUnavailableApis(source: Source, tenants: readonly Source[]): void {
  const open = tenants.filter(({ value }) => isMap(value) && (value['developers'] ?? 'none') !== 'none').map(tenantIdOf)
  if (tenants.length < 2 || open.length === 0) return
  for (const [index, api] of listIn(source.value, 'apis').entries())
    if (isMap(api) && api['requestableBy'] === undefined && !Array.isArray(api['tenants']))
      note(
        source,
        ['apis', index],
        `apps registered by developers (of ${open.join(', ')}) cannot request its scopes, because it serves users of all tenants. List the tenants it belongs to in tenants, or set requestableBy to everyone or to the ids of apps.`,
      )
}

export function warnAboutMissingMail(
  source: Source,
  mail: { readonly smtp?: unknown; readonly directory?: unknown } | undefined,
  tenants: readonly Source[],
): void {
  if (mail?.smtp instanceof Secret) warnAboutSmtpPort(source, mail.smtp)
  if (mail === undefined || mail.smtp !== undefined || mail.directory !== undefined) return
  const needing = tenants.find((tenant) => connectionEntries(tenant).some(isPassword))
  if (needing !== undefined)
    warn(
      source,
      isGiven(source, 'mail') ? ['mail'] : [],
      `mails for sign-up and password resets go nowhere, and the tenant ${tenantIdOf(needing)} has passwords: give mail.smtp, or mail.directory for development`,
    )
}

/** Port 465 begins with TLS, port 587 goes over to it (RFC 8314 section 3.3). */
function warnAboutSmtpPort(source: Source, smtp: Secret): void {
  const { protocol, port } = new URL(smtp.reveal())
  if (protocol === 'smtps:' && (port === '587' || port === '25'))
    warn(
      source,
      ['mail', 'smtp'],
      `smtps:// begins with TLS, which servers expect at port 465: for ${port} use smtp://`,
    )
  if (protocol === 'smtp:' && port === '465') warn(source, ['mail', 'smtp'], 'port 465 begins with TLS: use smtps://')
}

function isPassword([id, given]: readonly [id: string, given: unknown]): boolean {
  const kind = isMap(given) ? given['kind'] : undefined
  return (kind ?? id) === 'password'
}

function mapIn(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const found = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return isMap(found) ? found : {}
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}
