import { spawnSync } from 'node:child_process'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeFolder } from '../../../src/primitives/directory.ts'

const place = () => mkdtempSync(join(tmpdir(), 'gatehouse-folder-'))

it('creates a folder and its parents for this user alone, unless it exists', () => {
  const folder = join(place(), 'a', 'b')
  makeFolder(folder)
  makeFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

it('a folder below a file cannot be made, which is said', () => {
  const file = join(place(), 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(join(file, 'a', 'b'))).toThrow(`the folder ${join(file, 'a', 'b')} cannot be made`)
})

it.runIf(process.platform === 'linux')('a folder where none can be is refused at once', () => {
  const script = `import { makeFolder } from ${JSON.stringify(new URL('../../../src/primitives/directory.ts', import.meta.url).href)}
try { makeFolder('/proc/nope/var') } catch (error) { process.stdout.write(error.message) }`
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 5000,
  })
  expect({ stdout, signal }).toEqual({
    stdout: 'the folder /proc/nope/var cannot be made (ENOENT at /proc/nope): choose another place, or make it',
    signal: null,
  })
})
