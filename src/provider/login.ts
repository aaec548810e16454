/** One login as a provider sees it: the start, the challenge, the answer and the result. */
import type { Check, GatehouseError } from '../errors.ts'
import type { Profile } from '../profile/profile.ts'

/** JSON values that a provider keeps between two calls; the broker stores them encrypted. */
export type Memo = Readonly<Record<string, unknown>>

/** Writes to the trace of the login. Never pass a secret, a token or a code. */
export interface Recorder {
  /** Runs `work` as a named, timed step of the trace ("token exchange", "userinfo"). */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  check(check: Check): void
}

export interface LoginStart {
  readonly state: string
  readonly record: Recorder
  readonly loginHint?: string
  /** Request new authentication, proven unless `traits.providesAuthTime` is false. */
  readonly reauthenticate?: boolean
}

export type AskedField = 'email' | 'password' | 'code'

export type Challenge =
  | { readonly step: 'redirect'; readonly url: URL; readonly memo: Memo }
  | { readonly step: 'post'; readonly url: URL; readonly fields: Readonly<Record<string, string>>; readonly memo: Memo }
  | { readonly step: 'ask'; readonly fields: readonly AskedField[]; readonly memo: Memo }

export interface Answer {
  /** Query of the callback, or the posted form. Unverified; a parameter may be repeated. */
  readonly parameters: URLSearchParams
  readonly memo: Memo
  /** The `state` that `begin` received. */
  readonly state: string
  readonly record: Recorder
}

export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly profile: Profile
  /**
   * The upstream's answer under its own names, made by `boundAttributes`
   * (src/profile/attributes.ts). Only the `profile:` mapping reads it; never stored or traced.
   * Default: the mapping reads the profile.
   */
  readonly attributes?: Attributes
  /**
   * The answer never states whether emails are verified (Entra ID), which differs from "no".
   * A domain that the tenant has verified by DNS can then replace the statement.
   */
  readonly emailVerificationUnknown?: true
  /** The upstream omitted the groups because there are too many (Entra ID). */
  readonly groupsOmitted?: true
  /**
   * Lower-case domains whose mailboxes the upstream hosts: gmail.com or the user's Google
   * Workspace. A verified email there counts without `domains`, unless another connection claims
   * the domain.
   */
  readonly authoritativeDomains?: readonly string[]
}

/** An identity without its key. */
export type ProviderProfile = Omit<Identity, 'issuer' | 'subject'>

/** JSON values, bounded in size and depth. */
export type Attributes = Readonly<Record<string, unknown>>

/** How the user authenticated at the upstream. */
export interface Evidence {
  readonly acr?: string
  /** RFC 8176 method names, such as `pwd`, `otp`, `mfa`. */
  readonly amr?: readonly string[]
  readonly authenticatedAt?: Date
  /** SAML `SessionNotOnOrAfter` or OIDC `session_expiry`; our session ends no later. */
  readonly sessionEndsAt?: Date
}

export interface Login {
  readonly identity: Identity
  readonly evidence: Evidence
  /** Why the profile may lack an email. Thrown if the connection's mapping finds none either. */
  readonly missingEmail?: GatehouseError
  /** The password is shorter than a new one may be, and the tenant asks users to change it. */
  readonly asksForNewPassword?: true
  /** The upstream's session ID (OIDC `sid`, SAML SessionIndex) in logout messages. */
  readonly sid?: string
  /** Memo for `logout.start`, stored encrypted with the session. */
  readonly memo?: Memo
  /** Memo for `recheck`, stored encrypted beside the user. */
  readonly recheck?: Memo
}

/** An ID token that an app received from the upstream itself. Unverified. */
export interface PresentedIdToken {
  readonly idToken: string
  /** The nonce that the app sent to the upstream. */
  readonly nonce: string
  readonly record: Recorder
  /** Like `ConnectionContext.once`, but undone if a store fails before the sign-in completes. */
  once?(key: string, seconds: number): Promise<boolean>
}
