/** The users that `ssoOnly` affects: those of its domains with another sign-in method (R1). */
import { domainOf } from '../../../profile/profile.ts'
import { passkeyConnection, type Tenant } from '../../../tenant.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User, UserIdentity } from '../../ports/users.ts'
import { type EndSessionPorts, revokeAllAccess } from '../../session/end-session.ts'
import { knownEmails } from './assert-sso.ts'
import { decideSso, ssoConnections } from './decide-sso.ts'

export interface DomainReport {
  readonly domain: string
  /** Connections that serve it. */
  readonly connections: readonly string[]
  /** Known by an address of the domain, whatever their status. */
  readonly users: number
  /** Bound users with at least one sign-in method that stops working. */
  readonly affected: readonly User[]
  /** How many users lose a method of each connection, such as a password, and `passkey`. */
  readonly methods: ReadonlyMap<string, number>
  /** Number of bound users who have never signed in by a connection that serves the domain. */
  readonly newToConnection: number
}

export interface BreakGlassReport {
  readonly email: string
  /** Undefined: ready to use. */
  readonly fault: string | undefined
}

export interface SsoReport {
  readonly domains: readonly DomainReport[]
  readonly breakGlass: readonly BreakGlassReport[]
}

const pageSize = 500

/**
 * Reports the users that `ssoOnly` with these domains binds. Reads all users of the tenant by
 * pages.
 */
export async function reportSso(
  ports: Ports<'authenticators' | 'passwords' | 'users'>,
  tenant: Tenant,
  domains: readonly string[],
): Promise<SsoReport> {
  const except = tenant.ssoOnly?.except ?? []
  const reports = domains.map((domain) => openReport(tenant, domain, except))
  for await (const known of knownUsers(ports, tenant.id)) for (const report of reports) report.add(known)
  const breakGlass = await Promise.all(except.map((email) => breakGlassReport(ports, tenant, email)))
  return { domains: reports.map(({ result }) => result()), breakGlass }
}

interface KnownUser {
  readonly user: User
  readonly identities: readonly UserIdentity[]
  readonly hasPasskey: boolean
}

async function* knownUsers(
  { authenticators, users }: Ports<'authenticators' | 'users'>,
  tenant: string,
): AsyncGenerator<KnownUser> {
  let after: string | undefined
  for (;;) {
    const page = await users.search({ tenant, kind: 'person', after, limit: pageSize })
    const ids = page.map(({ id }) => id)
    const identities = await users.identitiesOfAll(tenant, ids)
    const passkeyUsers = await authenticators.passkeyUsersOf(tenant, ids)
    for (const user of page)
      yield { user, identities: identities.get(user.id) ?? [], hasPasskey: passkeyUsers.has(user.id) }
    if (page.length < pageSize) return
    after = ids.at(-1)
  }
}

function openReport(tenant: Tenant, domain: string, except: readonly string[]) {
  const bound = { ...tenant, ssoOnly: { domains: [domain], except } }
  const connections = ssoConnections(tenant, domain).map(({ id }) => id)
  const methods = new Map<string, number>()
  const affected: User[] = []
  let users = 0
  let newToConnection = 0
  return {
    add(known: KnownUser): void {
      const { user, identities } = known
      const emails = knownEmails(user, identities)
      if (!emails.some((email) => domainOf(email) === domain)) return
      users += 1
      const lost = lostMethods(bound, known, emails)
      for (const connection of lost) methods.set(connection, (methods.get(connection) ?? 0) + 1)
      if (lost.length > 0) affected.push(user)
      if (!identities.some(({ connection }) => connections.includes(connection))) newToConnection += 1
    },
    result: (): DomainReport => ({ domain, connections, users, affected, methods, newToConnection }),
  }
}

/** Connections of the user's methods that `ssoOnly` refuses, and `passkey`. */
function lostMethods(
  tenant: Tenant,
  { user, identities, hasPasskey }: KnownUser,
  emails: readonly string[],
): readonly string[] {
  const proven = user.emailProven && user.profile.email !== undefined ? [user.profile.email.address] : []
  const methods = [
    ...identities.map(({ connection, profile }) => ({ connection, asserted: profile.email?.address })),
    ...(hasPasskey ? [{ connection: passkeyConnection, asserted: undefined }] : []),
  ]
  const lost = methods.filter((method) => decideSso(tenant, { ...method, emails, proven }).outcome === 'refused')
  return [...new Set(lost.map(({ connection }) => connection))]
}

async function breakGlassReport(
  ports: Ports<'passwords' | 'users'>,
  { id }: Tenant,
  email: string,
): Promise<BreakGlassReport> {
  const [user] = await ports.users.findByProvenEmail(id, email)
  if (user === undefined) return { email, fault: 'no user has proven this address' }
  if (user.status !== 'active') return { email, fault: `its user is ${user.status}` }
  const hasPassword = (await ports.passwords.find(id, email)) !== null
  return { email, fault: hasPassword ? undefined : 'its user has no password' }
}

/** Ends all sessions and app access of the affected users. Returns how many sessions ended. */
export async function endAffectedSessions(
  ports: EndSessionPorts,
  { domains }: SsoReport,
  actor: string,
): Promise<number> {
  const affected = new Map(domains.flatMap((report) => report.affected.map((user) => [user.id, user] as const)))
  let total = 0
  for (const { id, tenant } of affected.values()) {
    const ended = await revokeAllAccess(ports, { tenant, userId: id })
    total += ended
    const details = { sessions: `${ended}`, reason: 'ssoOnly' }
    await recordAudit(ports, { tenant, action: 'session.ended', actor, target: id, details })
  }
  return total
}
