/** The differences between a brand of OpenID Connect and the engine. */
import type { Brand, LogoutIdentifier, LogoutInstruction, LogoutMessage, Setup } from '../../src/provider/provider.ts'
import type { ConfigTraits, OidcConfig } from './config.ts'
import type { TokenRules } from './token/token-rules.ts'
import type { Upstream } from './upstream.ts'

export interface ProviderTraits extends ConfigTraits, TokenRules {
  readonly kind: string
  readonly brand: Brand
  /** Default: the words of no vendor. */
  setup?(config: OidcConfig): Setup
  /** Extra parameters of the authorization request. */
  readonly authorizationParameters?: Readonly<Record<string, string>>
  /** Users can start at the upstream's dashboard (OIDC Core 4). Default false. */
  readonly initiatesLogin?: boolean
  /** A logout endpoint besides back-channel logout. */
  readonly revocations?: {
    readonly endpoint: LogoutMessage['endpoint']
    readonly names: readonly LogoutIdentifier[]
    /** Returns the validator of one connection. */
    open(upstream: Upstream): (message: LogoutMessage) => Promise<LogoutInstruction>
  }
}
