/** ID tokens that native apps got from the brand's SDK, including Google One Tap and FedCM. */
import { z } from 'zod'
import { fillable } from '../../src/crypto/secret.ts'
import type { PresentedIdToken } from '../../src/provider/provider.ts'
import type { Claims } from '../oidc/claims/claims.ts'
import { validatePresentedToken } from '../oidc/token/exchange.ts'
import { checkBrandRules, issuersOf } from './proof.ts'
import type { OAuth2Config, Upstream } from './traits.ts'

/** The `audiences` key of a brand's configuration. */
export function audiencesOption(sentence: string) {
  return z
    .array(fillable(z.string().regex(/^[\x21-\x7e]+$/, 'must be a name without spaces')))
    .max(50)
    .default([])
    .describe(`${sentence} Default: none.`)
}

export async function verifyPresentedToken<C extends OAuth2Config>(
  upstream: Upstream<C>,
  audiences: readonly string[],
  presented: PresentedIdToken,
): Promise<Claims> {
  const { keys, context, traits } = upstream
  const expected = { issuer: issuersOf(upstream), audiences, algorithms: traits.idToken?.algorithms ?? [] }
  const claims = await validatePresentedToken(keys, context, expected, presented)
  checkBrandRules(upstream, claims, presented.record)
  return claims
}
