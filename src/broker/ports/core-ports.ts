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
import type { SignInCounts } from './app-sign-ins.ts'
import type { Audit } from './audit.ts'
import type { DurableStore } from './durable.ts'
import type { VolatileStore } from './volatile.ts'

interface Message {
  readonly to: string
  readonly tenantName: string
  readonly link: string
}

interface CodeMessage extends Message {
  readonly minutes: number
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

/** To the owner of an app that changed itself. */
export interface AppChangeMail extends Message {
  readonly appName: string
  readonly action: AppChangeAction
  /** Names of the changed settings. */
  readonly settings: readonly string[]
}

/** To the owner of a credential that was found in public. */
export interface LeakMail extends Message {
  /** Such as "API token (ci)". */
  readonly credential: string
  /** Where it was found, as reported. May be empty. */
  readonly url: string
}

export type ApiTokenEvent =
  | { readonly kind: 'created' | 'rotated' | 'expires soon' | 'old' }
  | { readonly kind: 'new network'; readonly address: string | undefined; readonly agent: string | undefined }

/** To the owner of an API token. */
export interface ApiTokenMail extends Message {
  readonly tokenName: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly event: ApiTokenEvent
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

/** Each method returns once the mail is queued. */
export interface Mailer {
  signUp(message: CodeMessage): Promise<void>
  alreadySignedUp(message: Message): Promise<void>
  reset(message: CodeMessage): Promise<void>
  passwordChanged(message: PasswordChangeMail): Promise<void>
  /** False if no mail server is configured. */
  methodAdded(message: MethodChangeMail): Promise<boolean>
  methodRemoved(message: MethodChangeMail): Promise<boolean>
  appChanged(message: AppChangeMail): Promise<boolean>
  credentialLeaked(message: LeakMail): Promise<boolean>
  apiToken(message: ApiTokenMail): Promise<boolean>
}

type Durable = Pick<
  DurableStore,
  | 'apiTokens'
  | 'apps'
  | 'consents'
  | 'developerSecrets'
  | 'logouts'
  | 'passwords'
  | 'roleAssignments'
  | 'signingKeys'
  | 'users'
>
type Volatile = Omit<VolatileStore, 'browsers' | 'close' | 'ping'>

export interface CorePorts extends Durable, Volatile {
  readonly audit: Audit
  readonly publicUrl: URL
  readonly connections: Connections
  /** Of the configuration and of developers; `apps` holds only the latter. */
  readonly appRegistry: AppRegistry
  readonly appKeys: AppKeys
  readonly appLogos: AppLogos
  readonly apis: readonly Api[]
  readonly keyRing: KeyRing
  /** Algorithms that apps may choose for ID tokens. */
  readonly signingAlgorithms: readonly SigningAlgorithm[]
  readonly mailer: Mailer
  /** What our store knows about a domain that a tenant claims. */
  readonly domainProof: (tenant: string, domain: string) => Promise<DomainProof>
  /** The last health result of this process; undefined until minutes after the start. */
  readonly connectionHealth: (tenant: string, connection: string) => TimedHealth | undefined
  readonly trace: TraceSink
  readonly signInCounts: SignInCounts
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
}

/** The ports that a module uses, by name. */
export type Ports<Name extends keyof CorePorts> = Pick<CorePorts, Name>
