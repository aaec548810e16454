import type { Apps } from './apps.ts'
import type { Artifacts } from './artifacts.ts'
import type { Audit } from './audit.ts'
import type { Browsers } from './browsers.ts'
import type { Consents } from './consents.ts'
import type { Counters } from './counters.ts'
import type { DomainChecks } from './domain-checks.ts'
import type { LogoutQueue } from './logout-queue.ts'
import type { Outbox } from './mail.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { Passwords } from './passwords.ts'
import type { SessionApps } from './session-apps.ts'
import type { Sessions } from './sessions.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { Traces } from './traces.ts'
import type { Transactions } from './transactions.ts'
import type { TrustedMetadataStore } from './trusted-metadata.ts'
import type { Users } from './users.ts'

export interface DurableStore {
  readonly users: Users
  readonly passwords: Passwords
  readonly traces: Traces
  readonly audit: Audit
  readonly outbox: Outbox
  readonly domainChecks: DomainChecks
  readonly trustedMetadata: TrustedMetadataStore
  readonly apps: Apps
  readonly consents: Consents
  readonly signingKeys: SigningKeys
  readonly logouts: LogoutQueue
  /** Throws `store_unavailable`. */
  ping(): Promise<void>
  close(): Promise<void>
}

export interface VolatileStore {
  readonly artifacts: Artifacts
  readonly sessionApps: SessionApps
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  readonly counters: Counters
  readonly browsers: Browsers
  ping(): Promise<void>
  close(): Promise<void>
}
