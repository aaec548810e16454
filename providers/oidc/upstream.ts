/** One upstream as a connection knows it: what its parts share. Fetched things are fetched when first needed. */
import * as client from 'openid-client'
import type { Site } from '../../src/provider.ts'
import { clockToleranceSeconds } from './claims.ts'
import type { OidcConfig } from './config.ts'
import { discover, type IssuerMetadata, isLoopbackHttp } from './discovery.ts'
import { fetchJson } from './json.ts'
import { type Keys, openKeys } from './keys.ts'
import { type Remembered, remembered } from './remembered.ts'

export interface Upstream {
  readonly config: OidcConfig
  readonly site: Site
  readonly metadata: Remembered<IssuerMetadata>
  readonly keys: Keys
  /** openid-client's view of it, around the metadata given. */
  client(metadata: IssuerMetadata): client.Configuration
}

const metadataFreshMs = 3600_000
const metadataKeepMs = 24 * 3600_000
export function openUpstream(config: OidcConfig, site: Site): Upstream {
  const { now, fetch } = site
  const metadata = remembered(() => discover(fetch, config.issuer), {
    now,
    freshMs: metadataFreshMs,
    keepMs: metadataKeepMs,
  })
  const keys = openKeys(async () => fetchJson(fetch, (await metadata.get()).jwks_uri, 'the key set'), now)
  // made once for a copy of the metadata: openid-client clones all of it
  let made: { readonly from: IssuerMetadata; readonly skew: number; readonly client: client.Configuration } | undefined
  const clientAround = (known: IssuerMetadata) => {
    const skew = skewOf(site)
    if (made?.from !== known || made.skew !== skew) made = { from: known, skew, client: clientOf(config, site, known) }
    return made.client
  }
  return { config, site, metadata, keys, client: clientAround }
}

/** Its clock is the process's, ours is the site's. */
function skewOf(site: Site): number {
  return Math.round((site.now().getTime() - Date.now()) / 1000)
}

function clientOf(config: OidcConfig, site: Site, metadata: IssuerMetadata): client.Configuration {
  // client_secret_post: some upstreams do not percent-decode Basic credentials
  const secret = client.ClientSecretPost(config.clientSecret.reveal())
  const settings = { [client.clockTolerance]: clockToleranceSeconds, [client.clockSkew]: skewOf(site) }
  const configuration = new client.Configuration(metadata, config.clientId, settings, secret)
  configuration.timeout = 0 // the site's fetch has its own limit
  configuration[client.customFetch] = (url, { body, signal, ...rest }) =>
    site.fetch(url, { ...rest, ...(body instanceof URLSearchParams && { body }), ...(signal && { signal }) }) // it sends forms only
  if (isLoopbackHttp(config.issuer)) client.allowInsecureRequests(configuration)
  return configuration
}
