import type { Logger } from 'pino'
import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { Browsers } from '../broker/ports/browsers.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { CookieSettings } from '../http/cookies.ts'
import type { OpenIdProvider } from '../http/interaction.ts'
import type { Tenant } from '../tenant.ts'

/** What this shell is made of; built once by main. */
export interface Shell {
  readonly parts: CorePorts
  readonly publicUrl: URL
  readonly tenants: ReadonlyMap<string, Tenant>
  /** The tenant of a sign-in page that names none. */
  readonly defaultTenant: string | undefined
  readonly cookie: CookieSettings
  /** CIDRs whose X-Forwarded-* headers count. */
  readonly trustedProxies: readonly string[]
  readonly keyRing: KeyRing
  readonly browsers: Browsers
  readonly log: Logger
  /** For the apps. */
  readonly openId: OpenIdProvider
  readonly signingKeys: Pick<OpenSigningKeys, 'current'>
  /** Each store by name, and how to ask it whether it answers. */
  readonly stores: readonly { readonly name: string; readonly ping: () => Promise<void> }[]
  /** False from the moment the process begins to stop. */
  readonly accepting: () => boolean
}

/** What a handler uses of the core. */
export interface WithParts<K extends keyof CorePorts> {
  readonly parts: Pick<CorePorts, K>
}
