/** Required authentication context and methods (OIDC Core 2, RFC 8176). */
import type { Recorder } from '../../../src/provider/provider.ts'
import { type Claims, check, contextOf } from '../claims/claims.ts'
import { assertChecks } from '../token/signed.ts'

export interface RequiredAuthnContext {
  /** Any of these. */
  readonly requiredAcr: readonly string[]
  /** All of these. */
  readonly requiredAmr: readonly string[]
}

/** Throws `upstream_invalid`. */
export function requireAuthnContext(
  claims: Claims,
  { requiredAcr, requiredAmr }: RequiredAuthnContext,
  record: Recorder,
): void {
  const { acr, amr = [] } = contextOf(claims)
  const isStrong = requiredAcr.some((name) => name === acr)
  const hasAll = requiredAmr.every((name) => amr.includes(name))
  assertChecks(
    [
      requiredAcr.length > 0 && check('acr', isStrong, requiredAcr.join(' or '), acr ?? claims['acr']),
      requiredAmr.length > 0 && check('amr', hasAll, requiredAmr.join(' and '), amr.join(', ') || 'none'),
    ],
    record,
  )
}
