/** Keys and endpoints that an OpenID Provider published, as last fetched. */
import { createHash } from 'node:crypto'
import type { JSONWebKeySet, JWK } from 'jose'
import { computedOnce } from '../../src/primitives/computed-once.ts'
import type { Published } from '../../src/provider/published.ts'
import type { IssuerMetadata } from './discovery.ts'
import type { Keys } from './keys/keys.ts'

/** @param metadata undefined if it is not fetched, or the endpoints are fixed */
export function published(metadata: IssuerMetadata | undefined, keys: Keys): Published {
  return { expiries: [], keys: keyNames(keys.jwks.cached), endpoints: metadata && endpointsOf(metadata) }
}

const namesOf = computedOnce(({ keys }: JSONWebKeySet) => keys.map(nameOf).toSorted())

const keyNames = (set: JSONWebKeySet | undefined) =>
  set === undefined || set.keys.length === 0 ? undefined : namesOf(set)

/** Name of a key by its ID and its content: some issuers reuse a key ID for a new key. */
function nameOf({ kid = 'without ID', n = '', x = '', y = '' }: JWK): string {
  const fingerprint = createHash('sha256').update(`${n}.${x}.${y}`).digest('hex').slice(0, 8)
  return `${kid.slice(0, 100)} (${fingerprint})`
}

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'userinfo_endpoint',
  'end_session_endpoint',
] as const

const endpointsOf = (metadata: IssuerMetadata): readonly string[] =>
  endpoints.flatMap((name) => (metadata[name] === undefined ? [] : [`${name} ${metadata[name]}`]))
