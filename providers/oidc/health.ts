/** Checks whether a login would work now: discovery, keys and client credentials. */
import { errorTable, type Fixer, GatehouseError } from '../../src/errors.ts'
import type { Health, HealthCheck } from '../../src/provider/provider.ts'
import { oauthErrorOf } from './endpoint/response.ts'
import { requestTokens } from './token/token-endpoint.ts'
import type { Upstream } from './upstream.ts'

/** Never throws. Degraded: a check failed, but cached documents still allow logins. */
export async function probe(upstream: Upstream, signal: AbortSignal): Promise<Health> {
  const { metadata, keys } = upstream
  const discovered = async () => `${(await metadata.renew()).issuer} describes itself`
  const discovery = await runCheck('discovery', signal, discovered)
  const signingKeys = await runCheck('keys', signal, () => publishedKeys(upstream))
  const credentials = await runCheck('client credentials', signal, () => probeCredentials(upstream))
  const checks = [discovery, signingKeys, credentials]
  const canSignIn = credentials.ok && metadata.cached !== undefined && keys.jwks.cached !== undefined
  return { status: checks.every(({ ok }) => ok) ? 'up' : canSignIn ? 'degraded' : 'down', checks }
}

async function publishedKeys({ config, keys }: Upstream): Promise<string> {
  const { length } = (await keys.jwks.renew()).keys
  const isShared = config.idTokenSignedResponseAlg === 'HS256'
  return isShared ? 'the client secret signs (HS256)' : `signing keys published: ${length}`
}

/** The finding, or why the response proves nothing. */
export type Probed = string | { readonly inconclusive: string }

/** Runs one check; never throws. */
export async function runCheck(name: string, signal: AbortSignal, work: () => Promise<Probed>): Promise<HealthCheck> {
  try {
    const found = await withSignal(work, signal)
    if (typeof found === 'string') return { name, ok: true, detail: found }
    return { name, ok: true, warning: true, detail: `inconclusive: ${found.inconclusive}` }
  } catch (error) {
    if (!(error instanceof GatehouseError)) return { name, ok: false, detail: 'timed out' }
    return { name, ok: false, detail: error.message, ...otherFixer(errorTable[error.code].fixer) }
  }
}

const otherFixer = (fixer: Fixer) => (fixer === 'tenant admin' ? {} : { fixer })

/** Rejects if the signal aborts first. */
export async function withSignal<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
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

/** Sends an invalid code: invalid_grant means valid credentials, invalid_client wrong ones. */
async function probeCredentials(upstream: Upstream): Promise<Probed> {
  const { metadata, context } = upstream
  const known = await metadata.get()
  const request = { grant_type: 'authorization_code', code: 'probe', redirect_uri: context.callbackUrl.href }
  try {
    await requestTokens(upstream, known, { ...request, code_verifier: context.random(32) })
  } catch (failure) {
    return credentialsVerdict(failure)
  }
  throw new GatehouseError('upstream_invalid', 'the token endpoint accepted an invalid code')
}

const refusals: readonly string[] = ['invalid_client', 'unauthorized_client']

/**
 * Judges the credentials by the error for an invalid code. Errors not about the client prove
 * nothing: some upstreams check the code first.
 * @param unknownCodeErrors OAuth errors that refuse the authorization code, not the client
 */
export function credentialsVerdict(failure: unknown, unknownCodeErrors: readonly string[] = ['invalid_grant']): Probed {
  const error = oauthErrorOf(failure)
  if (error !== undefined && unknownCodeErrors.includes(error)) return 'client id and secret are accepted'
  const isOther = error !== undefined && !refusals.includes(error)
  if (!isOther || !(failure instanceof GatehouseError) || failure.code !== 'upstream_refused') throw failure
  return { inconclusive: `${failure.message}: this does not show whether the client credentials are right` }
}
