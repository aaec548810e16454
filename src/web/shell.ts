import type { Request, Response } from 'express'
import type { Logger } from 'pino'
import type { KnownAdministrator } from '../broker/access/target.ts'
import type { DeploymentFacts, TenantFacts } from '../broker/deployment/facts.ts'
import type { KeyFetches } from '../broker/keys/key-fetches.ts'
import type { KeyPolicy } from '../broker/keys/key-lifecycle.ts'
import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { Browsers } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { CookieSettings } from '../http/cookies.ts'
import type { OpenIdProvider } from '../http/interaction.ts'
import type { Asset } from '../pages/assets.ts'
import type { BoundedMap } from '../primitives/bounded-map.ts'
import type { ConfigurationFiles } from '../primitives/configuration-file.ts'
import type { MeasuredChecks } from '../primitives/measured-checks.ts'
import type { Tenant } from '../tenant.ts'
import type { LiveClients } from './admin/live/live-clients.ts'

/** Built once by main; a handler names what it uses of it. */
export interface Shell {
  readonly parts: CorePorts
  readonly publicUrl: URL
  readonly tenants: ReadonlyMap<string, Tenant>
  /** Tenant of requests that name none. */
  readonly defaultTenant: string | undefined
  readonly cookie: CookieSettings
  /** CIDRs whose X-Forwarded-* headers count. */
  readonly trustedProxies: readonly string[]
  readonly keyRing: KeyRing
  readonly browsers: Browsers
  /** Stylesheet of the buttons of all providers. */
  readonly brandStyles: Asset
  readonly log: Logger
  readonly openId: OpenIdProvider
  readonly signingKeys: Pick<OpenSigningKeys, 'current' | 'maintain'>
  readonly keyPolicy: KeyPolicy
  readonly configuration: ConfigurationFiles
  readonly keyFetches: Pick<KeyFetches, 'all'>
  readonly stores: readonly { readonly name: string; readonly ping: () => Promise<void> }[]
  /** Gathered anew by each call, within a second; never throws. */
  readonly deploymentFacts: () => Promise<DeploymentFacts>
  /** Reads the facts of a tenant, or of all. */
  readonly tenantFacts: (tenant: string | undefined) => Promise<TenantFacts>
  /** Open admin pages of this process, which receive changes. */
  readonly liveClients: Pick<LiveClients, 'add'>
  /**
   * Administrators served by this process, by ID of their session token
   * (admin/known-administrators.ts).
   */
  readonly administrators: BoundedMap<string, KnownAdministrator>
  /** Counted for `/metrics`, by endpoint. */
  readonly checks: { readonly session: MeasuredChecks; readonly verify: MeasuredChecks }
  /** False once the process is stopping. */
  readonly accepting: () => boolean
}

/** A request to answer, with the ports that its handler uses. */
export interface Call<P = Shell> {
  readonly shell: P
  readonly request: Request
  readonly response: Response
}

/** A shell with the ports of a core function. */
export interface PartsOf<F extends (parts: never, ...rest: never) => unknown> {
  readonly parts: Parameters<F>[0]
}

/** A shell with these ports of the core. */
export interface WithParts<K extends keyof CorePorts> {
  readonly parts: Pick<CorePorts, K>
}
