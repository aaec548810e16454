/**
 * The provider contract: what the code for one kind of upstream gives, and what it may ask for. A provider never sees a web
 * request, never decides who may enter, and holds no state but caches. The broker owns `state`, time, network and storage.
 */
import type { ZodType } from 'zod'
import type { Check, Fixer, GatehouseError } from './errors.ts'
import type { Profile } from './profile/profile.ts'

/** A provider's note to its later self, kept sealed with the login transaction: JSON values only. */
export type Memo = Readonly<Record<string, unknown>>

/** Where a provider writes down what it does, for the trace of the login. Never give it a secret, a token or a code. */
export interface Recorder {
  /** Runs `work` as a named, timed step of the trace ("token exchange", "userinfo"). */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  check(check: Check): void
}

/** The place a connection is opened at: everything of the outside world it may touch. */
export interface ConnectionContext {
  readonly tenant: string
  /** The connection's id within the tenant. */
  readonly connection: string
  /** Our address the upstream answers to, exactly as registered there. */
  readonly callbackUrl: URL
  /** Our name towards the upstream where names are addresses (SAML): where our own metadata is published. */
  readonly entityId: URL
  /** Guarded: time limit, size limit, no redirects, no private addresses unless the operator allows them. */
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  /** `bytes` random bytes as base64url. */
  readonly random: (bytes: number) => string
  /** True exactly once per key of this connection within `seconds`, whoever asks, in whatever process: one atomic store operation. */
  once(key: string, seconds: number): Promise<boolean>
  /** What this connection believes of its upstream: kept for good, the same in all processes. */
  readonly metadata: MetadataStore
  /** Only for kinds that keep credentials themselves (password). */
  readonly passwords: PasswordRecords
}

/** What an upstream said of itself, once it was believed. */
export interface TrustedMetadata {
  /** Of the identities it brings. */
  readonly issuer: string
  /** Where it describes itself. */
  readonly source: string
  /** The provider's own text; public. */
  readonly content: string
}

export interface MetadataStore {
  find(): Promise<TrustedMetadata | null>
  /** Writes where exactly `before` stands (null: nothing); false when another process was faster. */
  replace(trustedMetadata: TrustedMetadata, before: TrustedMetadata | null): Promise<boolean>
  /** For whom the tenant's other connections speak. */
  otherIssuers(): Promise<readonly IssuerClaim[]>
}

/** A connection brings identities of this issuer. */
export interface IssuerClaim {
  readonly connection: string
  readonly issuer: string
  /** Where its upstream describes itself, if that is where its keys come from. */
  readonly source?: string
}

/** What an upstream says of itself now, for an admin to compare with what its own administrator says. */
export interface MetadataSummary {
  readonly lines: readonly { readonly name: string; readonly value: string; readonly known: boolean }[]
  /** Names this description, and no other. */
  readonly digest: string
  readonly trusted: boolean
}

export interface LoginStart {
  readonly state: string
  readonly record: Recorder
  readonly loginHint?: string
  /** The upstream must ask for credentials again, and show that it did, unless the connection says that it proves no such thing. */
  readonly reauthenticate?: boolean
}

export type AskedField = 'email' | 'password' | 'code'

export type Challenge =
  | { readonly step: 'redirect'; readonly url: URL; readonly memo: Memo }
  | { readonly step: 'post'; readonly url: URL; readonly fields: Readonly<Record<string, string>>; readonly memo: Memo }
  | { readonly step: 'ask'; readonly fields: readonly AskedField[]; readonly memo: Memo }

export interface Answer {
  /** The callback's query, or the posted form. Every value may be garbage; a parameter may come twice. */
  readonly parameters: URLSearchParams
  readonly memo: Memo
  /** The `state` this login was begun with. */
  readonly state: string
  readonly record: Recorder
}

export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly profile: Profile
  /**
   * The upstream's raw answer under its own names (`boundAttributes` of src/profile/attributes.ts makes it), for the connection's mapping
   * in YAML and nothing else: never stored, never in a trace. Every engine fills it. Without it the mapping sees the profile.
   */
  readonly attributes?: Attributes
  /**
   * The answer has no word on whether emails are verified: none at all, which is not the same as no (Entra never tells). Then a domain
   * that the tenant has proven in the DNS may stand for it. Only set by an engine that knows.
   */
  readonly emailVerificationUnknown?: true
  /** The upstream left the groups out because they are too many (Entra ID): that is never the same as none. */
  readonly groupsOmitted?: true
  /**
   * Domains whose mailboxes the upstream keeps itself, as far as this answer shows it, in lower case: gmail.com and a person's own
   * workspace for Google. A verified email of these needs nobody's leave, unless a connection of the tenant claims the domain.
   */
  readonly authoritativeDomains?: readonly string[]
}

/** JSON values, bounded in size and depth. */
export type Attributes = Readonly<Record<string, unknown>>

/** How the upstream says the person proved themselves. */
export interface Evidence {
  readonly acr?: string
  /** RFC 8176 method names, such as `pwd`, `otp`, `mfa`. */
  readonly amr?: readonly string[]
  readonly authenticatedAt?: Date
  /** When the upstream's session ends (SAML `SessionNotOnOrAfter`, OIDC `session_expiry`); ours ends no later. */
  readonly sessionEndsAt?: Date
}

export interface Login {
  readonly identity: Identity
  readonly evidence: Evidence
  /** Why the profile may lack an email. Thrown when the connection's mapping finds none either. */
  readonly missingEmail?: GatehouseError
  /** The upstream's own id of the session it opened (OIDC `sid`, SAML SessionIndex), by which its logout messages may name it. */
  readonly sid?: string
  /** The provider's note for ending the upstream's session later (`Connection.logout`): kept sealed beside ours for as long as it lives. */
  readonly memo?: Memo
}

/** An ID token that a native or single-page app got from the upstream itself. Nothing in it is believed yet. */
export interface PresentedIdToken {
  readonly idToken: string
  /** What the app asked the upstream to put into it. */
  readonly nonce: string
  readonly record: Recorder
  /** As `Site.once`, but taken back when a store fails before the user is signed in. Default: `Site.once`. */
  once?(key: string, seconds: number): Promise<boolean>
}

/** By what an upstream's logout message may name the sessions it ends. */
export type LogoutIdentifier = 'sid' | 'subject' | 'email'

/** A message in which an upstream ends sessions, as it came to one of the connection's addresses. Nothing in it is believed yet. */
export interface LogoutMessage {
  /**
   * The last part of the address: OIDC Back-Channel Logout 1.0, Okta's Universal Logout, what else an upstream tells from server to
   * server (Apple), or what a browser brought (SAML single logout).
   */
  readonly endpoint: 'backchannel-logout' | 'global-token-revocation' | 'notifications' | 'logout'
  /** The whole address, as the upstream knows it. */
  readonly url: URL
  /** The query of a GET, the form of a POST. */
  readonly parameters: URLSearchParams
  /** The query of a GET as it came, without `?`: a signature may be over its very bytes. */
  readonly query?: string
  /** A JSON body, parsed; undefined where there is none. */
  readonly body: unknown
  /** The token of an `Authorization: Bearer` header. */
  readonly bearer: string | undefined
  readonly record: Recorder
}

/** Which sessions an upstream ends, once its message was believed: those of `sid` when it is told, else all of the person. */
export interface LogoutInstruction {
  /** As in `Identity`. */
  readonly issuer: string
  readonly sid?: string
  readonly subject?: string
  /** Canonical. */
  readonly email?: string
  /** All the person's sessions, whatever gate they came by; without it only those this upstream opened. */
  readonly everywhere?: boolean
  /** Where the browser that brought the message goes on to, with our answer in it (`way` logout). */
  readonly answer?: URL
  readonly message: LogoutMessageId
}

/** What tells a message apart from all others of its connection. The broker carries it out once. */
export interface LogoutMessageId {
  /** At most 255 characters. */
  readonly id: string
  /** How long a replay would still pass the provider's checks. */
  readonly seconds: number
}

export interface Health {
  readonly status: 'up' | 'degraded' | 'down'
  readonly checks: readonly HealthCheck[]
}

export interface HealthCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  /** It works, and yet somebody should see to it. */
  readonly warning?: true
  /** Default: the tenant admin. */
  readonly fixer?: Fixer
}

/** What a connection that keeps passwords itself can do besides signing people in. */
export interface PasswordSupport {
  /** People may sign themselves up. */
  readonly allowsSignUp: boolean
  /** The rule in a sentence, for the form: "At least 12 characters; not one of the most common passwords." */
  readonly rule: string
  /** The identity a password of this record proves. */
  identify(record: Omit<PasswordRecord, 'hash'>): Identity
  /** Throws `password_weak` with a text that says why, `busy` when the hashing queue is full. */
  hash(password: string, context: { readonly email: string; readonly name?: string }): Promise<string>
}

export interface Connection {
  /** Throws `upstream_unreachable`, `upstream_invalid`, `upstream_refused`. */
  begin(start: LoginStart): Promise<Challenge>
  /** Throws those and `user_denied`, `callback_malformed`, `credentials_invalid`. */
  complete(answer: Answer): Promise<Login>
  health(signal: AbortSignal): Promise<Health>
  /**
   * Where the browser has to go for the upstream's session to end too, when the tenant wishes that; `memo` is the login's,
   * `returnTo` our address it comes back to. Undefined when there is nothing to end there.
   */
  logout?(memo: Memo, returnTo: URL): Promise<URL | undefined>
  /** Signs in with an ID token from a native SDK, each once. Throws `upstream_invalid` with the check that failed, `upstream_unreachable`. */
  exchange?(presented: PresentedIdToken): Promise<Login>
  /** Where the upstream may end sessions: what its messages name. Sessions are indexed by these, and only where this is given. */
  readonly logoutIdentifiers?: readonly LogoutIdentifier[]
  /**
   * Whom an upstream's logout message ends; undefined when it ends nobody. Whether the message was used before is for the broker to check. Throws `upstream_invalid` with the check
   * that failed, `request_invalid` for what cannot be read, `not_found` for a `way` that this kind does not have.
   */
  validateLogoutMessage?(notice: LogoutMessage): Promise<LogoutInstruction | undefined>
  readonly passwords?: PasswordSupport
  /**
   * False where the upstream cannot be made to ask for credentials again, or need not show that it did. Then `reauthenticate` sends whatever
   * the upstream knows of the kind, and the sign-in counts as new for no app unless `Evidence.authenticatedAt` says so. Default true: a login
   * begun with `reauthenticate` ends only when the person has proven themselves anew.
   */
  readonly provesReauthentication?: false
  /** The parameter of the answer that brings the state back. Default `state`; SAML says `RelayState`. */
  readonly stateParameter?: string
  /** What an upstream wants to know about us, as XML (SAML); published at `Site.entityId`. */
  metadata?(): Promise<string>
  /**
   * An answer nobody asked for (no state at all) is a wish to sign in here: the shell throws the answer away and begins a login of
   * its own, which the upstream then answers at once. The answer itself is never taken.
   */
  readonly allowIdpInitiated?: boolean
  /**
   * The issuers of this connection's identities as far as the configuration or the brand fixes them. Without it, they are whatever the
   * upstream calls itself.
   */
  readonly issuers?: readonly string[] | undefined
  /** Where the upstream describes itself, if that is where its keys come from. */
  readonly metadataUrl?: string
  /**
   * What the upstream says of itself now; with the digest of just that, an admin's yes to it, whoever signed it. Only where descriptions
   * are believed from one use to the next. Throws `upstream_unreachable`, `upstream_invalid`.
   */
  trustMetadata?(digest: string | undefined): Promise<MetadataSummary>
  /** Public keys (JWK Set, RFC 7517) of the key by which this connection authenticates as a client. */
  clientKeys?(): Promise<{ readonly keys: readonly object[] }>
  /** The issuer whose third-party-initiated logins (OIDC Core 4) this connection accepts. */
  readonly initiatingIssuer?: string
}

/** How a button for this kind of gate looks: the brand's own name and mark. */
export interface Brand {
  readonly name: string
  /** An SVG file's address, read once at start. */
  readonly mark?: URL
}

/** A provider whose config type has been closed over, so that a list of them has one type. */
export interface Provider {
  readonly kind: string
  readonly brand: Brand
  /** It may keep the mailboxes of its users itself, so that their emails count without `domains` (`Identity.mailboxesOf`). */
  readonly keepsMailboxes?: boolean | undefined
  /** Strict: an unknown key is a fault. Defaults live here, each beside its `.describe()` sentence with unit and default. */
  readonly config: ZodType
  /**
   * Loads code that the start of the process need not wait for. Called once the server listens, for kinds that are in use; whatever
   * needs the code before that waits for it itself (`later` of src/primitives/lazy.ts).
   */
  load?(): Promise<unknown>
  /** What is wrong with a parsed `config` now, as far as it shows without I/O: a document that has expired, or is another one. */
  inspect?(config: unknown, now: Date): readonly ConfigProblem[]
  /** Does no I/O: an upstream that is down never stops the process. `config` is a parsed value. */
  open(config: unknown, context: ConnectionContext): Connection
  /**
   * What a captured answer of the upstream becomes, for `gatehouse profile preview` and the golden fixtures. Pure: nothing of it is checked, and
   * nobody is signed in by it. For OpenID Connect `{"id_token": {…}, "userinfo": {…}}` of claims, or the claims alone. Throws `GatehouseError`.
   */
  read?(captured: Attributes, config: unknown): ProviderProfile
}

/** What is wrong with a connection in the config. */
export interface ConfigProblem {
  /** The key of the connection in YAML. */
  readonly key: string
  /** What is wrong and what to do; never the value of a secret. */
  readonly message: string
  /** Logins work, so far. Default: they fail until it is fixed. */
  readonly isWarning?: true
}

/** What an upstream told of a person. */
export type ProviderProfile = Omit<Identity, 'issuer' | 'subject'>

export function defineProvider<C>(provider: {
  readonly kind: string
  readonly brand: Brand
  readonly keepsMailboxes?: boolean | undefined
  readonly config: ZodType<C>
  load?(): Promise<unknown>
  inspect?(config: C, now: Date): readonly ConfigProblem[]
  open(config: C, context: ConnectionContext): Connection
  read?(captured: Attributes, config: C): ProviderProfile
}): Provider {
  const { read, inspect, ...rest } = provider
  return {
    ...rest,
    ...(inspect !== undefined && { inspect: (config, now) => inspect(config as C, now) }),
    open: (config, context) => provider.open(config as C, context),
    ...(read !== undefined && { read: (captured, config) => read(captured, config as C) }),
  }
}

/** A stored password: who it belongs to and its Argon2id hash in PHC string form. */
export interface PasswordRecord {
  readonly subject: string
  /** In canonical form. */
  readonly email: string
  readonly name?: string
  readonly hash: string
}

/** The passwords of one tenant, keyed by canonical email. An email gets in here only after its owner proved it. */
export interface PasswordRecords {
  find(email: string): Promise<PasswordRecord | null>
  /** Replaces the hash only while it still is `before` (a rehash must not undo a reset). */
  rehash(subject: string, before: string, after: string): Promise<void>
}
