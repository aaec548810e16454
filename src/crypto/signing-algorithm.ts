/** Signing algorithms. RS256 first: every client can verify it (OIDC Core 15.1). */
export const signingAlgorithms = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const

/** Optional: some clients fail to read a JWKS with an OKP key. */
export const defaultSigningAlgorithms: readonly SigningAlgorithm[] = ['RS256', 'ES256', 'PS256']

/** A JWS `alg` (RFC 7518 3.1); EdDSA with Ed25519 (RFC 8037). */
export type SigningAlgorithm = (typeof signingAlgorithms)[number]
