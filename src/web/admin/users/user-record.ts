/** All that administrators see of one user, without any secret. */
import type { App } from '../../../app/app.ts'
import { grantedRoles } from '../../../broker/access/authorize.ts'
import { passwordIdentityOf } from '../../../broker/access/change-user.ts'
import type { GrantedRole } from '../../../broker/access/roles-of.ts'
import { disabledReason } from '../../../broker/apps/registry.ts'
import { type Factors, factorsOf } from '../../../broker/factors/factors-of.ts'
import type { AuditEvent } from '../../../broker/ports/audit.ts'
import type { DeveloperSecret } from '../../../broker/ports/developer-secrets.ts'
import type { RoleAssignment } from '../../../broker/ports/role-assignments.ts'
import type { User, UserIdentity } from '../../../broker/ports/users.ts'
import { isLiveSecret } from '../../../broker/secrets/client-secret.ts'
import type { Session } from '../../../broker/session/session.ts'
import { type ListedToken, listTokens } from '../../../broker/tokens/own-tokens.ts'
import type { Trace } from '../../../broker/trace.ts'
import type { AccountApp } from '../../account/apps/apps-page.tsx'
import { appsOf, type ConnectedAppsPorts } from '../../account/apps/connected-apps.ts'
import type { PartsOf, WithParts } from '../../shell.ts'

export type UserRecordPorts = ConnectedAppsPorts &
  PartsOf<typeof grantedRoles> &
  PartsOf<typeof listTokens> &
  PartsOf<typeof factorsOf> &
  WithParts<'apps' | 'audit' | 'developerSecrets' | 'traces' | 'userDeletions'>

export type SecretFacts = Pick<DeveloperSecret, 'id' | 'createdAt' | 'expiresAt' | 'lastUsedAt'>

export type OwnApp = Pick<App, 'id' | 'name'> & { readonly disabled: 'disabled' | 'owner blocked' | undefined }

export interface UserRecord {
  readonly user: User
  readonly identities: readonly UserIdentity[]
  readonly factors: Factors
  /** When the user is deleted, as they asked. */
  readonly deletionDueAt: Date | undefined
  /** Newest first. */
  readonly sessions: readonly Session[]
  /** Newest first. */
  readonly tokens: readonly ListedToken[]
  readonly secrets: readonly SecretFacts[]
  readonly connectedApps: readonly (AccountApp & { readonly scopes: readonly string[] })[]
  readonly ownApps: readonly OwnApp[]
  /** Current roles: none for a user who is not active. */
  readonly roles: readonly GrantedRole[]
  readonly assignments: readonly RoleAssignment[]
  /** The address of the password's emails; undefined without a password. */
  readonly passwordEmail: string | undefined
  /** The latest sign-ins. */
  readonly traces: readonly Trace[]
  /** The latest of the user as actor or target. */
  readonly events: readonly AuditEvent[]
}

/** The page links to the rest. */
const shownEvents = 10
const shownTraces = 5

export async function readUserRecord(shell: UserRecordPorts, user: User): Promise<UserRecord> {
  const { parts } = shell
  const { tenant, id } = user
  const owner = { tenant, userId: id }
  const [identities, factors, sessions, tokens, secretSet, connectedApps, deletion] = await Promise.all([
    parts.users.identitiesOf(tenant, id),
    factorsOf(parts, owner),
    parts.sessions.list(tenant, id),
    listTokens(parts, owner),
    parts.developerSecrets.ofUser(tenant, id),
    appsOf(shell, owner),
    parts.userDeletions.find(owner),
  ])
  const [apps, roles, assignments, password, events, traces] = await Promise.all([
    parts.apps.ownedBy(tenant, id),
    grantedRoles(parts, owner),
    parts.roleAssignments.ofUser(tenant, id),
    passwordIdentityOf(parts, user),
    parts.audit.recent({ tenant, user: id, limit: shownEvents }),
    parts.traces.search({ tenant, userId: id, limit: shownTraces }),
  ])
  const live = secretSet.secrets.filter((secret) => isLiveSecret(secret, parts.now()))
  const secrets = live.map(({ id, createdAt, expiresAt, lastUsedAt }) => ({ id, createdAt, expiresAt, lastUsedAt }))
  const ownApps = await Promise.all(
    apps.map(async (app) => ({ id: app.id, name: app.name, disabled: await disabledReason(parts, app) })),
  )
  const passwordEmail = password?.email
  return {
    user,
    identities,
    factors,
    deletionDueAt: deletion?.dueAt,
    sessions,
    tokens,
    secrets,
    connectedApps,
    ownApps,
    roles,
    assignments,
    passwordEmail,
    events,
    traces,
  }
}
