/** `gatehouse connection show` and `jwks`: what to register at the upstream. Sends no request. */
import { providers } from '../../../providers/index.ts'
import { GatehouseError } from '../../errors.ts'
import type { Connection, ConnectionContext, LogoutMessage, Provider } from '../../provider/provider.ts'
import { connectionSettings, jsonText } from '../open.ts'
import type { Options, Output } from '../options.ts'

/** One URL a line. */
export async function showConnection(options: Options): Promise<Output> {
  const { name, place, provider, connection } = await openConnection(options)
  const lines = [...(await addressesOf(connection, place)), ...setupGuide(provider)]
  const head = `${name} (${provider.kind}): ${provider.brand.name}\n`
  return head + lines.map(([what, where]) => `  ${what.padEnd(32)}${where}\n`).join('')
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
  const connection = provider.open(settings.config, contextAt(place, tenant.id, settings.id))
  return { name: `${tenant.id}/${settings.id}`, place, provider, connection }
}

type Line = readonly [what: string, where: string]

async function addressesOf(connection: Connection, place: URL): Promise<readonly Line[]> {
  const at = (last: string) => new URL(last, place).href
  if (connection.passwords !== undefined) return [line('to register', 'nothing: Gatehouse stores the passwords')]
  const isSupported = await Promise.all(
    logoutEndpoints.map(async ([endpoint]) => supportsLogoutEndpoint(connection, endpoint)),
  )
  return [
    ...(connection.metadata?.publish === undefined ? [line('callback URL', at('callback'))] : samlLines(at)),
    ...(connection.traits?.initiatingIssuer === undefined ? [] : [line('initiate_login_uri', at('initiate'))]),
    ...(connection.traits?.acceptsIdpInitiated ? [line('sign-in from its dashboard', at('callback'))] : []),
    ...(connection.logout?.start === undefined ? [] : [line('post-logout redirect URI', at('signed-out'))]),
    ...logoutEndpoints.filter((_, index) => isSupported[index]).map(([endpoint, what]) => line(what, at(endpoint))),
    line('start of a sign-in', at('start')),
  ]
}

const samlLines = (at: (last: string) => string): readonly Line[] => [
  line('ACS (POST)', at('callback')),
  line('entity id', at('metadata')),
  line('metadata URL', at('metadata')),
]

const line = (what: string, where: string): Line => [what, where]

const logoutEndpoints: readonly (readonly [LogoutMessage['endpoint'], string])[] = [
  ['backchannel-logout', 'back-channel logout URI'],
  ['global-token-revocation', 'Universal Logout endpoint'],
  ['notifications', 'notification endpoint'],
  ['logout', 'single logout URL'],
]

/** Sends an empty message: only a connection without the endpoint answers `not_found`. */
async function supportsLogoutEndpoint(connection: Connection, endpoint: LogoutMessage['endpoint']): Promise<boolean> {
  if (connection.logout?.receive === undefined) return false
  const record = { step: <T>(_: string, work: () => Promise<T>) => work(), check: () => undefined }
  const empty = {
    endpoint,
    url: new URL('https://gatehouse.invalid/'),
    parameters: new URLSearchParams(),
    bearer: undefined,
  }
  try {
    await connection.logout.receive({ ...empty, body: undefined, record })
    return true
  } catch (error) {
    return !(error instanceof GatehouseError && error.code === 'not_found')
  }
}

function setupGuide({ kind }: Provider): readonly Line[] {
  const isBuiltIn = providers.some((known) => known.kind === kind)
  return isBuiltIn ? [line('how to register, step by step', `providers/${kind}/setup.md`)] : []
}

function contextAt(place: URL, tenant: string, connection: string): ConnectionContext {
  return {
    tenant,
    connection,
    callbackUrl: new URL('callback', place),
    entityId: new URL('metadata', place),
    fetch: async () => {
      throw new GatehouseError('upstream_unreachable', 'connection show sends no request')
    },
    now: () => new Date(),
    random: () => '',
    once: async () => false,
    metadata: { find: async () => null, replace: async () => false, otherIssuers: async () => [] },
    passwords: { find: async () => null, rehash: async () => undefined },
  }
}
