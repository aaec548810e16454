import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { durableStoreContract, volatileStoreContract } from '../contract/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sqlite-'))
const file = join(folder, 'new', 'gatehouse.sqlite')
afterAll(() => rmSync(folder, { recursive: true }))

durableStoreContract('the embedded file', async ({ keyRing }) => {
  const { durable, volatile } = await openEmbedded({ file, keyRing, now: () => new Date() })
  return { ...durable, close: async () => void (await Promise.all([durable.close(), volatile.close()])) }
})

volatileStoreContract('the embedded file', async (options) => {
  const { durable, volatile } = await openEmbedded({ file, ...options })
  return { ...volatile, close: async () => void (await Promise.all([durable.close(), volatile.close()])) }
})
