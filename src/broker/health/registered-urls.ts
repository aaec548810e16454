/** URLs and keys to register at the upstream of a connection. Sends no request. */
import { GatehouseError } from '../../errors.ts'
import type {
  AddressLabels,
  AddressName,
  Connection,
  ConnectionContext,
  LogoutMessage,
} from '../../provider/provider.ts'

export interface RegisteredAddress {
  readonly name: AddressName
  readonly label: string
  readonly url: string
}

/**
 * None for passwords and emailed codes. @param place URL of the connection, with a trailing slash
 */
export async function registeredUrls(connection: Connection, place: URL): Promise<readonly RegisteredAddress[]> {
  if (connection.passwords !== undefined || connection.mailbox !== undefined) return []
  const address = (name: AddressName, label: string, last: string): RegisteredAddress => ({
    name,
    label,
    url: new URL(last, place).href,
  })
  const isSupported = await Promise.all(
    logoutEndpoints.map(async ([endpoint]) => supportsLogoutEndpoint(connection, endpoint)),
  )
  return [
    ...(connection.metadata?.publish === undefined
      ? [address('callback', 'callback URL', 'callback')]
      : [
          address('callback', 'ACS (POST)', 'callback'),
          address('entity-id', 'entity ID', 'metadata'),
          address('metadata', 'metadata URL', 'metadata'),
        ]),
    ...(connection.traits?.initiatingIssuer === undefined
      ? []
      : [address('initiate', 'initiate login URI', 'initiate')]),
    ...(connection.traits?.acceptsIdpInitiated
      ? [address('idp-initiated', 'sign-in from its dashboard', 'callback')]
      : []),
    ...(connection.logout?.start === undefined
      ? []
      : [address('signed-out', 'post-logout redirect URI', 'signed-out')]),
    ...logoutEndpoints
      .filter((_, index) => isSupported[index])
      .map(([endpoint, label]) => address(endpoint, label, endpoint)),
    address('start', 'start of a sign-in', 'start'),
  ]
}

/** The addresses under the vendor's own names, where it has them. */
export const withVendorNames = (addresses: readonly RegisteredAddress[], names: AddressLabels = {}) =>
  addresses.map((address): RegisteredAddress => ({ ...address, label: names[address.name] ?? address.label }))

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

/** Context for a connection that is opened only to read its URLs and keys. */
export function offlineContext(place: URL, tenant: string, connection: string, now: () => Date): ConnectionContext {
  return {
    tenant,
    connection,
    callbackUrl: new URL('callback', place),
    entityId: new URL('metadata', place),
    fetch: async () => {
      throw new GatehouseError('upstream_unreachable', 'this connection sends no request')
    },
    now,
    random: () => '',
    once: async () => false,
    metadata: { find: async () => null, replace: async () => false, otherIssuers: async () => [] },
    passwords: {
      find: async () => null,
      rehash: async () => undefined,
      minimumLength: () => 15,
      isBreached: async () => false,
    },
    mailedCodes: { find: async () => null },
  }
}
