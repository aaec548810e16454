/** `gatehouse connection show`: the addresses to register at a connection's upstream, exactly as Gatehouse will use them. Asks nobody. */
import { providers } from '../../providers/index.ts'
import { suggestion } from '../config/schema/closest-word.ts'
import { GatehouseError } from '../errors.ts'
import type { Connection, ConnectionContext, LogoutMessage, Provider } from '../provider/provider.ts'
import type { ConnectionSettings, Tenant } from '../tenant.ts'
import { readConfig } from './commands.ts'
import type { Options } from './options.ts'

export async function showConnection(options: Options): Promise<number> {
  const opened = await openedConnection(options)
  if (opened === null) return 1
  const { publicUrl, tenant, settings, provider } = opened
  process.stdout.write(await connectionText(publicUrl, tenant, settings, provider))
  return 0
}

/** The connection that the words name, opened without network and stores. Null when the configuration is faulty. */
export async function openedConnection(options: Options) {
  const [tenantId = options.tenant, connectionId = options.connection] = options.words
  const config = await readConfig(options)
  if (config === null) return null
  const tenant = named('tenant', tenantId, config.tenants)
  const settings = named('connection', connectionId, tenant.connections)
  const provider = config.providers.find(({ kind }) => kind === settings.kind)
  if (provider === undefined) throw new Error(`there is no kind ${settings.kind}`)
  const { publicUrl } = config.deployment
  const connection = openedAt(placeOf(publicUrl, tenant, settings), tenant, settings, provider)
  return { publicUrl, tenant, settings, provider, connection, name: `${tenant.id}/${settings.id}` }
}

function placeOf(publicUrl: URL, tenant: Tenant, settings: ConnectionSettings): URL {
  return new URL(`/t/${tenant.id}/${settings.id}/`, publicUrl)
}

function openedAt(place: URL, tenant: Tenant, settings: ConnectionSettings, provider: Provider): Connection {
  return provider.open(settings.config, contextAt(place, tenant.id, settings.id))
}

/** One address a line. */
export async function connectionText(
  publicUrl: URL,
  tenant: Tenant,
  settings: ConnectionSettings,
  provider: Provider,
): Promise<string> {
  const place = placeOf(publicUrl, tenant, settings)
  const connection = openedAt(place, tenant, settings, provider)
  const head = `${tenant.id}/${settings.id} (${settings.kind}): ${provider.brand.name}\n`
  const lines = [...(await addressesOf(connection, place)), ...setupGuide(provider)]
  return head + lines.map(([what, where]) => `  ${what.padEnd(32)}${where}\n`).join('')
}

type Line = readonly [what: string, where: string]

async function addressesOf(connection: Connection, place: URL): Promise<readonly Line[]> {
  const at = (last: string) => new URL(last, place).href
  if (connection.passwords !== undefined) return [['to register', 'nothing: Gatehouse itself keeps the passwords']]
  const endpoints = await Promise.all(
    logoutEndpoints.map(async ([endpoint]) => supportsLogoutEndpoint(connection, endpoint)),
  )
  return [
    ...(connection.metadata?.publish === undefined ? [line('callback URL', at('callback'))] : samlLines(at)),
    ...(connection.traits?.initiatingIssuer === undefined ? [] : [line('initiate_login_uri', at('initiate'))]),
    ...(connection.traits?.acceptsIdpInitiated ? [line('sign-in from its dashboard', at('callback'))] : []),
    ...(connection.logout?.start === undefined ? [] : [line('post-logout redirect URI', at('signed-out'))]),
    ...logoutEndpoints.filter((_, index) => endpoints[index]).map(([endpoint, what]) => line(what, at(endpoint))),
    line('start of a sign-in here', at('start')),
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

/** A connection that has no such way says so of any message; one that has it finds fault with an empty one. */
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
    ...{ tenant, connection },
    callbackUrl: new URL('callback', place),
    entityId: new URL('metadata', place),
    fetch: async () => {
      throw new GatehouseError('upstream_unreachable', 'whoever only shows a connection asks nobody')
    },
    now: () => new Date(),
    random: () => '',
    once: async () => false,
    metadata: { find: async () => null, replace: async () => false, otherIssuers: async () => [] },
    passwords: { find: async () => null, rehash: async () => undefined },
  }
}

export function named<T extends { readonly id: string }>(
  word: string,
  given: string | undefined,
  all: readonly T[],
): T {
  const ids = all.map(({ id }) => id)
  const found = all.find(({ id }) => id === given)
  if (found !== undefined) return found
  if (given === undefined) throw new Error(`name a ${word}: ${ids.join(', ')}`)
  throw new Error(`there is no ${word} ${given}; ${suggestion(given, ids)}`)
}
