/** `gatehouse connection show` and `jwks`: what to register at the upstream. Sends no request. */
import { providers } from '../../../providers/index.ts'
import { offlineContext, registeredUrls, withVendorNames } from '../../broker/health/registered-urls.ts'
import type { Provider } from '../../provider/provider.ts'
import { connectionSettings, jsonText } from '../open.ts'
import type { Options, Output } from '../options.ts'

/** Prints the URLs to register at the upstream, one a line, under the vendor's names. */
export async function showConnection(options: Options): Promise<Output> {
  const { name, place, provider, connection, config } = await openConnection(options)
  const setup = provider.setup?.(config)
  const addresses = withVendorNames(await registeredUrls(connection, place), setup?.names)
  const lines = [
    ...(addresses.length === 0 ? [['to register', 'nothing: Gatehouse itself checks the users'] as const] : []),
    ...addresses.map(({ label, url }) => [label, url] as const),
    ...setupGuide(provider),
  ]
  const head = `${name} (${provider.kind}): ${provider.brand.name}\n`
  const width = Math.max(...lines.map(([what]) => what.length)) + 2
  return head + lines.map(([what, where]) => `  ${what.padEnd(width)}${where}\n`).join('')
}

/** The public key for private_key_jwt, as a JWK Set (RFC 7517). */
export async function printClientKeys(options: Options): Promise<Output> {
  const { connection, name } = await openConnection(options)
  if (connection.metadata?.clientKeys === undefined) throw new Error(`${name} has no clientKey`)
  return jsonText(await connection.metadata.clientKeys())
}

/** Opens the connection without network and stores. `place`: its URL, with a trailing slash. */
async function openConnection(options: Options) {
  const { tenant, settings, provider, deployment } = await connectionSettings(options, options.words)
  const place = new URL(`/t/${tenant.id}/${settings.id}/`, deployment.publicUrl)
  const connection = provider.open(
    settings.config,
    offlineContext(place, tenant.id, settings.id, () => new Date()),
  )
  return { name: `${tenant.id}/${settings.id}`, place, provider, connection, config: settings.config }
}

function setupGuide({ kind }: Provider): readonly (readonly [string, string])[] {
  const isBuiltIn = providers.some((known) => known.kind === kind)
  return isBuiltIn ? [['how to register, step by step', `providers/${kind}/setup.md`]] : []
}
