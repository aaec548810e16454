import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { orderOf } from '../../bench/rounds.ts'

const checkout = mkdtempSync(join(tmpdir(), 'gatehouse-compare-'))
afterAll(() => rmSync(checkout, { recursive: true, force: true }))

const compare = () => {
  const args = ['dist/bench/main.js', '--only', 'session-check', '--compare', checkout]
  return spawnSync(process.execPath, args, { encoding: 'utf8' })
}

it('says that the other version of a bench is not built', () => {
  const { status, stderr } = compare()
  expect(status).toBe(1)
  expect(stderr).toMatch(/--compare .*gatehouse\.js.*build it with npm run build/)
})

it('names what the bench of the other version lacks', async () => {
  await mkdir(join(checkout, 'dist/bench'), { recursive: true })
  await writeFile(join(checkout, 'package.json'), '{ "type": "module" }')
  await writeFile(join(checkout, 'dist/bench/gatehouse.js'), 'export const deploy = () => undefined')
  const { status, stderr } = compare()
  expect(status).toBe(1)
  expect(stderr).toContain('dist/bench/gatehouse.js has no serve')
})

it('measures each case in every place, and as often right after itself as the others', () => {
  const orders = [1, 2, 3, 4, 5, 6].map((turn) => orderOf(['a', 'b', 'c'], turn).join(''))
  expect(orders.toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  expect(orders.join('').match(/(.)\1/g)).toEqual(['cc', 'aa', 'bb'])
})
