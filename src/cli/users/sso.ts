/** `gatehouse sso affected`. */
import {
  type DomainReport,
  endAffectedSessions,
  reportSso,
  type SsoReport,
} from '../../broker/access/sso/affected-users.ts'
import { ssoConnections } from '../../broker/access/sso/decide-sso.ts'
import { canonicalDomain } from '../../profile/email-address.ts'
import type { Tenant } from '../../tenant.ts'
import { jsonText, requireKnown, withMigratedCore } from '../open.ts'

/** Works before `ssoOnly` is set, to see what it would do. Exit code 1 if there is a fault. */
export const showAffected = withMigratedCore(async ({ parts, tenants }, { words, json, 'end-sessions': end }) => {
  const tenant = requireKnown('tenant', words[0], [...tenants.values()])
  const domains = domainsOf(tenant, words[1])
  if (end && !domains.every((domain) => tenant.ssoOnly?.domains.includes(domain)))
    throw new Error(`list ${domains.join(', ')} in ssoOnly of ${tenant.id}.yaml first: the users could sign in again`)
  const report = await reportSso(parts, tenant, domains)
  const ended = end ? await endAffectedSessions(parts, report, 'cli') : undefined
  const code = faultsOf(tenant, report).length === 0 ? 0 : 1
  return { text: json ? jsonText(viewOf(tenant, report, ended)) : textOf(tenant, report, ended), code }
})

function domainsOf(tenant: Tenant, given: string | undefined): readonly string[] {
  const domain = given === undefined ? undefined : canonicalDomain(given)
  if (domain === null) throw new Error(`${given} is not a domain such as acme.com`)
  if (domain !== undefined) return [domain]
  const claimed = [...new Set(tenant.connections.flatMap(({ domains }) => domains))]
  const domains = tenant.ssoOnly?.domains ?? claimed.filter((each) => ssoConnections(tenant, each).length > 0)
  if (domains.length > 0) return domains
  throw new Error(`no connection of ${tenant.id} serves an email domain: list it in domains of the connection`)
}

function faultsOf({ ssoOnly }: Tenant, { domains, breakGlass }: SsoReport): readonly string[] {
  const unserved = domains.filter(({ connections }) => connections.length === 0)
  return [
    ...unserved.map(({ domain }) => `no connection serves ${domain}: its users could not sign in`),
    ...breakGlass.flatMap(({ email, fault }) => (fault === undefined ? [] : [`break-glass ${email}: ${fault}`])),
    ...(ssoOnly !== undefined && ssoOnly.except.length === 0
      ? ['no break-glass user is listed in ssoOnly.except']
      : []),
  ]
}

function textOf(tenant: Tenant, report: SsoReport, ended: number | undefined): string {
  const lines = report.domains.flatMap((domain) => domainText(tenant, domain))
  const ready = report.breakGlass.filter(({ fault }) => fault === undefined)
  return [
    ...lines,
    ...ready.map(({ email }) => `break-glass ${email}: ready`),
    ...faultsOf(tenant, report).map((fault) => `warning: ${fault}`),
    ...(ended === undefined ? [] : [`sessions ended: ${ended}`]),
  ].join('\n')
}

function domainText({ ssoOnly }: Tenant, report: DomainReport): readonly string[] {
  const { domain, connections, users, affected, methods, newToConnection } = report
  const state = ssoOnly?.domains.includes(domain) ? 'is ssoOnly' : 'is not ssoOnly'
  const lost = [...methods].map(([connection, count]) => `${connection}: ${count}`).join(', ')
  return [
    `${domain} ${state}; served by ${connections.join(', ') || 'no connection'}`,
    `  users: ${users}`,
    `  users with another sign-in method, which is refused: ${affected.length}${lost === '' ? '' : ` (${lost})`}`,
    `  users who never signed in by ${connections.join(' or ') || 'it'}: ${newToConnection}`,
  ]
}

function viewOf(tenant: Tenant, report: SsoReport, ended: number | undefined) {
  const domains = report.domains.map(({ affected, methods, ...rest }) => ({
    ...rest,
    affected: affected.length,
    methods: Object.fromEntries(methods),
  }))
  return { domains, breakGlass: report.breakGlass, faults: faultsOf(tenant, report), endedSessions: ended }
}
