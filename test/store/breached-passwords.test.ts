/** The file of breached passwords. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { breachHash, isBreachedIn } from '../../src/store/breached-passwords.ts'

let folder: string
const breached = Array.from({ length: 1200 }, (_, number) => `breached ${number}`)
const lines = breached.map((password, number) => `${breachHash(password)}:${number + 1}`).toSorted()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-breached-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function fileOf(text: string): Promise<string> {
  const file = join(folder, `${breachHash(text)}.txt`)
  await writeFile(file, text)
  return file
}

describe.each([
  ['as downloaded', lines.join('\r\n')],
  ['with a last line break', `${lines.join('\n')}\n`],
  ['without counts, in small letters', `${lines.map((line) => line.slice(0, 40).toLowerCase()).join('\n')}\n`],
])('PW-06 a file %s', (_name, text) => {
  it('has each of its passwords and no other', async () => {
    const file = await fileOf(text)
    const found = await Promise.all(breached.map((password) => isBreachedIn(file, password)))
    expect(found.filter(Boolean)).toHaveLength(breached.length)
    const others = Array.from({ length: 500 }, (_, number) => isBreachedIn(file, `other ${number}`))
    expect((await Promise.all(others)).filter(Boolean)).toEqual([])
  })
})

it.each([0, 1, 2, 3])('finds the passwords of a file of %d lines', async (count) => {
  const few = lines.slice(0, count)
  const file = await fileOf(few.join('\r\n'))
  const expected = breached.filter((password) => few.some((line) => line.startsWith(breachHash(password))))
  const found = await Promise.all(
    breached.map(async (password) => ((await isBreachedIn(file, password)) ? [password] : [])),
  )
  expect(found.flat()).toEqual(expected)
})
