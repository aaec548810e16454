/** Probes and failed sign-ins of one connection. */
import type { NamedConnection } from '../../../src/broker/health/fix.ts'
import type { KnownHealth } from '../../../src/broker/ports/health.ts'
import type { FailureGroup, LastOutcome } from '../../../src/broker/ports/sign-ins.ts'
import { type ErrorCode, errorTable } from '../../../src/errors.ts'
import type { HealthCheck } from '../../../src/provider/provider.ts'

export const sampleTime = new Date('2026-11-29T12:00:00Z')
export const minutesAgo = (minutes: number) => new Date(sampleTime.getTime() - minutes * 60_000)

export const sampleNamed: NamedConnection = {
  tenant: 'acme',
  connection: 'okta',
  kind: 'okta',
  label: 'Okta',
  callbackUrl: 'https://gatehouse.test/t/acme/okta/callback',
  callbackPlace: 'Applications → your app → General → Sign-in redirect URIs',
  secretPlace: 'Admin Console → Applications → Applications → your app integration → General → Client Credentials',
}

export const goodCheck: HealthCheck = { name: 'keys', ok: true, detail: 'signing keys published: 1', tookMs: 40 }

export function sampleProbe(status: KnownHealth['status'], ...checks: readonly HealthCheck[]): KnownHealth {
  return {
    tenant: 'acme',
    connection: 'okta',
    status,
    checks: [goodCheck, ...checks],
    checkedAt: minutesAgo(1),
    changedAt: minutesAgo(30),
    tookMs: 120,
    probedBy: 'process-1',
    isStale: false,
  }
}

export const failedCheck = (name: string, cause: string, detail = 'it failed'): HealthCheck => ({
  name,
  ok: false,
  detail,
  cause,
})

export function sampleFailure(cause: string, count = 1, lastMinutesAgo = 5): FailureGroup {
  const code = cause.split(':')[0] as ErrorCode
  const { fixer } = errorTable[code]
  const times = { firstAt: minutesAgo(20), lastAt: minutesAgo(lastMinutesAgo) }
  return { tenant: 'acme', connection: 'okta', code, cause, fixer, count, ...times, lastReference: '7KQ2-M9XD' }
}

/** @param signedInMinutesAgo default: never */
export function sampleOutcome(signedInMinutesAgo?: number, changes: Partial<LastOutcome> = {}): LastOutcome {
  const lastSignInAt = signedInMinutesAgo === undefined ? undefined : minutesAgo(signedInMinutesAgo)
  return { tenant: 'acme', connection: 'okta', lastSignInAt, lastRefusal: undefined, ...changes }
}
