/** What makes a brand on a Passport strategy: its differences as data, and small functions where data cannot say it. */
import type { z } from 'zod'
import type { Check } from '../../src/errors.ts'
import type { Profile } from '../../src/profile/profile.ts'
import type {
  Brand,
  ConnectionContext,
  LogoutIdentifier,
  LogoutInstruction,
  LogoutMessage,
} from '../../src/provider/provider.ts'
import type { Claims } from '../oidc/claims/claims.ts'
import type { Keys } from '../oidc/keys/keys.ts'
import type { EndpointOverrides, Endpoints } from './endpoints.ts'
import type { OAuth2Strategy, Parameters, StrategyOverrides } from './oauth2-family.ts'

export interface OAuth2Config {
  readonly clientId: string
  readonly endpoints?: EndpointOverrides | undefined
}

/** What every strategy of the family takes. Its client secret is never used: ours goes out instead. */
export interface StrategyOptions {
  readonly clientID: string
  readonly clientSecret: string
  readonly callbackURL: string
  readonly authorizationURL: string
  readonly tokenURL: string
  readonly scope: string[]
}

/** A check with what the person is told when it fails. */
export interface BrandCheck extends Check {
  readonly text?: string
}

/** What an upstream said of a person. */
export interface UpstreamClaims {
  /** Empty for a brand without ID tokens. */
  readonly idToken: Claims
  readonly userinfo: Claims | undefined
  /** What the browser brought, as the brand's `brought` reads it; anybody may have written it. */
  readonly brought: Claims
}

/** Messages from the brand's server to ours. */
export interface Notifications<C extends OAuth2Config> {
  wanted(config: C): boolean
  readonly identifiers: readonly LogoutIdentifier[]
  validate(upstream: Upstream<C>, notice: LogoutMessage): Promise<LogoutInstruction | undefined>
}

/** What makes one brand different from another. */
export interface OAuth2Traits<C extends OAuth2Config> {
  readonly kind: string
  readonly brand: Brand
  readonly config: z.ZodType<C>
  readonly endpoints: Endpoints
  readonly scopes: readonly string[]
  readonly pkce: boolean
  /** Loaded at the first login: strategies and what they bring take 100 ms that the start of the process need not pay. */
  strategy(options: StrategyOptions, config: C, endpoints: Endpoints): Promise<OAuth2Strategy>
  clientSecret(config: C, context: ConnectionContext, endpoints: Endpoints): string | Promise<string>
  /** Undefined for plain OAuth 2: then userinfo alone says who it is. */
  readonly idToken?: {
    /** Whether the brand sends a nonce back. */
    readonly nonce: boolean
    readonly algorithms: readonly string[]
    /** It always tells `auth_time` when it is asked for a new sign-in; without it such a login fails. Default: no. */
    providesAuthTime?(config: C): boolean
    /** Other spellings of the issuer that its ID tokens may have; identities have the one of `endpoints`. */
    otherIssuers?(issuer: string): readonly string[]
    /** What this brand's tokens are judged by besides. */
    checks?(claims: Claims, config: C): readonly BrandCheck[]
    /** Client ids of native apps whose ID tokens are taken. */
    audiences?(config: C): readonly string[]
  }
  /** `needed`: a login fails without it; `asked`: only when the ID token holds no email. */
  readonly userinfo: 'needed' | 'asked' | 'none'
  /** The person's key in what userinfo says. Default `sub`. */
  subject?(userinfo: Claims): unknown
  /** What the browser brings besides state and code that is worth keeping. */
  brought?(parameters: URLSearchParams): Claims
  /** Default: the standard claims. */
  profile?(said: UpstreamClaims): Profile
  /** Domains whose mailboxes the brand keeps itself, as far as a judged ID token shows it (`Identity.mailboxesOf`). Default: none. */
  authoritativeDomains?(idToken: Claims): readonly string[]
  /** What goes to the authorization endpoint besides. */
  parameters?(config: C, loginHint: string | undefined): Parameters
  /** What makes the brand ask for credentials again, or comes nearest to it; undefined: it knows nothing of the kind. */
  readonly reauthentication?: Parameters
  /** How the brand ends sessions of ours by its notifications, where the config lets it. */
  readonly notifications?: Notifications<C>
  /** Its words for a person's no. Default access_denied. */
  readonly denials?: readonly string[]
  /** What its token endpoint says to a code it never issued, when it knows the client. Default invalid_grant. */
  readonly unknownCode?: readonly string[]
}

/** One connection, shared by the parts of the engine. */
export interface Upstream<C extends OAuth2Config> {
  readonly traits: OAuth2Traits<C>
  readonly config: C
  readonly context: ConnectionContext
  readonly endpoints: Endpoints
  readonly keys: Keys
  readonly overrides: StrategyOverrides
  strategy(): Promise<OAuth2Strategy>
}
