/** The differences between brands with Passport strategies. */
import type { z } from 'zod'
import type { Check } from '../../src/errors.ts'
import type { Profile } from '../../src/profile/profile.ts'
import type {
  Brand,
  ConnectionContext,
  LogoutIdentifier,
  LogoutInstruction,
  LogoutMessage,
  Setup,
} from '../../src/provider/provider.ts'
import type { Claims } from '../oidc/claims/claims.ts'
import type { Keys } from '../oidc/keys/keys.ts'
import type { EndpointOverrides, Endpoints } from './endpoints.ts'
import type { OAuth2Strategy, Parameters, StrategyOverrides } from './oauth2-family.ts'

export interface OAuth2Config {
  readonly clientId: string
  readonly endpoints?: EndpointOverrides | undefined
}

/** Options of every strategy. The client secret is a placeholder; we send the real one. */
export interface StrategyOptions {
  readonly clientID: string
  readonly clientSecret: string
  readonly callbackURL: string
  readonly authorizationURL: string
  readonly tokenURL: string
  readonly scope: string[]
}

/** A check with a text for the user. */
export interface BrandCheck extends Check {
  readonly text?: string
}

/** The claims of one answer. */
export interface UpstreamClaims {
  /** Empty for a brand without ID tokens. */
  readonly idToken: Claims
  readonly userinfo: Claims | undefined
  /** Claims from the browser, as `brought` reads them; unverified. */
  readonly brought: Claims
}

/** Server-to-server logout messages. */
export interface Notifications<C extends OAuth2Config> {
  wanted(config: C): boolean
  readonly identifiers: readonly LogoutIdentifier[]
  validate(upstream: Upstream<C>, notice: LogoutMessage): Promise<LogoutInstruction | undefined>
}

export interface OAuth2Traits<C extends OAuth2Config> {
  readonly kind: string
  readonly brand: Brand
  readonly config: z.ZodType<C>
  /** Setup steps at the brand. Default: our addresses alone. */
  setup?(config: C): Setup
  readonly endpoints: Endpoints
  readonly scopes: readonly string[]
  readonly pkce: boolean
  /** Loaded at the first login: loading a strategy takes 100 ms. */
  strategy(options: StrategyOptions, config: C, endpoints: Endpoints): Promise<OAuth2Strategy>
  clientSecret(config: C, context: ConnectionContext, endpoints: Endpoints): string | Promise<string>
  /** Undefined for plain OAuth 2, where only userinfo identifies the user. */
  readonly idToken?: {
    /** Whether the brand returns a nonce. */
    readonly nonce: boolean
    readonly algorithms: readonly string[]
    /** Whether reauthentication always yields `auth_time`, and fails without. Default: no. */
    providesAuthTime?(config: C): boolean
    /** Other spellings of the issuer in ID tokens; identities use the one of `endpoints`. */
    otherIssuers?(issuer: string): readonly string[]
    /** Additional checks of the brand's tokens. */
    checks?(claims: Claims, config: C): readonly BrandCheck[]
    /** Client IDs of native apps whose ID tokens are accepted. */
    audiences?(config: C): readonly string[]
  }
  /** A login fails without it, or (`asked`) only if the ID token has no email. Default needed. */
  readonly userinfo?: 'needed' | 'asked' | 'none'
  /**
   * Standard claims of userinfo. Default: userinfo itself for a brand with ID tokens, otherwise the
   * strategy's normalized profile.
   */
  claims?(userinfo: Claims): Claims
  /** Values to keep from the callback besides state and code. */
  brought?(parameters: URLSearchParams): Claims
  /** Default: the standard claims. */
  profile?(said: UpstreamClaims): Profile
  /** Returns `Identity.authoritativeDomains` of a validated ID token. Default: none. */
  authoritativeDomains?(idToken: Claims): readonly string[]
  /** Extra parameters of the authorization request. */
  parameters?(config: C, loginHint: string | undefined): Parameters
  /** Parameters that request reauthentication, or the closest to it. */
  readonly reauthentication?: Parameters
  readonly notifications?: Notifications<C>
  /** Error codes for a denial by the user. Default access_denied. */
  readonly denials?: readonly string[]
  /** The token endpoint's error codes for an invalid code. Default invalid_grant. */
  readonly unknownCodeErrors?: readonly string[]
}

/** Shared state of one connection. */
export interface Upstream<C extends OAuth2Config> {
  readonly traits: OAuth2Traits<C>
  readonly config: C
  readonly context: ConnectionContext
  readonly endpoints: Endpoints
  readonly keys: Keys
  readonly overrides: StrategyOverrides
  strategy(): Promise<OAuth2Strategy>
}
