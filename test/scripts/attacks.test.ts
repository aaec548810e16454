import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  /** Ids, and whether they are stated to be survived. */
  readonly attackIds: (name: string) => ReadonlyMap<string, boolean>
  readonly verdictOf: (status: string, survived: boolean) => string
  readonly rowsOf: (files: readonly Tested[], known: Pick<Catalogue, 'catalogue' | 'toSurvive'>) => readonly Row[]
  readonly printed: (rows: readonly Row[]) => string
  readonly summaryOf: (rows: readonly Row[]) => { sentence: string; failed: number; notCovered: number }
}
interface Catalogue {
  readonly catalogue: Readonly<Record<string, string>>
  readonly toSurvive: ReadonlySet<string>
  readonly notYet: Readonly<Record<string, string>>
}

const library = (file: string) => import(new URL(`../../scripts/lib/${file}`, import.meta.url).href)
const { attackIds, verdictOf, rowsOf, printed, summaryOf }: Table = await library('attacks/table.mjs')
const { catalogue, toSurvive, notYet }: Catalogue = await library('attacks/catalogue.mjs')

describe('the IDs in the name of a test', () => {
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
    ['RP-39 SE-02 in another browser', ['RP-39', 'SE-02']],
    ['RP-20…18 backwards', ['RP-20']],
    ['XRP-01, RP-1 and RP-x', []],
  ])('of %j are %j', (name, ids) => {
    expect([...attackIds(name).keys()]).toEqual(ids)
  })
})

describe('the verdict on an attack', () => {
  it.each([
    ['failed', false, 'FAILED'],
    ['failed', true, 'FAILED'],
    ['passed', false, 'refused'],
    ['passed', true, 'survived'],
  ])('for a test that %s, to be survived: %j, is %s', (status, survived, verdict) => {
    expect(verdictOf(status, survived)).toBe(verdict)
  })

  it.each([
    ['RP-36 survives whatever its words', 'refused'],
    ['RP-36+ is refused whatever its words', 'survived'],
    ['RP-35…36+ both', 'survived'],
    ['FT-01 a fault is refused', 'survived'],
  ])('of the test %j depends on its ID only', (name, verdict) => {
    const files = [{ name: 'a.test.ts', failed: false, tests: [{ names: [name], status: 'passed' }] }]
    const shown = rowsOf(files, { catalogue, toSurvive }).filter((row) => row.verdict !== 'not covered')
    expect(new Set(shown.map((row) => row.verdict))).toEqual(new Set([verdict]))
    expect(shown.map((row) => row.case).join()).not.toMatch(/[A-Z]{2}-|\+/)
  })
})

describe('the table of attacks', () => {
  const test = (name: string, status = 'passed') => ({ names: ['SE-12 a gate', name], status })
  const file = (name: string, ...tests: Tested['tests']) => ({
    name,
    failed: tests.length === 0 || tests.some(({ status }) => status === 'failed'),
    tests,
  })
  const titles = { 'RP-01': 'alg none', 'RP-02': 'alg nOnE', 'SA-01': 'no signature' }
  const small = { catalogue: titles, toSurvive: new Set(['RP-01']) }

  it('has a row for each attack of each test, in the order of the catalogue, without IDs in the case', () => {
    const rows = rowsOf([file('a.test.ts', test('SA-01 RP-02 refuses'), test('RP-01 keeps on'))], small)
    expect(rows).toEqual([
      { id: 'RP-01', case: 'a gate › keeps on', verdict: 'survived', test: 'a.test.ts' },
      { id: 'RP-02', case: 'a gate › refuses', verdict: 'refused', test: 'a.test.ts' },
      { id: 'SA-01', case: 'a gate › refuses', verdict: 'refused', test: 'a.test.ts' },
    ])
  })

  it('reports an attack without a test, or with a skipped test only, as not covered', () => {
    const rows = rowsOf([file('a.test.ts', test('RP-01 refuses'), test('RP-02 refuses', 'skipped'))], small)
    expect(rows.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['RP-01', 'survived'],
      ['RP-02', 'not covered'],
      ['SA-01', 'not covered'],
    ])
    expect(summaryOf(rows)).toEqual({
      sentence: '1 cases of 1 attacks: 0 refused, 1 survived, 0 FAILED; 2 not covered (RP-02 SA-01)',
      failed: 0,
      notCovered: 2,
    })
  })

  it('counts a failed test and a file that could not run as failures', () => {
    const rows = rowsOf([file('a.test.ts', test('RP-01 refuses', 'failed')), file('b.test.ts')], small)
    expect(summaryOf(rows).failed).toBe(2)
    expect(printed(rows).match(/FAILED .*/g)).toEqual(['FAILED  a.test.ts', 'FAILED  b.test.ts'])
  })

  it('prints no control characters', () => {
    const rows = rowsOf([file('a.test.ts', test('RP-01 refuses "\u001b[2J\u202egnp"'))], small)
    expect(printed(rows).replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })
})

describe('the catalogue of attacks', () => {
  const families = 'RP-01…45 SA-01…89 ID-01…10 OP-01…54 PW-01…06 MF-01…05 RE-01…04 SE-01…13 AP-01…02 AD-01 FW-01'
  const rest = 'CF-01…06 LK-01…04 SU-01 FT-01…31'

  it('lists every attack and fault, as covered or as not applicable yet', () => {
    const all = [...Object.keys(catalogue), ...Object.keys(notYet)]
    expect(all.toSorted()).toEqual([...attackIds(`${families} ${rest}`).keys()].toSorted())
  })

  it('has a unique title for each', () => {
    const titles = [...Object.values(catalogue), ...Object.values(notYet)]
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('marks only listed IDs as survivable', () => {
    for (const id of toSurvive) expect(catalogue).toHaveProperty([id])
  })
})

describe('npm run attacks', () => {
  const launch = (...args: readonly string[]) =>
    spawnSync(process.execPath, ['scripts/run.mjs', 'attacks', ...args], { encoding: 'utf8' })

  it('prints help', () => {
    const { status, stdout } = launch('--help')
    expect([status, stdout]).toEqual([0, expect.stringContaining('--report <file>')])
  })

  it('reads a vitest report, prints one object a line, and fails for failed or uncovered attacks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-attacks-'))
    const report = (...names: readonly string[]) => {
      const assertionResults = names.map((title) => ({ ancestorTitles: [], title, status: 'passed' }))
      const file = join(folder, 'report.json')
      writeFileSync(file, JSON.stringify({ testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] }))
      return file
    }
    try {
      const partial = launch('--json', '--report', report('RP-09 refuses', 'FT-01 heals'))
      const [first, ...others] = partial.stdout.trimEnd().split('\n')
      expect(partial.status).toBe(1)
      expect(JSON.parse(first ?? '')).toEqual({ id: 'RP-01', case: 'ID token: alg none', verdict: 'not covered' })
      expect(others).toContain('{"id":"RP-09","case":"refuses","verdict":"refused","test":"a.test.ts"}')
      expect(partial.stderr).toContain('SU-01  known weaknesses of dependencies')
      const whole = launch('--report', report(...Object.keys(catalogue)))
      expect([whole.status, whole.stdout]).toEqual([0, expect.stringContaining('0 FAILED; 0 not covered')])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('reports a missing report', () => {
    const { status, stderr } = launch('--report', 'nowhere.json')
    expect([status, stderr]).toEqual([1, expect.stringContaining('nowhere.json')])
  })

  it('rejects an unknown option', () => {
    const { status, stdout, stderr } = launch('--dance')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('npm run attacks -- --help')
  })
})
