/** Checks the brand's keys and our client credentials. */
import { GatehouseError } from '../../src/errors.ts'
import type { Health } from '../../src/provider/provider.ts'
import { credentialsVerdict, type Probed, runCheck } from '../oidc/health.ts'
import type { OAuth2Config, Upstream } from './traits.ts'

/** Never throws. Degraded: keys could not be renewed, but the cached ones still allow logins. */
export async function probe<C extends OAuth2Config>(upstream: Upstream<C>, signal: AbortSignal): Promise<Health> {
  const { keys, traits } = upstream
  const needsKeys = traits.idToken !== undefined
  const renewal = async () => `signing keys published: ${(await keys.jwks.renew()).keys.length}`
  const checks = [
    ...(needsKeys ? [await runCheck('keys', signal, renewal)] : []),
    await runCheck('client credentials', signal, () => probeCredentials(upstream)),
  ]
  const canSignIn = checks.at(-1)?.ok === true && (!needsKeys || keys.jwks.cached !== undefined)
  return { status: checks.every(({ ok }) => ok) ? 'up' : canSignIn ? 'degraded' : 'down', checks }
}

/** Sends an invalid code: the brand refuses the code if it knows us, otherwise us. */
async function probeCredentials<C extends OAuth2Config>({ traits, overrides, context }: Upstream<C>): Promise<Probed> {
  const parameters = { grant_type: 'authorization_code', redirect_uri: context.callbackUrl.href }
  const proof = traits.pkce ? { code_verifier: context.random(32) } : {}
  try {
    await overrides.tokens('probe', { ...parameters, ...proof })
  } catch (failure) {
    return credentialsVerdict(failure, traits.unknownCodeErrors)
  }
  throw new GatehouseError('upstream_invalid', 'the token endpoint accepted an invalid code')
}
