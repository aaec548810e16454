/**
 * The provider contract. A provider is a kind (Okta, SAML); a connection is one configured upstream
 * of a tenant. A provider never sees a web request, never decides who may sign in, and
 * keeps no state except caches. The broker owns `state`, time, network and storage.
 */
import type { ZodType } from 'zod'
import type { Fixer } from '../errors.ts'
import type { Answer, Attributes, Challenge, Login, LoginStart, PresentedIdToken, ProviderProfile } from './login.ts'
import type { LogoutSupport } from './logout.ts'
import type { MailboxSupport, MailedCodes } from './mailbox.ts'
import type { IssuerTemplate, MetadataStore, MetadataSupport } from './metadata.ts'
import type { PasswordRecords, PasswordSupport } from './passwords.ts'
import type { Published } from './published.ts'
import type { RecheckSupport } from './recheck.ts'
import type { Setup } from './setup.ts'

export type * from './login.ts'
export type * from './logout.ts'
export type * from './mailbox.ts'
export type * from './metadata.ts'
export type * from './passwords.ts'
export type * from './published.ts'
export type * from './recheck.ts'
export type * from './setup.ts'

/** Everything outside the provider that a connection may use. */
export interface ConnectionContext {
  readonly tenant: string
  /** The connection's ID within the tenant. */
  readonly connection: string
  /** Our redirect URI or ACS URL, exactly as registered at the upstream. */
  readonly callbackUrl: URL
  /** Our SAML entity ID, which is the URL of our metadata. */
  readonly entityId: URL
  /** Limits time and size, follows no redirects, refuses private addresses by default. */
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** `bytes` random bytes as base64url. */
  readonly random: (bytes: number) => string
  /** True for the first call with this key within `seconds`, across all processes (atomic). */
  once(key: string, seconds: number): Promise<boolean>
  readonly metadata: MetadataStore
  /** Password records, only for kinds that keep passwords. */
  readonly passwords: PasswordRecords
  /** Emailed codes, only for kinds that email codes. */
  readonly mailedCodes: MailedCodes
}

export interface Health {
  readonly status: 'up' | 'degraded' | 'down'
  readonly checks: readonly HealthCheck[]
}

export interface HealthCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  /** The connection works, but an admin should act. */
  readonly warning?: true
  /** Default: by the cause (src/broker/sign-ins/fixes.ts); without a cause, the tenant admin. */
  readonly fixer?: Fixer
  /** Cause of a failed check or a warning, from `failureCause`. */
  readonly cause?: string
  readonly tookMs?: number
}

export interface Connection {
  /** Throws `upstream_unreachable`, `upstream_invalid`, `upstream_refused`. */
  begin(start: LoginStart): Promise<Challenge>
  /**
   * Throws those and `callback_invalid`, `callback_malformed`, `sign_in_refused`, `user_denied`,
   * `credentials_invalid`, `code_invalid`.
   */
  complete(answer: Answer): Promise<Login>
  /**
   * @param known findings of the last probe that are still fresh: their checks may be left out, and
   *   the findings returned
   */
  health(signal: AbortSignal, known?: readonly HealthCheck[]): Promise<Health>
  /**
   * Published keys and certificates as last fetched or configured, without I/O. Undefined: none
   * yet.
   */
  published?(): Published | undefined
  readonly logout?: LogoutSupport
  readonly metadata?: MetadataSupport
  readonly passwords?: PasswordSupport
  /** Set only if `Provider.recheckSeconds` returns an interval for this configuration. */
  readonly recheck?: RecheckSupport
  readonly mailbox?: MailboxSupport
  /**
   * Signs in with an ID token from a native SDK; each token works once.
   * Throws `upstream_invalid` with the failed check, `upstream_unreachable`.
   */
  exchange?(presented: PresentedIdToken): Promise<Login>
  readonly traits?: ConnectionTraits
}

/** Facts about a connection that do not change while it is open. */
export interface ConnectionTraits {
  /** Issuers of its identities, if fixed. Default: the upstream names itself. */
  readonly issuers?: readonly string[] | undefined
  /** The form of its issuers, if each login names its own (Entra ID for many directories). */
  readonly issuerTemplate?: IssuerTemplate
  /** URL of the upstream's metadata, if its keys come from there. */
  readonly metadataUrl?: string
  /** Issuer that may start logins here (OIDC Core 4). */
  readonly initiatingIssuer?: string
  /**
   * An unsolicited answer is discarded and a login starts; a link on another site also starts one
   * without a click. Default false.
   */
  readonly acceptsIdpInitiated?: boolean
  /**
   * False if the upstream cannot be made to authenticate again, or need not prove it. A sign-in is
   * then new for an app only if `Evidence.authenticatedAt` says so. Default true: `complete`
   * refuses an answer to `reauthenticate` without proof.
   */
  readonly providesAuthTime?: boolean
  /** Name of the answer's state parameter. Default `state`; SAML: `RelayState`. */
  readonly stateParameter?: string
}

/** The sign-in button, and what the brand requires of it. */
export interface Brand {
  readonly name: string
  /** The name is that of a protocol, which many identity providers speak. */
  readonly isProtocol?: true
  /** URL of an SVG file, read once at startup. */
  readonly logo?: URL
  /** Logo for dark backgrounds; the same file if it suits both. Default: `logo` on white. */
  readonly logoDark?: URL
  /** Default: colors of the page, with the logo on white. */
  readonly colors?: ButtonColors
  /** Place where an admin registers the callback URL, in the brand's words. */
  readonly callbackPlace?: string
  /** Place where an admin renews the client secret (`clientSecret`), in the brand's words. */
  readonly secretPlace?: string
}

/** Colors that a brand requires, as `#rgb` or `#rrggbb`. */
export interface ButtonColors {
  readonly light: ButtonScheme
  readonly dark: ButtonScheme
}

export interface ButtonScheme {
  readonly fill: string
  readonly border: string
  /** Color of the label. */
  readonly text: string
  /** Fill under the pointer. */
  readonly hover: string
}

/** @template C the parsed configuration */
export interface Provider<C = unknown> {
  readonly kind: string
  readonly brand: Brand
  /**
   * Identities of this kind may set `Identity.authoritativeDomains`, so that their emails can count
   * as proven without `domains`. Default false.
   */
  readonly provesEmails?: boolean | undefined
  /** A strict zod object. Each key has a `.describe()` sentence with unit and default. */
  readonly config: ZodType<C>
  /** How often users of a connection with this configuration are re-checked. Default: never. */
  recheckSeconds?(config: C): number | undefined
  /**
   * Loads code that startup need not wait for. Called for used kinds once the server listens; code
   * that needs it earlier awaits the same `import()`.
   */
  load?(): Promise<unknown>
  /** Validates a parsed `config` at this time without I/O: for example, expired metadata. */
  inspect?(config: C, now: Date): readonly ConfigProblem[]
  /** No I/O: an unreachable upstream must not stop the process. `config` is parsed. */
  open(config: C, context: ConnectionContext): Connection
  /** Setup steps for an administrator of the upstream. Default: our addresses alone. */
  setup?(config: C): Setup | undefined
  /**
   * Maps a captured answer to a profile, for `gatehouse profile preview` and fixtures. Verifies
   * nothing. For OpenID Connect: `{"id_token": {…}, "userinfo": {…}}` or the claims alone. Throws
   * `GatehouseError`.
   */
  read?(captured: Attributes, config: C): ProviderProfile
}

export interface ConfigProblem {
  /** The key of the connection in YAML. */
  readonly key: string
  /** What is wrong and what to do; never the value of a secret. */
  readonly message: string
  /** Logins still work. Default: they fail. */
  readonly isWarning?: true
}

/** Hides the config type, so that providers of all kinds fit one list. */
export function defineProvider<C>(provider: Provider<C>): Provider {
  return provider
}
