/** Checks across files, on raw values: a fault elsewhere in a file hides none of these. */
import { basename } from 'node:path'
import { Secret } from '../crypto/secret.ts'
import { suggestion } from './schema/closest-word.ts'
import { tenantId } from './schema/ids.ts'
import { domain } from './schema/text.ts'
import type { Path } from './source/fault.ts'
import { isMap, note, quoted, report, type Source, valueAt, valuesAt, warn } from './source/source.ts'

/** A tenant's file is called after its id. */
export const tenantIdOf = ({ file }: Source) => basename(file, '.yaml')

/** Reports a domain that connections of several tenants list. */
export function checkDomains(sources: readonly Source[]): void {
  const owners = new Map<string, { readonly tenant: string; readonly at: string }>()
  for (const source of sources)
    for (const { path, claimed } of claimedDomains(source)) {
      const { line, column } = source.placeOf(path)
      const tenant = tenantIdOf(source)
      const owner = owners.get(claimed)
      if (owner === undefined) owners.set(claimed, { tenant, at: `${source.file}:${line}:${column}` })
      else if (owner.tenant !== tenant) {
        const other = `the tenant ${owner.tenant} too, at ${owner.at}`
        report(source, path, `${claimed} is claimed by ${other}: a domain belongs to one tenant`)
      }
    }
}

/** Each once a connection, at its first place. */
function claimedDomains(source: Source) {
  const claims = valuesAt(source, 'connections', '*', 'domains', '[]').flatMap(([path, item]) => {
    const read = domain.safeParse(item)
    return read.success && source.originOf(path) !== 'spoiled'
      ? [{ path, connection: path[1], claimed: read.data }]
      : []
  })
  return claims.filter(
    ({ connection, claimed }, index) =>
      claims.findIndex((one) => one.connection === connection && one.claimed === claimed) === index,
  )
}

/** Places where gatehouse.yaml names tenants, and how many known ones a message lists. */
const tenantReferences: readonly { readonly at: readonly string[]; readonly max?: number }[] = [
  { at: ['defaultTenant'] },
  { at: ['apps', '*', 'tenants', '[]'], max: 20 },
  { at: ['apis', '[]', 'tenants', '[]'], max: 20 },
]

export function checkTenantNames(source: Source, ids: readonly string[]): void {
  const check = (path: Path, name: unknown, max = Number.POSITIVE_INFINITY) => {
    const { data: id } = tenantId.safeParse(name)
    if (id !== undefined && !ids.includes(id))
      report(source, path, `there is no tenant ${quoted(source, path, id)}; ${suggestion(id, ids.slice(0, max))}`)
  }
  for (const { at, max } of tenantReferences) for (const [path, name] of valuesAt(source, ...at)) check(path, name, max)
  for (const [path] of valuesAt(source, 'tenantVariables', '*')) check(path, path[1])
}

/** Notes APIs whose default `requestableBy` excludes apps of developers. */
export function noteUnavailableApis(source: Source, tenants: readonly Source[]): void {
  const open = tenants.filter((tenant) => !isEmpty(valueAt(tenant, 'access', 'developer'))).map(tenantIdOf)
  if (tenants.length < 2 || open.length === 0) return
  const message = `apps registered by developers (of ${open.join(', ')}) cannot request its scopes, because it serves users of all tenants. List the tenants it belongs to in tenants, or set requestableBy to everyone or to the IDs of apps.`
  for (const [path, api] of valuesAt(source, 'apis', '[]'))
    if (isMap(api) && api['requestableBy'] === undefined && !Array.isArray(api['tenants'])) note(source, path, message)
}

const isEmpty = (developers: unknown) =>
  developers === undefined || developers === 'none' || (Array.isArray(developers) && developers.length === 0)

export function warnAboutMissingMail(
  source: Source,
  mail: { readonly smtp?: unknown; readonly directory?: unknown } | undefined,
  tenants: readonly Source[],
): void {
  if (mail?.smtp instanceof Secret) warnAboutSmtpPort(source, mail.smtp)
  if (mail === undefined || mail.smtp !== undefined || mail.directory !== undefined) return
  const needing = tenants.find((tenant) => valuesAt(tenant, 'connections', '*').some(needsMail))
  if (needing === undefined) return
  const what = `emails for sign-in, sign-up and password resets go nowhere, and the tenant ${tenantIdOf(needing)} needs them`
  const path = valueAt(source, 'mail') === undefined ? [] : ['mail']
  warn(source, path, `${what}: give mail.smtp, or mail.directory for development`)
}

/** Port 465 begins with TLS, port 587 goes over to it (RFC 8314 section 3.3). */
function warnAboutSmtpPort(source: Source, smtp: Secret): void {
  const { protocol, port } = new URL(smtp.reveal())
  const path = ['mail', 'smtp']
  if (protocol === 'smtps:' && (port === '587' || port === '25'))
    warn(source, path, `smtps:// begins with TLS, which servers expect at port 465: for ${port} use smtp://`)
  if (protocol === 'smtp:' && port === '465') warn(source, path, 'port 465 begins with TLS: use smtps://')
}

function needsMail([path, given]: readonly [Path, unknown]): boolean {
  const kind = isMap(given) ? given['kind'] : undefined
  return ['password', 'email'].includes(String(kind ?? path[1]))
}
