import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { writeFolder } from '../support/gatehouse/config-folder.ts'

const ringKey = Buffer.alloc(32, 7).toString('base64url')
let config: string
function deploy(signingKeys: string): void {
  config = writeFolder({ 'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections:\n  password:\n' })
  const file = join(config, 'gatehouse.db')
  const kept = `storage: { file: ${file} }\nmail: { directory: ${config} }\n`
  writeFileSync(
    join(config, 'gatehouse.yaml'),
    `publicUrl: https://login.test\nkeys: [${ringKey}]\n${kept}${signingKeys}`,
  )
}
beforeEach(() => deploy(''))

interface Key {
  readonly id: string
  readonly algorithm: string
  readonly status: string
  readonly changesAt?: string
}

const keys = async (): Promise<readonly Key[]> =>
  JSON.parse((await runGatehouse('keys', 'list', '--json', '--config', config)).out)
const run = (...words: string[]) => runGatehouse('keys', ...words, '--config', config)
const theOne = (all: readonly Key[], status: string) =>
  all.find((key) => key.algorithm === 'RS256' && key.status === status)
const states = (all: readonly Key[]) =>
  all
    .filter(({ algorithm }) => algorithm === 'RS256')
    .map(({ status }) => status)
    .sort()

describe('gatehouse keys', () => {
  it('list creates missing keys and prints when each changes', async () => {
    const { out, code } = await run('list')
    expect(code).toBe(0)
    const [head, ...rows] = out.trimEnd().split('\n')
    expect(head).toMatch(/^key +algorithm +status +created +signs since +then$/)
    expect(rows).toHaveLength(6)
    expect(
      rows.filter((row) =>
        /^[\w-]{43} {2}(?:RS256|ES256|PS256) {6}active {2}.*signs until \d{4}-\d\d-\d\d \d\d:\d\dZ$/.test(row),
      ),
    ).toHaveLength(3)
    expect(rows.filter((row) => / next .* signs from /.test(row))).toHaveLength(3)
    expect(out).not.toContain('sealed')
  })

  it('list --json prints the same, without key material', async () => {
    const [key] = await keys()
    expect(Object.keys(key ?? {}).toSorted()).toEqual([
      'activatedAt',
      'algorithm',
      'changesAt',
      'createdAt',
      'id',
      'status',
    ])
  })

  it('rotate changes nothing while apps may not know the next keys, and prints when it may', async () => {
    const before = await keys()
    const { error, code } = await run('rotate')
    expect(code).toBe(1)
    expect(error).toMatch(
      /nothing was changed: the next keys are published since .*, and apps may not know them before .*--now/,
    )
    expect(await keys()).toEqual(before)
  })

  it('rotate --now activates the next keys, creates new ones, and keeps the old ones published', async () => {
    const before = await keys()
    expect((await run('rotate', '--now')).code).toBe(0)
    const after = await keys()
    expect(theOne(after, 'active')?.id).toBe(theOne(before, 'next')?.id)
    expect(theOne(after, 'retired')?.id).toBe(theOne(before, 'active')?.id)
    expect(states(after)).toEqual(['active', 'next', 'retired'])
  })

  it('rotate activates keys that have been published long enough', async () => {
    deploy('signingKeys: { publishAhead: 0s }\n')
    const before = await keys()
    expect((await run('rotate')).code).toBe(0)
    expect(theOne(await keys(), 'active')?.id).toBe(theOne(before, 'next')?.id)
  })

  it('list shows that rotation is manual', async () => {
    deploy('signingKeys: { rotateEvery: off }\n')
    expect((await run('list')).out).toContain('signs until you rotate')
  })

  it('retire stops a key from signing, and with --now from being published', async () => {
    const before = await keys()
    const id = theOne(before, 'active')?.id ?? ''
    expect((await run('retire', id)).code).toBe(0)
    const retired = await keys()
    expect(theOne(retired, 'retired')?.id).toBe(id)
    expect(theOne(retired, 'active')?.id).toBe(theOne(before, 'next')?.id)
    const again = await run('retire', id)
    expect([again.code, again.error]).toEqual([1, expect.stringMatching(/is retired, and published until .*--now/)])
    expect((await run('retire', id, '--now')).code).toBe(0)
    expect((await keys()).map((key) => key.id)).not.toContain(id)
  })

  it('retire replaces a next key, and with --now removes the active key', async () => {
    const before = await keys()
    await run('retire', theOne(before, 'next')?.id ?? '')
    const after = await keys()
    expect(theOne(after, 'active')?.id).toBe(theOne(before, 'active')?.id)
    expect(theOne(after, 'next')?.id).not.toBe(theOne(before, 'next')?.id)
    await run('retire', theOne(after, 'active')?.id ?? '', '--now')
    const last = await keys()
    expect(theOne(last, 'active')?.id).toBe(theOne(after, 'next')?.id)
    expect(states(last)).toEqual(['active', 'next'])
  })

  it('retire requires an existing key', async () => {
    expect(await run('retire')).toMatchObject({ code: 1, error: expect.stringContaining('name the key') })
    expect(await run('retire', 'nothing')).toMatchObject({
      code: 1,
      error: expect.stringContaining('there is no key nothing'),
    })
  })
})
