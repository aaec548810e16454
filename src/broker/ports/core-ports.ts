import type { Api } from '../../app/app.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'
import type { AppLogos } from '../apps/fetch-logo.ts'
import type { AppKeys } from '../apps/jwks.ts'
import type { AppRegistry } from '../apps/registry.ts'
import type { Connections } from '../connections.ts'
import type { TimedHealth } from '../health.ts'
import type { DomainProof } from '../identity/domain-verification.ts'
import type { TraceSink } from '../trace.ts'
import type { Apps } from './apps.ts'
import type { Artifacts } from './artifacts.ts'
import type { Audit } from './audit.ts'
import type { Consents } from './consents.ts'
import type { Counters } from './counters.ts'
import type { LogoutQueue } from './logout-queue.ts'
import type { Mailer } from './mail.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { Passwords } from './passwords.ts'
import type { SessionApps } from './session-apps.ts'
import type { Sessions } from './sessions.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { Transactions } from './transactions.ts'
import type { Users } from './users.ts'

/** The core's ports by name. A module takes `Pick<CorePorts, …>`: what it uses. */
export interface CorePorts {
  readonly publicUrl: URL
  readonly connections: Connections
  readonly users: Users
  readonly passwords: Passwords
  readonly audit: Audit
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  /** Apps of developers; to find any app, use `appRegistry`. */
  readonly apps: Apps
  readonly appRegistry: AppRegistry
  readonly appKeys: AppKeys
  readonly appLogos: AppLogos
  readonly apis: readonly Api[]
  readonly keyRing: KeyRing
  readonly consents: Consents
  readonly signingKeys: SigningKeys
  /** Algorithms that apps may choose for ID tokens. */
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  readonly logouts: LogoutQueue
  readonly artifacts: Artifacts
  readonly sessionApps: SessionApps
  readonly counters: Counters
  readonly mailer: Mailer
  /** What our store knows about a domain that a tenant claims. */
  readonly domainProof: (tenant: string, domain: string) => Promise<DomainProof>
  /** The last health result of this process; undefined until minutes after the start. */
  readonly connectionHealth: (tenant: string, connection: string) => TimedHealth | undefined
  readonly trace: TraceSink
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
}
