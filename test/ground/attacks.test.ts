import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

interface Row {
  readonly id: string
  readonly case: string
  readonly verdict: string
  readonly test?: string
}
interface Tested {
  readonly name: string
  readonly failed: boolean
  readonly tests: readonly { readonly names: readonly string[]; readonly status: string }[]
}
interface Table {
  readonly attackIds: (name: string) => readonly string[]
  readonly verdictOf: (status: string, name: string) => string
  readonly rowsOf: (files: readonly Tested[], catalogue: Readonly<Record<string, string>>) => readonly Row[]
  readonly printed: (rows: readonly Row[]) => string
  readonly summaryOf: (rows: readonly Row[]) => { sentence: string; failed: number; notCovered: number }
}

const ground = (file: string) => import(new URL(`../../scripts/ground/${file}`, import.meta.url).href)
const { attackIds, verdictOf, rowsOf, printed, summaryOf }: Table = await ground('attacks-table.mjs')
const { catalogue }: { catalogue: Readonly<Record<string, string>> } = await ground('attacks-catalogue.mjs')

describe('the ids in the name of a test', () => {
  it.each([
    ['with alg none', []],
    ['RP-01 with alg none', ['RP-01']],
    ['says RP-01', ['RP-01']],
    ['RP-14: a key it brings itself', ['RP-14']],
    ['RP-18…20 of nobody', ['RP-18', 'RP-19', 'RP-20']],
    ['RP-18...20 of nobody', ['RP-18', 'RP-19', 'RP-20']],
    ['RP-08–RP-10 of nobody', ['RP-08', 'RP-09', 'RP-10']],
    ['OP-22…24 a redirect URI', ['OP-22', 'OP-23', 'OP-24']],
    ['FW-01 OP-27 is not fooled', ['FW-01', 'OP-27']],
    ['SA-49…54 too much', ['SA-49', 'SA-50', 'SA-51', 'SA-52', 'SA-53', 'SA-54']],
    ['ID-05 ID-06 has the email', ['ID-05', 'ID-06']],
    ['SA-87 keys change › SA-09 asks once, SA-87', ['SA-87', 'SA-09']],
    ['RP-39 SE-02 in another browser', ['RP-39']],
    ['RP-20…18 backwards', ['RP-20']],
    ['XRP-01, RP-1 and RP-x', []],
  ])('of %j are %j', (name, ids) => {
    expect(attackIds(name)).toEqual(ids)
  })
})

describe('the verdict on an attack', () => {
  it.each([
    ['failed', 'is refused', 'FAILED'],
    ['failed', 'survives', 'FAILED'],
    ['passed', 'is refused', 'refused'],
    ['passed', 'cannot be finished twice', 'refused'],
    ['passed', 'survives a list 500 deep', 'survived'],
    ['passed', 'is accepted when clocks differ', 'survived'],
    ['passed', 'keeps the last good keys', 'survived'],
    ['passed', 'the page says upstream_invalid, its reference finds the failed check', 'refused'],
    ['passed', 'the token endpoint › found to answer 500 is refused', 'refused'],
  ])('whose test %s by the name %j is %s', (status, name, verdict) => {
    expect(verdictOf(status, name)).toBe(verdict)
  })
})

describe('the table of attacks', () => {
  const test = (name: string, status = 'passed') => ({ names: ['SE-12 a gate', name], status })
  const file = (name: string, ...tests: Tested['tests']) => ({
    name,
    failed: tests.length === 0 || tests.some(({ status }) => status === 'failed'),
    tests,
  })
  const small = { 'RP-01': 'alg none', 'RP-02': 'alg nOnE', 'SA-01': 'no signature' }

  it('has a row for each attack of each test, in the order of the catalogue, without ids in the case', () => {
    const rows = rowsOf([file('a.test.ts', test('SA-01 RP-02 refuses'), test('RP-01 keeps on'))], small)
    expect(rows).toEqual([
      { id: 'RP-01', case: 'a gate › keeps on', verdict: 'survived', test: 'a.test.ts' },
      { id: 'RP-02', case: 'a gate › refuses', verdict: 'refused', test: 'a.test.ts' },
      { id: 'SA-01', case: 'a gate › refuses', verdict: 'refused', test: 'a.test.ts' },
    ])
  })

  it('calls an attack not covered that no test names, or only one that was left out', () => {
    const rows = rowsOf([file('a.test.ts', test('RP-01 refuses'), test('RP-02 refuses', 'skipped'))], small)
    expect(rows.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['RP-01', 'refused'],
      ['RP-02', 'not covered'],
      ['SA-01', 'not covered'],
    ])
    expect(summaryOf(rows)).toEqual({
      sentence: '1 cases of 1 attacks: 1 refused, 0 survived, 0 FAILED; 2 not covered (RP-02 SA-01)',
      failed: 0,
      notCovered: 2,
    })
  })

  it('counts a failed test and a file that could not run as failures', () => {
    const rows = rowsOf([file('a.test.ts', test('RP-01 refuses', 'failed')), file('b.test.ts')], small)
    expect(summaryOf(rows).failed).toBe(2)
    expect(printed(rows).match(/FAILED .*/g)).toEqual(['FAILED  a.test.ts', 'FAILED  b.test.ts'])
  })

  it('prints nothing that moves the cursor or turns the line around', () => {
    const rows = rowsOf([file('a.test.ts', test('RP-01 refuses "\u001b[2J\u202egnp"'))], small)
    expect(printed(rows).replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })
})

describe('the catalogue of attacks', () => {
  it('has a title of its own for each attack', () => {
    expect(Object.keys(catalogue)).toEqual(attackIds('RP-01…45 SA-01…89 ID-01…08 OP-01…54 FW-01'))
    expect(new Set(Object.values(catalogue)).size).toBe(197)
  })
})

describe('npm run attacks', () => {
  const launch = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['scripts/run.mjs', 'attacks', ...args], { encoding: 'utf8' })

  it('explains itself', () => {
    const { status, stdout } = launch('--help')
    expect([status, stdout]).toEqual([0, expect.stringContaining('--strict')])
  })

  it('says where to read about an option it does not know', () => {
    const { status, stdout, stderr } = launch('--dance')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('npm run attacks -- --help')
  })
})
