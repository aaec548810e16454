/**
 * The tenant, user or trace that the request of an administrator is about. An admin reaches their
 * own tenant, an operator every tenant. Everything else is not found, whether it exists or not, and
 * is recorded (SE-09, AD-01).
 */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import { truncate } from '../../primitives/untrusted-text.ts'
import { type AuditPorts, deploymentTenant, recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { Session } from '../session/session.ts'
import { normalizeReference, type Trace } from '../trace.ts'
import type { Role } from './permission.ts'

export interface Administrator {
  readonly session: Session
  /** The roles that `authorize` returned. */
  readonly roles: readonly Role[]
}

/** Served by this process before. */
export interface KnownAdministrator extends Administrator {
  /** `User.epoch` then: a later one means that all sessions were ended. */
  readonly epoch: number
}

export type TargetPorts = AuditPorts & Ports<'connections' | 'users'>

/** Their own if they name none. Throws `not_found`. */
export async function targetTenant(ports: TargetPorts, by: Administrator, tenant?: string): Promise<string> {
  if (tenant === undefined) return by.session.tenant
  const exists = ports.connections.findTenant(tenant) !== undefined
  if (exists && reaches(by, tenant)) return tenant
  return refuse(ports, by, 'tenant', tenant)
}

/**
 * Of a list of stored records. An operator may also name a tenant that was removed from the
 * configuration. Throws `not_found`.
 */
export async function recordedTenant(ports: TargetPorts, by: Administrator, tenant?: string): Promise<string> {
  const isRemoved = tenant !== undefined && by.roles.includes('operator') && (await wasRemoved(ports, tenant))
  return isRemoved ? tenant : targetTenant(ports, by, tenant)
}

async function wasRemoved({ audit, connections, users }: TargetPorts, tenant: string): Promise<boolean> {
  if (tenant === deploymentTenant || connections.findTenant(tenant) !== undefined) return false
  return (await users.count(tenant, 1)) > 0 || (await audit.recent({ tenant, limit: 1 })).length > 0
}

/** Throws `not_found`. */
export async function targetUser(ports: TargetPorts, by: Administrator, id: string): Promise<User> {
  const user = await ports.users.findById(id)
  return user !== null && reaches(by, user.tenant) ? user : refuse(ports, by, 'user', id)
}

/** The trace of a sign-in by its reference, in any form that people type. Throws `not_found`. */
export async function targetTrace(
  ports: TargetPorts & Ports<'traces'>,
  by: Administrator,
  reference: string,
): Promise<Trace> {
  const trace = await ports.traces.find(normalizeReference(reference))
  return trace !== null && reaches(by, trace.tenant) ? trace : refuse(ports, by, 'trace', reference)
}

/** An app of gatehouse.yaml is of the deployment: only operators reach it. Throws `not_found`. */
export async function targetApp(
  ports: TargetPorts & Ports<'appRegistry' | 'apps'>,
  by: Administrator,
  id: string,
): Promise<App> {
  const app = ports.appRegistry.declared.get(id) ?? (await ports.apps.find(id))
  const canAccess = app?.owner === undefined ? by.roles.includes('operator') : reaches(by, app.owner.tenant)
  return app !== null && canAccess ? app : refuse(ports, by, 'app', id)
}

/** A role that the administrator could not assign is out of their reach, and the user with it. */
export async function assertReachableRoles(
  ports: TargetPorts & Ports<'roleAssignments'>,
  by: Administrator,
  { tenant, id }: User,
): Promise<void> {
  const assigned = await ports.roleAssignments.ofUser(tenant, id)
  if (assigned.some(({ role }) => role === 'operator') && !by.roles.includes('operator'))
    await refuse(ports, by, 'user', id)
}

/** Whether a user of one tenant with these roles reaches another. */
export const reachesTenant = (own: string, roles: readonly Role[], tenant: string): boolean =>
  tenant === own || roles.includes('operator')

export const reaches = ({ session, roles }: Administrator, tenant: string): boolean =>
  reachesTenant(session.tenant, roles, tenant)

async function refuse(
  ports: TargetPorts,
  { session: { tenant, userId } }: Administrator,
  what: 'tenant' | 'user' | 'trace' | 'app',
  id: string,
): Promise<never> {
  const details = { [what]: truncate(id) }
  await recordAudit(ports, { tenant, action: 'access.refused', actor: userId, target: userId, details })
  throw new GatehouseError('not_found', `no such ${what} that the caller may reach`, {
    text: `There is no such ${what}.`,
  })
}
