/** What open admin pages are compared by. */
import { expect, it, vi } from 'vitest'
import type { DeploymentFacts, TenantFacts } from '../../../../src/broker/deployment/facts.ts'
import { fingerprintOf } from '../../../../src/web/admin/live/fingerprint.ts'

const at = new Date('2026-11-29T12:00:00Z')
const late = async () => {
  throw new Error('late')
}
const healthy: DeploymentFacts = {
  at,
  version: '1.0.0',
  startedAt: at,
  configuration: { digest: 'one', loadedAt: at, warnings: 0 },
  stores: [{ kind: 'postgres', latencyMs: 1, outage: undefined, figures: undefined }],
  processes: [],
  queues: {
    mail: { messages: 0, due: 0, oldestDueAt: undefined },
    logouts: { messages: 0, due: 0, oldestDueAt: undefined },
  },
  signingKeys: [],
}
const ofTenant: TenantFacts = {
  connections: { connections: [], knowsSignIns: true, readAt: at },
  signIns: undefined,
  expiries: [],
}
const all = { tenant: undefined, seesDeployment: true }

function world(deployment: Partial<DeploymentFacts> = {}, tenant: Partial<TenantFacts> = {}) {
  const deploymentFacts = vi.fn(async () => ({ ...healthy, ...deployment }))
  const tenantFacts = async () => ({ ...ofTenant, ...tenant })
  const parts = { traces: { search: async () => [] }, audit: { recent: async () => [] } }
  return { parts, deploymentFacts, tenantFacts }
}
const missingIn = async (ports: Parameters<typeof fingerprintOf>[0]) => {
  const parts = await fingerprintOf(ports)(all)
  return parts.flatMap((part, index) => (part === undefined ? [index] : []))
}

it('knows every part of a healthy deployment', async () => {
  expect(await missingIn(world())).toEqual([])
})

it.each([
  ['the processes', world({ processes: undefined }), [1]],
  ['a queue', world({ queues: { ...healthy.queues, mail: undefined } }), [1]],
  ['the signing keys', world({ signingKeys: undefined }), [1]],
  ['the connections', world({}, { connections: undefined }), [2, 3]],
  ['sign-ins', world({}, { connections: { connections: [], knowsSignIns: false, readAt: at } }), [2, 3]],
  ['what expires', world({}, { expiries: undefined }), [4]],
  ['the latest trace', { ...world(), parts: { ...world().parts, traces: { search: late } } }, [5]],
  ['the latest audit event', { ...world(), parts: { ...world().parts, audit: { recent: late } } }, [6]],
])('leaves out a part that is not known now: %s', async (_, ports, missing) => {
  expect(await missingIn(ports)).toEqual(missing)
})

it('changes with an outage though other facts are missing', async () => {
  const outage = { since: at, sentence: 'PostgreSQL does not answer' }
  const store = { kind: 'postgres' as const, latencyMs: undefined, outage, figures: undefined }
  const [before] = await fingerprintOf(world())(all)
  const [now] = await fingerprintOf(world({ stores: [store], processes: undefined }))(all)
  expect(now).not.toBe(before)
})

it('changes with queues of the deployment for an operator who looks at one tenant, and not for an admin', async () => {
  const waiting = { messages: 3, due: 3, oldestDueAt: new Date(at.getTime() - 3_600_000) }
  const busy = fingerprintOf(world({ queues: { ...healthy.queues, mail: waiting } }))
  const quiet = fingerprintOf(world())
  const operator = { tenant: 'acme', seesDeployment: true }
  const admin = { tenant: 'acme', seesDeployment: false }
  expect(await busy(operator)).not.toEqual(await quiet(operator))
  expect(await busy(admin)).toEqual(await quiet(admin))
})

it('reads the deployment once for the scopes of a tick', async () => {
  const ports = world()
  const fingerprint = fingerprintOf(ports)
  await Promise.all(['acme', 'beta', undefined].map((tenant) => fingerprint({ tenant, seesDeployment: false })))
  expect(ports.deploymentFacts).toHaveBeenCalledTimes(1)
  await fingerprint(all)
  expect(ports.deploymentFacts).toHaveBeenCalledTimes(2)
})
