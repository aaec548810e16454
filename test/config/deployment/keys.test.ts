import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadKeyRingSecrets } from '../../../src/config/deployment/keys.ts'
import { Secret } from '../../../src/crypto/secret.ts'

const place = () => join(mkdtempSync(join(tmpdir(), 'gatehouse-keys-')), 'var', 'gatehouse.db')
const deployment = (file: string, keys: readonly string[] = []) => ({
  storage: { redis: undefined, postgres: undefined, file },
  keys: keys.map((key) => new Secret(key)),
})
const bytes = Buffer.from(Array.from({ length: 33 }, (_, index) => 255 - index))

describe('the secrets of the key ring', () => {
  it('come from the configuration in any encoding, newest first, without a file', async () => {
    const file = place()
    const spellings = [bytes.toString('base64url'), bytes.toString('base64'), bytes.toString('hex')]
    const secrets = await loadKeyRingSecrets(deployment(file, spellings))
    expect(secrets.map((secret) => Buffer.from(secret).equals(bytes))).toEqual([true, true, true])
    expect(() => statSync(`${file}.key`)).toThrow()
  })

  it('are created at the first start, readable by this user only, and kept', async () => {
    const file = place()
    const [first] = await loadKeyRingSecrets(deployment(file))
    const [second] = await loadKeyRingSecrets(deployment(file))
    expect(first).toHaveLength(32)
    expect(second).toEqual(first)
    expect(statSync(`${file}.key`).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(file, '..'))).toEqual(['gatehouse.db.key'])
  })

  it('are the same for fifty simultaneous starts', async () => {
    const file = place()
    const all = await Promise.all(Array.from({ length: 50 }, () => loadKeyRingSecrets(deployment(file))))
    expect(new Set(all.map(([key]) => Buffer.from(key ?? []).toString('hex'))).size).toBe(1)
    expect(readdirSync(join(file, '..'))).toHaveLength(1)
  })

  it('are the same for two processes that start at once', async () => {
    const file = place()
    const script = `import { loadKeyRingSecrets } from ${JSON.stringify(new URL('../../../src/config/deployment/keys.ts', import.meta.url).href)}
const [key] = await loadKeyRingSecrets({ keys: [], storage: { file: ${JSON.stringify(file)} } })
process.stdout.write(Buffer.from(key).toString('hex'))`
    const start = () =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script])
        const said: Buffer[] = []
        child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
        child.once('error', reject).once('close', () => resolve(Buffer.concat(said).toString()))
      })
    const [one, other] = await Promise.all([start(), start()])
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(other).toBe(one)
  })

  it('may be several in the file, newest first', async () => {
    const file = place()
    await loadKeyRingSecrets(deployment(file))
    const before = readFileSync(`${file}.key`, 'utf8')
    writeFileSync(`${file}.key`, `${bytes.toString('hex')}\n${before}`)
    const secrets = await loadKeyRingSecrets(deployment(file))
    expect(secrets.map(({ length }) => length)).toEqual([33, 32])
  })

  it('are rejected from an invalid file without quoting it', async () => {
    const file = place()
    await loadKeyRingSecrets(deployment(file))
    writeFileSync(`${file}.key`, 'CANARY-short\n')
    await expect(loadKeyRingSecrets(deployment(file))).rejects.toThrow(/gatehouse\.db\.key must be at least 32 bytes/)
    await expect(loadKeyRingSecrets(deployment(file))).rejects.not.toThrow(/CANARY/)
    writeFileSync(`${file}.key`, '\n')
    await expect(loadKeyRingSecrets(deployment(file))).rejects.toThrow(/holds no key/)
  })
})
