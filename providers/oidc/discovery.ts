/** What an issuer says about itself (OpenID Connect Discovery 1.0), and what of it we believe. */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { fetchJson } from './json.ts'

/** Signature algorithms an ID token may have. Never `none`, never HS*: those would turn a public value into a signing key. */
export const signatureAlgorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

const document = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.string().exactOptional(),
  end_session_endpoint: z.string().exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
  // OIDC Core 2: RS256 unless something else was agreed
  id_token_signing_alg_values_supported: z.array(z.string()).default(['RS256']),
})

export type IssuerMetadata = z.infer<typeof document>

export async function discover(fetch: typeof globalThis.fetch, issuer: string): Promise<IssuerMetadata> {
  // Discovery 4: a terminating slash is removed before the path is appended; the issuer itself is compared as it stands
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const parsed = document.safeParse(await fetchJson(fetch, url, 'the discovery document'))
  if (!parsed.success) throw invalid(`the discovery document at ${url} is incomplete: ${namesOf(parsed.error)}`)
  const metadata = parsed.data
  if (metadata.issuer !== issuer)
    throw invalid(`the discovery document at ${url} is of another issuer`, { expected: issuer, got: metadata.issuer })
  for (const [name, endpoint] of endpointsOf(metadata))
    if (!isSafeEndpoint(endpoint, issuer)) throw invalid(`the ${name} of ${issuer} is not an https address`)
  const algorithms = metadata.id_token_signing_alg_values_supported.filter((name) => signatureAlgorithms.includes(name))
  if (algorithms.length === 0) throw invalid(`${issuer} signs ID tokens with no algorithm that we accept`)
  return { ...metadata, id_token_signing_alg_values_supported: algorithms }
}

function endpointsOf(metadata: IssuerMetadata): readonly (readonly [string, string])[] {
  const names = [
    ...(['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint', 'end_session_endpoint'] as const),
  ]
  return names.flatMap((name) => (metadata[name] === undefined ? [] : [[name, metadata[name]] as const]))
}

/** https, or plain http on this very machine when the issuer is there too (an emulator). */
function isSafeEndpoint(endpoint: string, issuer: string): boolean {
  if (!URL.canParse(endpoint)) return false
  const url = new URL(endpoint)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (isLoopbackHttp(url.href) && isLoopbackHttp(issuer))
}

export function isLoopbackHttp(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && /^(127(\.\d+){3}|\[::1\]|localhost|[a-z0-9-]+\.localhost)$/.test(hostname)
}

function invalid(message: string, issuers?: { readonly expected: string; readonly got: string }): GatehouseError {
  const check = issuers && { name: 'issuer of the discovery document', ok: false, ...issuers }
  return new GatehouseError('upstream_invalid', message, check && { check })
}

function namesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'document'} (${message})`).join(', ')
}
