import type { Api } from '../../app/app.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'
import type { AppLogos } from '../apps/fetch-logo.ts'
import type { AppKeys } from '../apps/jwks.ts'
import type { AppRegistry } from '../apps/registry.ts'
import type { Connections } from '../connections.ts'
import type { PasskeySite } from '../factors/passkeys/passkey-site.ts'
import type { ConnectionExpiry } from '../health/expiries.ts'
import type { DomainProof } from '../identity/domain-verification.ts'
import type { UserKey } from '../session/session.ts'
import type { TraceSink } from '../trace.ts'
import type { SignInCounts } from './app-sign-ins.ts'
import type { Audit } from './audit.ts'
import type { DurableStore, Traces } from './durable.ts'
import type { KnownHealth, ProbeAsker, ProbedHealth } from './health.ts'
import type { SecurityNotice } from './security-events.ts'
import type { SignInStatistics, TraceSearch } from './sign-ins.ts'
import type { VolatileStore } from './volatile.ts'

interface Message {
  readonly to: string
  readonly tenantName: string
  /** Accent color of the tenant, as `#rrggbb`. */
  readonly color?: string
  readonly link: string
}

/** So that a user recognizes the own request. */
export interface RequestedMail {
  /** Such as "Firefox on Windows". */
  readonly device: string
  readonly at: Date
  readonly address?: string | undefined
}

/** The link works in the browser that asked only; none if an app asked. */
export interface SignInCodeMail extends Omit<Message, 'link'> {
  readonly link?: string
  readonly requested?: RequestedMail
  readonly code: string
  readonly minutes: number
}

interface CodeMessage extends Message {
  readonly minutes: number
  readonly requested?: RequestedMail
  /** Shown besides the link, for an app that asks for it. */
  readonly code?: string
}

export interface MethodChangeMail extends Message {
  /** Such as "Okta". */
  readonly method: string
}

export type AppChangeAction =
  | 'app.changed'
  | 'app.secret_created'
  | 'app.secret_revoked'
  | 'app.key_added'
  | 'app.key_removed'

/** Email to the owner of an app that changed its own registration. */
export interface AppChangeMail extends Message {
  readonly appName: string
  readonly action: AppChangeAction
  /** Names of the changed settings. */
  readonly settings: readonly string[]
}

/** Email to the owner of a credential that was found in public. */
export interface LeakMail extends Message {
  /** Such as "API token (ci)". */
  readonly credential: string
  /** URL of the place where the credential was found, as reported. May be empty. */
  readonly url: string
}

export type ApiTokenEvent =
  | { readonly kind: 'created' | 'rotated' | 'expires soon' | 'old' }
  | { readonly kind: 'new network'; readonly address: string | undefined; readonly agent: string | undefined }

/** Email to the owner of an API token. */
export interface ApiTokenMail extends Message {
  readonly tokenName: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly event: ApiTokenEvent
}

/**
 * Email to an admin of a tenant about a secret, certificate or metadata of a connection that
 * expires.
 */
export interface ExpiryMail extends Message {
  /** Label of the connection's button, or name of its brand. */
  readonly connection: string
  readonly connectionId: string
  readonly kind: ConnectionExpiry['kind']
  /** Place at the upstream where the secret is renewed, in its words. */
  readonly place: string | undefined
  readonly expiresAt: Date
  readonly now: Date
}

export interface PasswordChangeMail extends Message {
  /** Sign-in methods to be confirmed or removed at `accountLink`. */
  readonly suspended: readonly string[]
  readonly accountLink: string
  /** Names of API tokens to be confirmed or revoked at `developerLink`. */
  readonly suspendedTokens: readonly string[]
  /** Whether a client secret of the developer was revoked; `developerLink` has a new one. */
  readonly secretRevoked: boolean
  readonly developerLink: string
}

/** Each method returns once the email is queued. */
export interface Mailer {
  signUp(message: CodeMessage): Promise<void>
  alreadySignedUp(message: Message): Promise<void>
  reset(message: CodeMessage): Promise<void>
  verifyEmail(message: CodeMessage): Promise<void>
  signInCode(message: SignInCodeMail): Promise<void>
  passwordChanged(message: PasswordChangeMail): Promise<void>
  /** False if no mail server is configured. */
  methodAdded(message: MethodChangeMail): Promise<boolean>
  methodRemoved(message: MethodChangeMail): Promise<boolean>
  appChanged(message: AppChangeMail): Promise<boolean>
  credentialLeaked(message: LeakMail): Promise<boolean>
  apiToken(message: ApiTokenMail): Promise<boolean>
  /** See `notifyUser`. */
  securityNotice(message: SecurityNotice): Promise<boolean>
  /** All messages or none. */
  expiry(messages: readonly ExpiryMail[]): Promise<boolean>
}

type Durable = Pick<
  DurableStore,
  | 'apiTokens'
  | 'apps'
  | 'authenticators'
  | 'consents'
  | 'developerSecrets'
  | 'logouts'
  | 'passwords'
  | 'recoveries'
  | 'recoveryCodes'
  | 'rememberedDevices'
  | 'roleAssignments'
  | 'signingKeys'
  | 'undoLinks'
  | 'upstreamGrants'
  | 'userDeletions'
  | 'users'
>
type Volatile = Omit<VolatileStore, 'browsers' | 'close' | 'ping'>

export interface CorePorts extends Durable, Volatile {
  readonly audit: Audit
  readonly publicUrl: URL
  /** Undefined where passkeys cannot work: the public URL has an IP address. */
  readonly passkeySite: PasskeySite | undefined
  readonly connections: Connections
  /** Apps of the configuration and of developers; `apps` holds only the latter. */
  readonly appRegistry: AppRegistry
  readonly appKeys: AppKeys
  readonly appLogos: AppLogos
  readonly apis: readonly Api[]
  readonly keyRing: KeyRing
  /** Algorithms that apps may choose for ID tokens. */
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  readonly mailer: Mailer
  /** The stored proof of a domain that a tenant claims. */
  readonly domainProof: (tenant: string, domain: string) => Promise<DomainProof>
  /** Expiring secrets and certificates of all tenants or one. Throws `store_unavailable`. */
  readonly expiries: (tenant?: string) => Promise<readonly ConnectionExpiry[]>
  /** Health from memory, also while the store is down; undefined before the first probe. */
  readonly connectionHealth: (tenant: string, connection: string) => KnownHealth | undefined
  /**
   * Once in ten seconds, by a setup link once in a minute. Throws `connection_unknown`,
   * `too_many_attempts`.
   */
  readonly probeNow: (tenant: string, connection: string, by?: ProbeAsker) => Promise<ProbedHealth>
  /** A session or an API token of the user is in use, for re-checks. Reads and writes nothing. */
  readonly recordActivity: (user: UserKey, now: Date) => void
  readonly trace: TraceSink
  readonly traces: TraceSearch & Pick<Traces, 'find'>
  readonly signInCounts: SignInCounts
  readonly signInStatistics: SignInStatistics
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  /** Lets other work run: call it within work of thousands of steps. */
  readonly nextTurn: () => Promise<void>
}

/** The ports that a module uses, by name. */
export type Ports<Name extends keyof CorePorts> = Pick<CorePorts, Name>
