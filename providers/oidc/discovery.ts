/** OpenID Connect Discovery 1.0. */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { optionalFlag, optionalText, optionalTexts } from './endpoint/optional.ts'
import { jsonDocument } from './endpoint/response.ts'

/** Never `none` or HS*: they would make a public value a signing key. */
export const signatureAlgorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

const document = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string().trim(),
  token_endpoint: z.string().trim(),
  jwks_uri: optionalText,
  userinfo_endpoint: optionalText,
  end_session_endpoint: optionalText,
  pushed_authorization_request_endpoint: optionalText,
  require_pushed_authorization_requests: optionalFlag,
  authorization_response_iss_parameter_supported: optionalFlag,
  id_token_signing_alg_values_supported: optionalTexts,
  token_endpoint_auth_methods_supported: optionalTexts,
  claims_supported: optionalTexts,
  scopes_supported: optionalTexts,
})

type Document = z.infer<typeof document>

export interface IssuerMetadata extends Document {
  /** Accepted ID token algorithms, from discovery or configuration; at least one. */
  readonly id_token_signing_alg_values_supported: string[]
  /** Optional endpoints that are ignored. */
  readonly unusableEndpoints: readonly string[]
}

export interface DiscoverySettings {
  readonly issuer: string
  /** Default: below the issuer (Discovery 1.0 section 4). */
  readonly discoveryUrl?: string | undefined
  /** Overrides discovery. HS256 is accepted only if configured here. */
  readonly idTokenSignedResponseAlg?: string | undefined
}

/** Each call fetches; the result is the same object until the document changes. */
export function openDiscovery(
  fetch: typeof globalThis.fetch,
  settings: DiscoverySettings,
  announcedIssuer: (configured: string) => string = (configured) => configured,
): () => Promise<IssuerMetadata> {
  const { issuer, discoveryUrl } = settings
  // Discovery 4: remove the trailing slash before appending the path; compare the issuer unchanged
  const address = discoveryUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const read = (json: unknown, url: string) => metadataIn(json, url, settings, announcedIssuer(issuer))
  const fetchMetadata = jsonDocument(fetch, 'the discovery document', read)
  return () => fetchMetadata(address)
}

function metadataIn(
  json: unknown,
  url: string,
  { issuer, idTokenSignedResponseAlg: algorithm }: DiscoverySettings,
  expected: string,
): IssuerMetadata {
  const parsed = document.safeParse(json)
  if (!parsed.success) throw invalid(`the discovery document at ${url} is incomplete: ${namesOf(parsed.error)}`)
  const { metadata, unusableEndpoints } = withSafeEndpoints(parsed.data, issuer)
  if (metadata.issuer !== expected) {
    const message = `the discovery document at ${url} is of another issuer: set issuer to its value if it is the right one`
    const check = { name: 'issuer of the discovery document', ok: false, expected, got: metadata.issuer }
    throw new GatehouseError('upstream_invalid', message, { check })
  }
  if (metadata.jwks_uri === undefined && algorithm !== 'HS256')
    throw invalid(
      `the discovery document at ${url} is incomplete: jwks_uri (is missing, or not an https address; not needed with idTokenSignedResponseAlg: HS256)`,
    )
  return { ...metadata, unusableEndpoints, id_token_signing_alg_values_supported: algorithmsOf(metadata, algorithm) }
}

function algorithmsOf({ issuer, id_token_signing_alg_values_supported: listed }: Document, configured?: string) {
  if (configured !== undefined) return [configured]
  // Core 2: default RS256
  if (listed === undefined || listed.length === 0) return ['RS256']
  const accepted = listed.filter((name) => signatureAlgorithms.includes(name))
  if (accepted.length > 0) return accepted
  // nonstandard names such as SHA256withRSA
  if (!listed.some((name) => /^(?:none|HS\d+)$/i.test(name))) return ['RS256']
  const hint = listed.includes('HS256') ? ': set idTokenSignedResponseAlg to HS256 if the client secret signs them' : ''
  throw invalid(`${issuer} signs ID tokens with no algorithm that we accept (${listed.slice(0, 10).join(', ')})${hint}`)
}

const required = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const
const optional = ['userinfo_endpoint', 'end_session_endpoint', 'pushed_authorization_request_endpoint'] as const

/** Removes unusable optional endpoints; an unusable required one is an error. */
function withSafeEndpoints(metadata: Document, issuer: string) {
  for (const name of required)
    if (metadata[name] !== undefined && !isSafeEndpoint(metadata[name], issuer))
      throw invalid(`the ${name} of ${issuer} ${endpointFault(metadata[name])}`)
  const unusable = optional.filter((name) => metadata[name] !== undefined && !isSafeEndpoint(metadata[name], issuer))
  const without = Object.fromEntries(unusable.map((name) => [name, undefined]))
  return { metadata: { ...metadata, ...without }, unusableEndpoints: unusable }
}

/** For messages. Does not quote the endpoint, which may hold a password. */
function endpointFault(endpoint: string): string {
  const url = URL.parse(endpoint)
  if (url === null) return 'is no absolute URL'
  if (url.hash !== '') return 'has a fragment (#), which an endpoint cannot have (RFC 6749 3.1)'
  return url.username === '' && url.password === '' ? 'is not an https address' : 'holds a user name or password'
}

/** https, or loopback http if the issuer is loopback too (an emulator). */
function isSafeEndpoint(endpoint: string, issuer: string): boolean {
  const url = URL.parse(endpoint)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (isLoopbackHttp(url.href) && isLoopbackHttp(issuer))
}

/**
 * Whether a configured or published URL is https, or http on loopback (an emulator), without
 * fragment.
 */
export function isSafeUrl(address: string): boolean {
  const url = /[#\s]/.test(address) ? null : URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || isLoopbackHttp(address)
}

/** What is wrong with an address of a configuration. @param rule for one that is wrong otherwise */
export function urlFault(address: unknown, rule: string): string {
  const text = String(address)
  if (/^["'“”]/.test(text)) return 'begins with a quotation mark, which counts as part of it: remove it'
  if (/\s/.test(text)) return 'contains a space or a line break: remove it'
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? rule : 'has no scheme: write https:// before it'
}

export function isLoopbackHttp(address: string): boolean {
  const { protocol, hostname = '' } = URL.parse(address) ?? {}
  return protocol === 'http:' && /^(127(\.\d+){3}|\[::1\]|localhost|[a-z0-9-]+\.localhost)$/.test(hostname)
}

function invalid(message: string): GatehouseError {
  return new GatehouseError('upstream_invalid', message)
}

function namesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'document'} (${message})`).join(', ')
}
