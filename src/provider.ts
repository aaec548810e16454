/**
 * The provider contract: what the code for one kind of upstream gives, and what it may ask for. A provider never sees a web
 * request, never decides who may enter, and holds no state but caches. The broker owns `state`, time, network and storage.
 */
import type { ZodType } from 'zod'
import type { Check } from './errors.ts'
import type { Profile } from './profile.ts'

/** A provider's note to its later self, kept sealed with the login transaction: JSON values only. */
export type Memo = Readonly<Record<string, unknown>>

/** Where a provider writes down what it does, for the trace of the login. Never give it a secret, a token or a code. */
export interface Recorder {
  /** Runs `work` as a named, timed step of the trace ("token exchange", "userinfo"). */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  check(check: Check): void
}

/** The place a connection is opened at: everything of the outside world it may touch. */
export interface Site {
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
  /** Only for kinds that keep credentials themselves (password). */
  readonly passwords: PasswordRecords
}

export interface LoginStart {
  readonly state: string
  readonly record: Recorder
  readonly loginHint?: string
  /** The upstream must ask for credentials again. */
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
}

/** How the upstream says the person proved themselves. */
export interface Evidence {
  readonly acr?: string
  /** RFC 8176 method names, such as `pwd`, `otp`, `mfa`. */
  readonly amr?: readonly string[]
  readonly authenticatedAt?: Date
}

export interface Login {
  readonly identity: Identity
  readonly evidence: Evidence
}

export interface Health {
  readonly status: 'up' | 'degraded' | 'down'
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

/** What a connection that keeps passwords itself can do besides signing people in. */
export interface PasswordDesk {
  /** People may sign themselves up. */
  readonly open: boolean
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
  readonly desk?: PasswordDesk
  /** The parameter of the answer that brings the state back. Default `state`; SAML says `RelayState`. */
  readonly stateParameter?: string
  /** What an upstream wants to know about us, as XML (SAML); published at `Site.entityId`. */
  metadata?(): Promise<string>
  /**
   * An answer nobody asked for (no state at all) is a wish to sign in here: the shell throws the answer away and begins a login of
   * its own, which the upstream then answers at once. The answer itself is never taken.
   */
  readonly welcomesUnsolicited?: boolean
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
  /** Strict: an unknown key is a fault. Defaults live here, each beside its `.describe()` sentence with unit and default. */
  readonly config: ZodType
  /** Does no I/O: an upstream that is down never stops the process. `config` is a parsed value. */
  open(config: unknown, site: Site): Connection
}

export function defineProvider<C>(provider: {
  readonly kind: string
  readonly brand: Brand
  readonly config: ZodType<C>
  open(config: C, site: Site): Connection
}): Provider {
  return { ...provider, open: (config, site) => provider.open(config as C, site) }
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
