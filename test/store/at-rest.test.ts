/** What docs/security/index.md says about encryption at rest. */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenFor } from '../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const page = readFileSync(new URL('../../docs/security/index.md', import.meta.url), 'utf8')
const section = page.split('## Encryption at rest')[1]?.split('\n## ')[0] ?? ''
const schema = readFileSync(new URL('../../src/store/sql/schema.ts', import.meta.url), 'utf8')

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

describe('A17: docs/security/index.md', () => {
  it('A17: states for every durable table what is encrypted in it', () => {
    const tables = [
      ...(schema.split('export interface Tables')[1]?.split('\n}')[0] ?? '').matchAll(/^ {2}readonly (\w+):/gm),
    ]
    expect(tables.length).toBeGreaterThan(10)
    expect(tables.map(([, name]) => name).filter((name) => !section.includes(`\`${name}\``))).toEqual([])
  })

  it('A17: states correctly that users are stored in plain text and tokens are not', async () => {
    const email = `canary-${randomUUID()}@mail.test`
    const token = await tokenFor(server, email)
    const stored = await server.storedBytes()
    expect(stored.includes(email)).toBe(true)
    expect(section).toContain('profiles: names, email addresses')
    expect(stored.includes(token)).toBe(false)
  })
})
