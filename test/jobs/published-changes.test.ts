/** What upstreams change is recorded once, whichever process notices it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OktaEmulator } from '../../providers/okta/emulator.ts'
import { publishedChanges } from '../../src/jobs/health/published-changes.ts'
import { oktaFor } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const place = { tenant: 'acme', connection: 'okta' }
let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await oktaFor()
  server = await startTestGatehouse({ okta })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

const changes = () => server.core.parts.audit.recent({ tenant: 'acme', action: 'connection.keys_changed', limit: 10 })

/** As another process, which knows only what is stored. */
function recordChanges(): Promise<void> {
  const { parts, storage } = server.core
  const onProblem = (error: unknown) => expect.unreachable(String(error))
  return publishedChanges({ ports: parts, states: storage.durable.publishedStates, onProblem })(place)
}

/** A probe renews discovery and keys in the background; logins keep their copies meanwhile. */
async function probe(): Promise<void> {
  server.clock.forward(60)
  await server.core.parts.connections.get('acme', 'okta').upstream.health(new AbortController().signal)
}

it('records a rotated key once, of ten processes that see it, with both key lists', async () => {
  await probe()
  await recordChanges()
  expect(await changes()).toEqual([])
  await okta.rotateKey()
  await probe()
  await Promise.all(Array.from({ length: 10 }, recordChanges))
  const [change, ...more] = await changes()
  expect(more).toEqual([])
  expect(change).toMatchObject({ tenant: 'acme', actor: 'system', target: 'connection:okta' })
  const { before = '', after = '' } = change?.details ?? {}
  expect(before).toMatch(/^\S+ \([0-9a-f]{8}\)/)
  expect(after).not.toBe(before)
})

it('is called by the prober', async () => {
  await okta.rotateKey()
  await server.core.parts.probeNow('acme', 'okta')
  await expect.poll(async () => (await changes()).length).toBe(2)
})
