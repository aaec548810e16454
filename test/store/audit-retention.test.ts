import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { forgetOldAuditEvents } from '../../src/main/audit-retention.ts'
import { batchForgetter } from '../../src/main/forget-in-batches.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { keyRing } from '../support/store/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-retention-'))
const now = () => new Date()
const stores = await openEmbedded({ file: join(folder, 'gatehouse.db'), keyRing, now })
afterAll(async () => {
  await Promise.all([stores.durable.close(), stores.volatile.close()])
  rmSync(folder, { recursive: true })
})

it('deletes audit events by the retention of their tenant, or after 400 days', async () => {
  const { audit } = stores.durable
  const eventOf = (tenant: string, days: number, id: string) => {
    const at = new Date(Date.now() - days * 86_400_000)
    return { id: `${tenant} ${days} ${id}`, at, tenant, action: 'app.changed', actor: 'a', target: 'b', details: {} }
  }
  const tenants = ['short', 'default', 'gone', '*']
  for (const tenant of tenants)
    for (const days of [401, 100, 29])
      await audit.addAll(Array.from({ length: 700 }, (_, id) => eventOf(tenant, days, `${id}`)))
  const configured = new Map([
    ['short', { auditRetentionSeconds: 30 * 86_400 }],
    ['default', {}],
  ])
  expect(await forgetOldAuditEvents(audit, configured, now(), batchForgetter())).toBe(5 * 700)
  const left = tenants.map(async (tenant) => (await audit.recent({ tenant, limit: 5000 })).length)
  expect(await Promise.all(left)).toEqual([700, 1400, 1400, 1400])
  expect(await forgetOldAuditEvents(audit, configured, now(), batchForgetter())).toBe(0)
})
