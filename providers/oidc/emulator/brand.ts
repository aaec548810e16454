/** Differences of an emulated brand from plain OpenID Connect. */
import type { EmulatedUpstream } from '../../emulator/emulator.ts'
import type { ListenOptions } from '../../emulator/http.ts'
import type { Claims } from '../../emulator/pages.ts'
import type { LocalApps } from '../../emulator/registered-uris.ts'
import type { FaultName, OpenIdFaults } from './faults.ts'

type Upstream = EmulatedUpstream<FaultName, Endpoint>

export type Endpoint = 'discovery' | 'keys' | 'authorize' | 'token' | 'userinfo' | 'logout'

export interface EmulatedClient extends LocalApps {
  readonly clientId: string
  /** On the sign-in page. Default: the client ID. */
  readonly name?: string
  readonly clientSecret?: string
  readonly redirectUris: readonly string[]
  /** Allowed targets after logout: Gatehouse's `…/signed-out`. */
  readonly postLogoutRedirectUris?: readonly string[]
}

export interface BrandEmulatorOptions<C extends EmulatedClient> extends ListenOptions {
  readonly clients: readonly C[]
  /** Standard claims and the brand's own; `sub` is required. */
  readonly people: readonly Claims[]
}

/** One sign-in. */
export interface SignIn<C extends EmulatedClient> {
  readonly client: C
  /** Claims of the user with the active faults applied. */
  readonly person: Claims
  /** Parameters of the authorization request. */
  readonly authorizationRequest: URLSearchParams
  readonly issuer: string
  readonly faults: OpenIdFaults
}

export interface TokenRefusal {
  readonly status: number
  readonly error: string
}

type Parameters = Readonly<Record<string, string>>

export interface EmulatedBrand<C extends EmulatedClient> {
  readonly name: string
  /** Path of the issuer. Default: none. */
  readonly issuerPath?: string
  /** The issuer in discovery and in tokens, where they differ. Default: the issuer. */
  readonly announcedIssuer?: string
  tokenIssuer?(person: Claims): string
  /** Paths below the issuer; the optional endpoints are absent if there are none. */
  readonly paths: Readonly<Record<'authorize' | 'token' | 'keys', string>> &
    Readonly<Partial<Record<'discovery' | 'userinfo' | 'logout', string>>>
  /** Faults besides the common ones. */
  readonly faults: readonly FaultName[]
  /** Another issuer identifier of the brand, for the fault of this name. */
  otherSpelling?(issuer: string): string
  /** Default: query. */
  readonly responseMode?: 'query' | 'form_post'
  /** Sends `iss` in authorization responses (RFC 9207). Default: no. */
  readonly issParameter?: boolean
  /** Sent to the callback if the user cancels or the brand denies. Default: access_denied. */
  readonly errors?: Readonly<Record<'canceled' | 'denied', Parameters>>
  /** The error of a refused authorization request, shown on a page; undefined accepts it. */
  requestError?(authorizationRequest: URLSearchParams): string | undefined
  /** Whether the token request is of this client. Default: `client_secret_post`. */
  authenticate?(client: C, form: URLSearchParams, issuer: string): boolean | Promise<boolean>
  /** The token endpoint's errors. Default: 401 invalid_client, 400 invalid_grant. */
  readonly clientError?: TokenRefusal
  readonly unknownCodeError?: TokenRefusal
  /** Parameters of the callback besides code and state. */
  callbackParameters?(signIn: SignIn<C>): Parameters
  /** Default: all of the user. */
  idTokenClaims?(signIn: SignIn<C>): Claims
  /** Default: all of the user. */
  userinfoClaims?(signIn: SignIn<C>): Claims
  /** Members of the token response besides the tokens, or instead of the usual. */
  tokenFields?(signIn: SignIn<C>): Claims
  /** Default true. */
  readonly echoesNonce?: boolean
  /** Which sign-ins get a refresh token. Default: those with the scope offline_access. */
  readonly refreshTokens?: 'always' | 'never'
  /** Routes besides the endpoints. */
  readonly routes?: Upstream['routes']
  /** The rest of its page, below the issuer. */
  page?(): Partial<ReturnType<Upstream['page']>>
}
