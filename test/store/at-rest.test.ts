/** What the README says of data at rest. */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenFor } from '../http/gates.ts'
import { type House, startHouse } from '../http/house.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const section = readme.split('### What is sealed at rest')[1]?.split('\n## ')[0] ?? ''
const schema = readFileSync(new URL('../../src/store/sql/schema.ts', import.meta.url), 'utf8')

let house: House
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.stop())

describe('A17: the README', () => {
  it('A17: says of every durable table what is sealed in it', () => {
    const tables = [...(schema.split('export interface Tables')[1]?.split('}')[0] ?? '').matchAll(/readonly (\w+):/g)]
    expect(tables.length).toBeGreaterThan(10)
    expect(tables.map(([, name]) => name).filter((name) => !section.includes(`\`${name}\``))).toEqual([])
  })

  it('A17: is right about users, who are stored in plain text, and tokens, which are not', async () => {
    const email = `canary-${randomUUID()}@mail.test`
    const token = await tokenFor(house, email)
    const stored = await house.storedBytes()
    expect(stored.includes(email)).toBe(true)
    expect(section).toContain('profiles: names, email addresses')
    expect(stored.includes(token)).toBe(false)
  })
})
