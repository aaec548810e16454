import { describe, expect, it } from 'vitest'
import { gatehouse, load, loadedOf, tenant, tenantFaults } from '../../support/gatehouse/config-folder.ts'

const bomb = `tenant: acme
name: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
connections: { password: {} }
`

const refused: readonly [what: string, text: string, expected: string][] = [
  ['an alias bomb', bomb, '4:36: c[7][3][4]: aliases stand for more than 1000 values: write them out'],
  ['an alias of itself', 'tenant: &a [*a]', 'nested deeper than 16 levels'],
  ['an alias of nothing', 'tenant: *a', '1:1: tenant: the alias *a names no anchor above it'],
  ['a duplicate key', `${tenant('acme')}name: other`, '6:1: name: this key is given twice'],
  [
    'a duplicate key far below',
    tenant('acme', '    domains: []\n    domains: [a.com]\n'),
    '7:5: connections.password.domains: this key is given twice',
  ],
  [
    '__proto__',
    tenant('acme', '    __proto__: { button: false }\n'),
    '6:5: connections.password.__proto__: this key is not allowed',
  ],
  [
    '__proto__ as a connection',
    `${tenant('acme')}  "__proto__": { kind: password }\n`,
    '6:3: connections.__proto__: this key is not allowed',
  ],
  [
    'a merge key',
    `${tenant('acme')}  other:\n    <<: { signUp: true }\n    kind: password`,
    '7:5: connections.other."<<": merge keys (<<) are not used here',
  ],
  [
    'a JavaScript function',
    "tenant: !!js/function 'return 1'",
    '1:9: tags (words that begin with !) are not used here',
  ],
  ['a tag of its own', 'tenant: !mine acme', '1:9: tags (words that begin with !) are not used here'],
  ['binary', 'tenant: !!binary YWNtZQ==', '1:1: tenant: tags (words that begin with !) are not used here'],
  ['a tab as indentation', 'tenant: acme\nconnections:\n\tpassword: {}', '3:1: tabs do not indent in YAML: use spaces'],
  ['an open bracket', 'tenant: [acme', 'wrong indentation, or a bracket that is not closed'],
  [
    'an open quote, where it was opened',
    'tenant: acme\nname: "Acme\nconnections: {}\n',
    '2:7: something is missing here: a closing quote',
  ],
  ['a second key on one line', 'tenant: acme: x', '1:9: a second key on one line'],
  ['two documents', 'tenant: acme\n---\nname: A', '2:1: one file holds one document'],
  ['a directive', '%X\n---\ntenant: acme', '1:1: directives (lines that begin with %) are not used here'],
  ['a list as a key', '? [a]\n: 1', 'a key has to be plain text'],
  ['nothing', '', '1:1: the file is empty'],
  ['comments alone', '# tenant: acme\n', '1:1: the file is empty'],
]

describe('a YAML file', () => {
  it.each(refused)('CF-02 rejects %s at its line', async (_what, text, expected) => {
    const faults = await tenantFaults(text)
    expect(faults.filter((fault) => fault.includes(expected)).length, faults.join('\n')).toBe(1)
  })

  it('CF-02 reports an alias bomb as one error', async () => {
    expect(await tenantFaults(bomb)).toHaveLength(1)
  })

  it('CF-02 rejects a file of 10 MB and one that is not UTF-8', async () => {
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/large.yaml': '#'.repeat(10_000_000),
      'tenants/latin.yaml': Buffer.from('tenant: latin\nname: M\xfcller\n', 'latin1'),
    })
    expect(faults).toEqual([
      'tenants/large.yaml:1:1: is larger than 256 kB',
      'tenants/latin.yaml:1:1: cannot be read: it is not UTF-8 text',
    ])
  })

  it('CF-02+ reports a file of brackets and one of many keys', async () => {
    expect(await tenantFaults('['.repeat(200_000))).toContainEqual(
      expect.stringMatching(/^tenants\/acme\.yaml:1:\d+: nested too deeply$/),
    )
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n')
    expect((await tenantFaults(keys)).at(0)).toContain('unknown key k0')
  })

  it('CF-02 leaves Object.prototype unchanged', async () => {
    await tenantFaults(`${tenant('acme')}__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }`)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('CF-02 reads no, on and y as strings (YAML 1.2)', async () => {
    const { loaded } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/no.yaml': tenant('no').replace('name: no', 'name: NO'),
    })
    expect(loadedOf(loaded).tenants[0]).toMatchObject({ id: 'no', name: 'NO' })
  })

  it('may repeat a block by an alias', async () => {
    const text = `${tenant('acme', '    domains: &own [acme.com]\n')}  second:\n    kind: password\n    domains: *own\n`
    const { loaded } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
    expect(loadedOf(loaded).tenants[0]?.connections.map(({ domains }) => domains)).toEqual([['acme.com'], ['acme.com']])
  })
})
