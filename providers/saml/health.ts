/** Checks whether a login would work now, and how long certificates last. */
import { GatehouseError } from '../../src/errors.ts'
import type { Health, HealthCheck } from '../../src/provider/provider.ts'
import { runCheck } from '../oidc/health.ts'
import { pemsOf } from './metadata/trusted-metadata.ts'
import { lastValidUntil } from './signature/certificates.ts'
import type { Upstream } from './upstream.ts'

const warnDays = 30
const dayMs = 24 * 3600_000

/** Never throws. Degraded: logins work, but an admin must act. */
export async function probe(upstream: Upstream, signal: AbortSignal): Promise<Health> {
  const { config, idp, context, seen } = upstream
  const endpointCheck = await runCheck('identity provider', signal, () => probeEndpoint(upstream))
  const known = idp.cached
  const checks: HealthCheck[] = [
    endpointCheck,
    ...(idp.problem === undefined ? [] : [{ ...idp.problem, ok: false }]),
    ...(known === undefined ? [] : [certificates('certificates', pemsOf(known.keys), context.now())]),
    ...(config.certificate === undefined ? [] : [certificates('our certificate', [config.certificate], context.now())]),
    ...(idp.validUntil === undefined ? [] : [expiryCheck('metadata', 'it', idp.validUntil, context.now())]),
    ...idp.skipped.slice(0, 5).map((what) => warning('certificates', `the metadata has ${what}, which is skipped`)),
    ...(seen.weakEncryption ? [warning('encryption', weakEncryption)] : []),
  ]
  const status = checks.every(({ ok }) => ok) ? 'up' : known === undefined ? 'down' : 'degraded'
  return { status, checks }
}

const weakEncryption = 'assertions come encrypted by AES-CBC; ask the identity provider for AES-GCM'
const warning = (name: string, detail: string): HealthCheck => ({ name, ok: true, warning: true, detail })

async function probeEndpoint({ config, idp, context }: Upstream): Promise<string> {
  const { entityId, singleSignOn } = await idp.renew()
  if (config.metadataUrl !== undefined) return `${entityId} describes itself`
  const address = singleSignOn.redirect ?? singleSignOn.post ?? ''
  try {
    const { status, body } = await context.fetch(address, { redirect: 'manual' })
    await body?.cancel()
    if (status < 500) return `${new URL(address).host} answers`
    throw new GatehouseError('upstream_unreachable', `${new URL(address).host} answered with status ${status}`)
  } catch (cause) {
    // a redirect to a sign-in page, or too long a page, shows that the host answers
    if (cause instanceof GatehouseError && cause.code === 'upstream_invalid') return `${new URL(address).host} answers`
    if (cause instanceof GatehouseError) throw cause
    throw new GatehouseError('upstream_unreachable', `${new URL(address).host} cannot be reached`, { cause })
  }
}

/** An expired pinned certificate still counts, but the IdP will replace it. */
function certificates(name: string, pems: readonly string[], now: Date): HealthCheck {
  const last = lastValidUntil(pems)
  if (last === undefined) return { name, ok: true, detail: 'a key without certificate, which never ends' }
  return expiryCheck(name, pems.length === 1 ? 'it' : `the last of ${pems.length}`, last, now)
}

function expiryCheck(name: string, which: string, until: Date, now: Date): HealthCheck {
  const days = Math.floor((until.getTime() - now.getTime()) / dayMs)
  const day = until.toISOString().slice(0, 10)
  const ended = days < 0
  const cause = `upstream_invalid: ${name} ${ended ? 'expired' : 'expires soon'}`
  const ok = days >= warnDays
  return { name, ok, detail: `${which} ${ended ? 'ended' : 'ends'} on ${day}`, ...(!ok && { cause }) }
}
