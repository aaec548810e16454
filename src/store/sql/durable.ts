/** The durable store on any SQL database. */
import { sql } from 'kysely'
import type { DurableStore } from '../../broker/ports/durable.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqlApiTokens } from './api-tokens.ts'
import { sqlAppSignIns } from './apps/app-sign-ins.ts'
import { sqlApps } from './apps/apps.ts'
import { sqlConsents } from './apps/consents.ts'
import { sqlDeveloperSecrets } from './apps/developer-secrets.ts'
import { sqlAudit } from './audit.ts'
import { sqlDomainChecks } from './domain-checks.ts'
import type { DurableParts } from './lazy-store.ts'
import { sqlPasswords } from './passwords.ts'
import { sqlExpiryAlerts, sqlPublishedStates } from './published-states.ts'
import { sqlLogouts, sqlOutbox } from './queue.ts'
import { sqlRoleAssignments } from './role-assignments.ts'
import type { Sql } from './schema.ts'
import { sqlSignInStatistics } from './sign-ins/statistics.ts'
import { sqlSigningKeys } from './signing-keys.ts'
import { sqlTraces } from './traces.ts'
import { sqlTrustedMetadata } from './trusted-metadata.ts'
import { sqlAuthenticators, sqlRecoveryCodes, sqlRememberedDevices } from './users/authenticators.ts'
import { sqlRecoveries, sqlUndoLinks } from './users/recoveries.ts'
import { sqlUpstreamGrants } from './users/upstream-grants.ts'
import { sqlUserDeletions } from './users/user-deletions.ts'
import { sqlUsers } from './users/users.ts'

type Method = (...given: unknown[]) => Promise<unknown>

/** Every method fails with `store_unavailable` within the store's time limit. */
export function durableParts(on: Sql, keyRing: KeyRing): DurableParts {
  function limited<Part extends object>(part: Part): Part {
    const methods = Object.entries(part).map(([name, method]: [string, Method]) => {
      const limitedMethod: Method = (...given) => on.withStoreTimeout(() => method(...given))
      return [name, limitedMethod]
    })
    return Object.fromEntries(methods)
  }
  return {
    users: limited(sqlUsers(on)),
    passwords: limited(sqlPasswords(on)),
    traces: limited(sqlTraces(on)),
    audit: limited(sqlAudit(on)),
    outbox: limited(sqlOutbox(on, keyRing)),
    domainChecks: limited(sqlDomainChecks(on)),
    trustedMetadata: limited(sqlTrustedMetadata(on)),
    apiTokens: limited(sqlApiTokens(on)),
    apps: limited(sqlApps(on)),
    developerSecrets: limited(sqlDeveloperSecrets(on)),
    appSignIns: limited(sqlAppSignIns(on)),
    signInStatistics: limited(sqlSignInStatistics(on)),
    consents: limited(sqlConsents(on)),
    roleAssignments: limited(sqlRoleAssignments(on)),
    signingKeys: limited(sqlSigningKeys(on)),
    logouts: limited(sqlLogouts(on, keyRing)),
    publishedStates: limited(sqlPublishedStates(on)),
    expiryAlerts: limited(sqlExpiryAlerts(on)),
    authenticators: limited(sqlAuthenticators(on)),
    recoveryCodes: limited(sqlRecoveryCodes(on)),
    rememberedDevices: limited(sqlRememberedDevices(on)),
    recoveries: limited(sqlRecoveries(on)),
    undoLinks: limited(sqlUndoLinks(on)),
    upstreamGrants: limited(sqlUpstreamGrants(on, keyRing)),
    userDeletions: limited(sqlUserDeletions(on)),
  }
}

export function durableStore(on: Sql, keyRing: KeyRing, close: () => Promise<void>): DurableStore {
  const ping = () =>
    on.withStoreTimeout(async () => {
      await sql`select 1`.execute(on.db)
    })
  return { ...durableParts(on, keyRing), ping, close }
}
