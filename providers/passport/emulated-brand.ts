/** What distinguishes an emulated brand. */
import type { Claims, FaultName, Faults } from '../oidc/emulator/faults.ts'
import type { ListenOptions } from '../oidc/emulator/server.ts'

export interface EmulatedClient {
  readonly clientId: string
  readonly redirectUris: readonly string[]
}

export interface BrandEmulatorOptions<C extends EmulatedClient> extends ListenOptions {
  readonly clients: readonly C[]
  /** Standard claims and the brand's own; `sub` is required. */
  readonly people: readonly Claims[]
}

/** One sign-in. */
export interface SignIn<C extends EmulatedClient> {
  readonly client: C
  readonly person: Claims
  /** Parameters of the authorization request. */
  readonly authorizationRequest: URLSearchParams
  readonly issuer: string
  readonly faults: Faults
}

export interface TokenRefusal {
  readonly status: number
  readonly error: string
}

export interface EmulatedBrand<C extends EmulatedClient> {
  readonly name: string
  /** `userinfo` is absent if there is none. */
  readonly paths: {
    readonly authorize: string
    readonly token: string
    readonly userinfo?: string
    readonly keys: string
  }
  /** Faults besides the common ones. */
  readonly faults: readonly FaultName[]
  /** Another issuer identifier of the brand, for the fault of this name. */
  otherSpelling?(issuer: string): string
  readonly responseMode: 'query' | 'form_post'
  /** Sent to the callback: the user cancels; the brand denies (fault `denies`). */
  readonly errorCodes: { readonly cancelled: string; readonly denied: string }
  /** The error of a refused authorization request, shown on a page; undefined accepts it. */
  requestError?(authorizationRequest: URLSearchParams): string | undefined
  /** Why the token endpoint refuses this client. */
  authenticate(client: C, form: URLSearchParams, issuer: string): TokenRefusal | undefined
  /** The token endpoint's error for an authorization code that it does not know. */
  readonly unknownCodeError: TokenRefusal
  /** Parameters of the callback besides code and state. */
  callbackParameters?(signIn: SignIn<C>): Readonly<Record<string, string>>
  idTokenClaims(signIn: SignIn<C>): Claims
  userinfoClaims?(person: Claims, faults: Faults): Claims
  /** Members of the token response besides the tokens. */
  tokenFields(signIn: SignIn<C>): Claims
  /** Default true. */
  readonly echoesNonce?: boolean
}
