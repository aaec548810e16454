/** A brand's habits as an emulator plays them. */
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

/** One sign-in as the brand sees it. */
export interface SignIn<C extends EmulatedClient> {
  readonly client: C
  readonly person: Claims
  /** What was asked of the authorization endpoint. */
  readonly asked: URLSearchParams
  readonly issuer: string
  readonly faults: Faults
}

export interface TokenRefusal {
  readonly status: number
  readonly error: string
}

/** A brand's habits. */
export interface EmulatedBrand<C extends EmulatedClient> {
  readonly name: string
  /** `userinfo` is absent where there is none. */
  readonly paths: {
    readonly authorize: string
    readonly token: string
    readonly userinfo?: string
    readonly keys: string
  }
  /** Its faults besides those that all have. */
  readonly faults: readonly FaultName[]
  otherSpelling?(issuer: string): string
  readonly answerBy: 'query' | 'form post'
  /** What it says when the person goes away, and when the person (or it) says no. */
  readonly refusals: { readonly cancelled: string; readonly denied: string }
  /** Why it does not show its sign-in page. */
  objection?(asked: URLSearchParams): string | undefined
  /** Why the token endpoint refuses this client. */
  authenticate(client: C, form: URLSearchParams, issuer: string): TokenRefusal | undefined
  readonly unknownCode: TokenRefusal
  /** What comes with the code besides. */
  callbackFields?(signIn: SignIn<C>): Readonly<Record<string, string>>
  idTokenClaims(signIn: SignIn<C>): Claims
  userinfoClaims?(person: Claims, faults: Faults): Claims
  /** What the token endpoint says besides the tokens. */
  tokenFields(signIn: SignIn<C>): Claims
  /** Default true. */
  readonly echoesNonce?: boolean
}
