import type { Api } from '../app/app.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { SigningAlgorithm } from '../crypto/signing-algorithm.ts'
import type { AppLogos } from './apps/fetch-logo.ts'
import type { AppKeys } from './apps/jwks.ts'
import type { AppRegistry } from './apps/registry.ts'
import type { Connections } from './connections.ts'
import type { TimedHealth } from './health.ts'
import type { DomainProof } from './identity/domain-verification.ts'
import type {
  Apps,
  Artifacts,
  Audit,
  Consents,
  Counters,
  LogoutQueue,
  OneTimeCodes,
  Passwords,
  SessionApps,
  Sessions,
  SigningKeys,
  Transactions,
  Users,
} from './ports.ts'
import type { TraceSink } from './trace.ts'

/** What the core is made of; built once by main. */
export interface Parts {
  readonly publicUrl: URL
  readonly connections: Connections
  readonly users: Users
  readonly passwords: Passwords
  readonly audit: Audit
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  /** Those of developers; to find one, ask `appRegistry`. */
  readonly apps: Apps
  readonly appRegistry: AppRegistry
  /** The public keys of an app, those it publishes itself included. */
  readonly appKeys: AppKeys
  readonly appLogos: AppLogos
  readonly apis: readonly Api[]
  /** Seals the secrets the core keeps. */
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
  /** What is known of a domain that a tenant claims; asks nobody but our own store. */
  readonly domainProof: (tenant: string, domain: string) => Promise<DomainProof>
  /** How a connection was when this process last looked; undefined before the first look, minutes after the start. */
  readonly connectionHealth: (tenant: string, connection: string) => TimedHealth | undefined
  readonly trace: TraceSink
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
}

export interface MethodChangeMail {
  readonly to: string
  readonly tenantName: string
  /** The name of the sign-in method, such as "Okta". */
  readonly method: string
  /** The page where it can be removed. */
  readonly link: string
}

/** The mails the core asks for; each returns once the mail is safely queued. */
export interface Mailer {
  signUp(message: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly minutes: number
  }): Promise<void>
  alreadySignedUp(message: { readonly to: string; readonly tenantName: string; readonly link: string }): Promise<void>
  reset(message: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly minutes: number
  }): Promise<void>
  /** `suspended`: sign-in methods to be confirmed or removed at `accountLink`. */
  passwordChanged(message: {
    readonly to: string
    readonly tenantName: string
    readonly link: string
    readonly suspended: readonly string[]
    readonly accountLink: string
  }): Promise<void>
  /** False where no mail server is configured: nothing is queued. */
  methodAdded(message: MethodChangeMail): Promise<boolean>
  methodRemoved(message: MethodChangeMail): Promise<boolean>
}
