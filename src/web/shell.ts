import type { Logger } from 'pino'
import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { Browsers } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { CookieSettings } from '../http/cookies.ts'
import type { OpenIdProvider } from '../http/interaction.ts'
import type { BrandStylesheet } from '../pages/brand-buttons.ts'
import type { Tenant } from '../tenant.ts'

/** Built once by main; a handler names what it uses of it. */
export interface Shell {
  readonly parts: CorePorts
  readonly publicUrl: URL
  readonly tenants: ReadonlyMap<string, Tenant>
  /** For requests that name no tenant. */
  readonly defaultTenant: string | undefined
  readonly cookie: CookieSettings
  /** CIDRs whose X-Forwarded-* headers count. */
  readonly trustedProxies: readonly string[]
  readonly keyRing: KeyRing
  readonly browsers: Browsers
  /** Of the buttons of all providers. */
  readonly brandStyles: BrandStylesheet
  readonly log: Logger
  readonly openId: OpenIdProvider
  readonly signingKeys: Pick<OpenSigningKeys, 'current'>
  readonly stores: readonly { readonly name: string; readonly ping: () => Promise<void> }[]
  /** False once the process is stopping. */
  readonly accepting: () => boolean
}

/** What a handler uses of the core. */
export interface WithParts<K extends keyof CorePorts> {
  readonly parts: Pick<CorePorts, K>
}
