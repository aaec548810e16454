/** Checks whether a login would work now: discovery, keys, callback URL, credentials, clock. */
import { errorTable, type Fixer, GatehouseError } from '../../src/errors.ts'
import { failureCause } from '../../src/provider/failure-cause.ts'
import type { Health, HealthCheck } from '../../src/provider/provider.ts'
import { clockToleranceSeconds } from './claims/claims.ts'
import { oauthErrorOf } from './endpoint/response.ts'
import { checkCallbackUrl } from './login/callback-check.ts'
import { requestTokens } from './token/token-endpoint.ts'
import type { Upstream } from './upstream.ts'

/**
 * Never throws. Degraded: a check failed, but cached documents still allow logins.
 * @param own parameters that the brand adds to authorization requests
 * @param known findings that still count
 */
export async function probe(
  upstream: Upstream,
  own: Readonly<Record<string, string>> | undefined,
  signal: AbortSignal,
  known: readonly HealthCheck[] = [],
): Promise<Health> {
  const { metadata, keys } = upstream
  const discovered = async () => `${(await metadata.renew()).issuer} describes itself`
  const discovery = await runCheck('discovery', signal, discovered)
  // once discovery fails, every check runs: its finding may show the cause
  const retained = discovery.ok ? known : []
  const check = (name: string, work: () => Promise<Probed>) =>
    retained.find((each) => each.name === name) ?? runCheck(name, signal, work)
  const [signingKeys, { tookMs: _, ...callbackUrl }, credentials] = await Promise.all([
    // another process may have fetched those that are known
    keys.jwks.cached === undefined
      ? runCheck('keys', signal, () => publishedKeys(upstream))
      : check('keys', () => publishedKeys(upstream)),
    check('callback URL', async () => checkCallbackUrl(upstream, await metadata.get(), own)),
    check('client credentials', () => probeCredentials(upstream)),
  ])
  // leaves out the duration: only browsers wait for the authorization page
  const checks = [discovery, signingKeys, callbackUrl, ...clockChecks(upstream), credentials]
  const hasDocuments = metadata.cached !== undefined && keys.jwks.cached !== undefined
  const canSignIn = credentials.ok && !isUnregistered(callbackUrl) && hasDocuments
  return { status: checks.every(({ ok }) => ok) ? 'up' : canSignIn ? 'degraded' : 'down', checks }
}

const isUnregistered = ({ cause }: HealthCheck) => cause === 'upstream_refused: callback URL'

/**
 * Tokens from the future are refused; those of a clock that is behind are accepted while they last.
 */
function clockChecks({ clock }: Upstream): readonly HealthCheck[] {
  const aheadMs = clock.aheadMs()
  if (aheadMs === undefined) return []
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  if (seconds <= clockToleranceSeconds) return [{ name: 'clock', ok: true, detail: `differs by ${seconds} s` }]
  const detail = `the upstream's clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ours`
  const found = { name: 'clock', detail, fixer: 'operator', cause: 'upstream_invalid: clock' } as const
  return [aheadMs > 0 ? { ...found, ok: false } : { ...found, ok: true, warning: true }]
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
  const startedAt = performance.now()
  const checked = await outcomeOf(work, signal)
  return { name, ...checked, tookMs: Math.round(performance.now() - startedAt) }
}

async function outcomeOf(work: () => Promise<Probed>, signal: AbortSignal): Promise<Omit<HealthCheck, 'name'>> {
  try {
    const found = await withSignal(work, signal)
    if (typeof found === 'string') return { ok: true, detail: found }
    return { ok: true, warning: true, detail: `inconclusive: ${found.inconclusive}` }
  } catch (error) {
    if (!(error instanceof GatehouseError))
      return { ok: false, detail: 'timed out', cause: 'upstream_unreachable: timeout' }
    const cause = failureCause(error, oauthErrorOf(error))
    return { ok: false, detail: error.message, cause, ...otherFixer(errorTable[error.code].fixer) }
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
  if (error !== undefined && unknownCodeErrors.includes(error)) return 'client ID and secret are accepted'
  const isOther = error !== undefined && !refusals.includes(error)
  if (!isOther || !(failure instanceof GatehouseError) || failure.code !== 'upstream_refused') throw failure
  return { inconclusive: `${failure.message}: this does not show whether the client credentials are right` }
}
