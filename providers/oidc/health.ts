/** Would a login through this connection work right now? Asked without a person: discovery, keys, and our own credentials. */
import * as client from 'openid-client'
import { GatehouseError } from '../../src/errors.ts'
import type { Health } from '../../src/provider.ts'
import { upstreamFailure } from './failure.ts'
import type { Upstream } from './upstream.ts'

export type HealthCheck = Health['checks'][number]

/** Never throws. Degraded: something failed, but what is kept from before still lets people in. */
export async function probe(upstream: Upstream, signal: AbortSignal): Promise<Health> {
  const { metadata, keys } = upstream
  const checks = [
    await attempt('discovery', signal, async () => `${(await metadata.renew()).issuer} describes itself`),
    await attempt('keys', signal, async () => `${(await keys.remembered.renew()).keys.length} signing keys published`),
    await attempt('client credentials', signal, () => tryCredentials(upstream)),
  ]
  const loginsWork = checks.at(2)?.ok === true && metadata.kept !== undefined && keys.remembered.kept !== undefined
  return { status: checks.every(({ ok }) => ok) ? 'up' : loginsWork ? 'degraded' : 'down', checks }
}

/** One question of a probe; never throws. */
export async function attempt(name: string, signal: AbortSignal, work: () => Promise<string>): Promise<HealthCheck> {
  try {
    return { name, ok: true, detail: await withSignal(work, signal) }
  } catch (error) {
    return { name, ok: false, detail: error instanceof GatehouseError ? error.message : 'not finished in time' }
  }
}

async function withSignal<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A code that was never issued: an upstream that knows us says invalid_grant, one that does not says invalid_client. */
async function tryCredentials({ metadata, site, client: clientAround }: Upstream): Promise<string> {
  const parameters = { code: 'probe', redirect_uri: site.callbackUrl.href, code_verifier: site.random(32) }
  try {
    await client.genericGrantRequest(clientAround(await metadata.get()), 'authorization_code', parameters)
  } catch (error) {
    if (error instanceof client.ResponseBodyError && error.error === 'invalid_grant')
      return 'client id and secret are accepted'
    throw upstreamFailure(error, 'the token endpoint')
  }
  throw new GatehouseError('upstream_invalid', 'the token endpoint gave tokens for a code it never issued')
}
