/** Plugins in a configuration folder, run by Node itself: vitest would transform them. */
import { spawn } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pluginModules } from '../../../src/config/deployment/plugins.ts'
import { gatehouse, gatehouseFaults, tenant, writeFolder } from '../../support/gatehouse/config-folder.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const codebergFolder = join(root, 'config/examples/codeberg')

const said = z.object({
  ok: z.boolean(),
  kinds: z.array(z.string()),
  faults: z.array(z.string()),
  connections: z.array(z.string()),
  sameError: z.boolean().optional(),
})

type Said = z.infer<typeof said>

async function load(directory: string): Promise<Said> {
  const [only] = await loadEach([directory])
  if (only === undefined) throw new Error('nothing was loaded')
  return only
}

/** Loads each folder in a process of its own and returns the results. */
async function loadEach(directories: readonly string[]): Promise<readonly Said[]> {
  const program = `
    import { loadConfig } from './src/config/load.ts'
    import { GatehouseError } from './src/errors.ts'
    import { providers } from './providers/index.ts'
    const thrown = (work) => { try { work() } catch (error) { return error } }
    const said = []
    for (const directory of ${JSON.stringify(directories)}) {
    const loaded = await loadConfig({ directory, environment: {}, providers })
    const plugin = loaded.ok ? loaded.providers.at(-1) : undefined
    said.push({
      ok: loaded.ok,
      kinds: loaded.ok ? loaded.providers.slice(providers.length).map(({ kind }) => kind) : [],
      faults: (loaded.ok ? loaded.unusable : loaded.faults).map(({ line, path, message }) => line + ' ' + path + ': ' + message),
      connections: loaded.ok ? loaded.tenants.flatMap(({ connections }) => connections.map(({ kind }) => kind)) : [],
      sameError: plugin?.read === undefined ? undefined : thrown(() => plugin.read({ user: { id: null } })) instanceof GatehouseError,
    })
    }
    console.log(JSON.stringify(said))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
  const [output, noise] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (noise !== '') throw new Error(noise)
  return z.array(said).parse(JSON.parse(output))
}

const plugins = (...paths: readonly string[]) =>
  `${gatehouse}plugins:\n${paths.map((path) => `  - ${path}\n`).join('')}`

const written = (kind: string, more = '') =>
  `import { z } from 'zod'\nexport const provider = { kind: '${kind}', brand: { name: 'X' }, config: z.strictObject({}), open() {}${more} }\n`

/** A folder with this one plugin in it. */
const folderOf = (content: string, name = 'mine.mjs') =>
  writeFolder({ 'gatehouse.yaml': plugins(`./${name}`), [name]: content, 'tenants/acme.yaml': tenant('acme') })

const at = 'plugins[0]: '

const faulty: readonly (readonly [string, string, string | RegExp])[] = [
  ['does not export one', 'export const other = 1', 'must export a provider: export const provider = …'],
  ['exports it by default only', 'export default {}', 'must export a provider: export const provider = …'],
  ['has no kind', written('x').replace("kind: 'x'", 'name: 1'), 'its provider is not one: kind must be a text'],
  ['has a kind that is none', written('Git Hub'), /not one: kind must be 1 to 32 lower-case letters/],
  ['has no name', written('x').replace("{ name: 'X' }", '{}'), 'its provider is not one: brand.name must be a text'],
  ['has no open', written('x').replace('open() {}', 'open: 1'), 'its provider is not one: open must be a function'],
  ['has a read that is none', written('x', ', read: 1'), 'its provider is not one: read must be a function'],
  ['has no schema', written('x').replace('z.strictObject({})', '{}'), /not one: config must be a zod schema/],
  ['has a lax schema', written('x').replace('strictObject', 'object'), /config must be a z\.strictObject/],
  [
    'has a logo that is not there',
    written('x').replace("'X'", "'X', logo: new URL('./x.svg', import.meta.url)"),
    /^its brand\.logo cannot be read: it does not exist/,
  ],
  [
    'has colors that are none',
    written('x').replace("'X'", "'X', colors: { light: { fill: 'red;x:y' } }"),
    /brand\.colors\.light\.fill must be a color such as #fff/,
  ],
  [
    'has a place that is none',
    written('x').replace("'X'", "'X', callbackPlace: ['Settings']"),
    'its provider is not one: brand.callbackPlace must be a text',
  ],
  [
    'has a logo elsewhere',
    written('x').replace("'X'", "'X', logo: new URL('https://x.test/x.svg')"),
    /^its brand\.logo must be a file ending in \.svg/,
  ],
  ['takes a kind of ours', written('okta'), 'its kind okta is taken by Gatehouse itself'],
]

const unloadable: readonly (readonly [string, string, RegExp])[] = [
  ['throws', `throw new Error('no licence\\nline two')`, /no licence$/],
  ['throws nothing', 'throw undefined', /it threw something without a message$/],
  ['is no program', 'export const =', /\S$/],
  ['imports what is not there', `import 'no-such-package-of-anybody'`, /Cannot find package/],
  ['never finishes loading', 'await new Promise(() => undefined)', /it is not done after 10 s$/],
]

describe('plugins', () => {
  const faultsBy = new Map<string, readonly string[]>()
  beforeAll(async () => {
    const results = await loadEach(faulty.map(([, content]) => folderOf(content)))
    for (const [index, [name]] of faulty.entries()) faultsBy.set(name, results[index]?.faults ?? [])
  })

  it('add kinds for tenants, in any folder and without packages of their own', async () => {
    const folder = writeFolder({})
    cpSync(codebergFolder, folder, { recursive: true })
    expect(await load(folder)).toEqual({
      ok: true,
      kinds: ['codeberg'],
      faults: [],
      connections: ['codeberg'],
      sameError: true, // what they throw is of the same class as ours
    })
  })

  it('may be .ts, .js and .mjs, in nested folders', async () => {
    const folder = writeFolder({
      'conf/gatehouse.yaml': plugins('./a.ts', 'b.mjs', '../c/c.js'),
      'conf/a.ts': `import type { Provider } from 'gatehouse/provider'\n${written('a').replace('provider =', 'provider: Provider =')}`,
      'conf/b.mjs': written('b'),
      'c/c.js': written('c'),
      'c/package.json': '{"type":"module"}',
      'conf/tenants/acme.yaml': `${tenant('acme')}  one:\n    kind: c\n`,
    })
    const { kinds, faults, connections } = await load(join(folder, 'conf'))
    expect([kinds, faults, connections]).toEqual([['a', 'b', 'c'], [], ['password', 'c']])
  })

  it('run strategies of npm, as the example does, and build on the engines by their public names', async () => {
    const example = writeFolder({})
    cpSync(join(root, 'config/examples/passport'), example, { recursive: true })
    const made = (engine: string, name: string, kind: string) =>
      `import { ${engine} } from 'gatehouse/${name}'\nexport const provider = ${engine}({ kind: '${kind}', brand: { name: 'X' } })\n`
    const folder = writeFolder({
      'gatehouse.yaml': plugins('./keycloak.mjs', './adfs.mjs'),
      'keycloak.mjs': made('oidcProvider', 'oidc', 'keycloak'),
      'adfs.mjs': made('samlProvider', 'saml', 'adfs'),
      'tenants/acme.yaml': `${tenant('acme')}  adfs: { metadataUrl: 'https://idp.example/metadata' }\n`,
    })
    const both = await loadEach([example, folder])
    expect(both.map(({ faults, kinds, connections }) => [faults, kinds, connections])).toEqual([
      [[], ['passport-discord', 'passport-github2'], ['passport-discord', 'passport-github2']],
      [[], ['keycloak', 'adfs'], ['password', 'adfs']],
    ])
  })

  it('have schemas as strict as built-in ones', async () => {
    const folder = writeFolder({
      'gatehouse.yaml': plugins('./mine.mjs'),
      'mine.mjs': written('mine'),
      'tenants/acme.yaml': `${tenant('acme')}  mine:\n    colour: blue\n`,
    })
    expect((await load(folder)).faults).toEqual([expect.stringMatching(/^7 connections\.mine\.colour: unknown key/)])
  })

  it.each(faulty)('a plugin that %s is an error at its line, without a stack', (name, _, message) => {
    const [fault = '', ...others] = faultsBy.get(name) ?? []
    expect(others).toEqual([])
    expect(fault.startsWith(`5 ${at}`)).toBe(true)
    const sentence = fault.slice(`5 ${at}`.length)
    if (typeof message === 'string') expect(sentence).toBe(message)
    else expect(sentence).toMatch(message)
    expect(sentence).not.toMatch(/\n|\bat .*:\d+:\d+/)
  })

  it.each(unloadable)('one that %s is no hindrance to others; its kind stays known', async (_, content, message) => {
    const { ok, faults, connections } = await load(
      writeFolder({
        'gatehouse.yaml': plugins('./mine.mjs'),
        'mine.mjs': content,
        'tenants/acme.yaml': `${tenant('acme')}  mine:\n    key: value\n`,
      }),
    )
    expect([ok, connections]).toEqual([true, ['password', 'mine']])
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual(['5 plugins[0]', '6 connections.mine.kind'])
    for (const fault of faults) {
      expect(fault).toContain('the plugin ./mine.mjs cannot be loaded: ')
      expect(fault).toMatch(message)
      expect(fault).not.toMatch(/\n|\bat .*:\d+:\d+/)
    }
  })

  it.each([
    ['inspect throws', written('mine', ", inspect() { throw new Error('canary') }"), '{}', 'it threw Error'],
    ['inspect gives no list', written('mine', ', async inspect() {}'), '{}', 'it returned no usable problems'],
    [
      'config throws',
      written('mine').replace(
        'z.strictObject({})',
        "z.strictObject({ key: z.string().transform(() => { throw new Error('canary') }) })",
      ),
      '{ key: x }',
      'it threw Error',
    ],
  ])('one whose %s is no hindrance to others', async (_, content, given, message) => {
    const { ok, kinds, faults, connections } = await load(
      writeFolder({
        'gatehouse.yaml': plugins('./mine.mjs'),
        'mine.mjs': content,
        'tenants/acme.yaml': `${tenant('acme')}  mine: ${given}\n`,
      }),
    )
    expect([ok, kinds, connections]).toEqual([true, ['mine'], ['password', 'mine']])
    expect(faults).toEqual([`6 connections.mine.kind: the plugin ./mine.mjs: ${message}`])
  })

  it('that cannot be loaded do not hide a misspelled kind', async () => {
    const { ok, faults } = await load(
      writeFolder({
        'gatehouse.yaml': plugins('./mine.mjs'),
        'mine.mjs': `throw new Error('no licence')`,
        'tenants/acme.yaml': `${tenant('acme')}  one:\n    kind: githb\n`,
      }),
    )
    expect(ok).toBe(true)
    expect(faults[1]).toMatch(/^7 connections\.one\.kind: unknown kind githb; did you mean github\? known: /)
    expect(faults[1]).toContain('the plugin ./mine.mjs cannot be loaded: no licence')
  })

  it('report the syntax that type stripping does not support', async () => {
    const [fault] = (await load(folderOf('enum A { b }\nexport const provider = A', 'mine.ts'))).faults
    expect(fault).toMatch(/^5 plugins\[0\]: the plugin \.\/mine\.ts cannot be loaded: .*enum/i)
  })

  it('cannot add a kind twice', async () => {
    const folder = writeFolder({
      'gatehouse.yaml': plugins('./a.mjs', './b.mjs', './a.mjs'),
      'a.mjs': written('x'),
      'b.mjs': written('x'),
      'tenants/acme.yaml': tenant('acme'),
    })
    expect((await load(folder)).faults).toEqual([
      '6 plugins[1]: its kind x is taken by the plugin ./a.mjs',
      '7 plugins[2]: its kind x is taken by the plugin ./a.mjs',
    ])
  })

  it.each([
    ['./gone.ts', 'cannot be read: it does not exist'],
    ['./mine.json', 'must be the path of a .ts, .js or .mjs file'],
    ['https://evil.test/x.mjs', 'must be the path of a .ts, .js or .mjs file'],
    ['data:text/javascript,x.mjs', 'must be the path of a .ts, .js or .mjs file'],
    ['node:fs', 'must be the path of a .ts, .js or .mjs file'],
  ])('the path %s is an error', async (path, message) => {
    expect(await gatehouseFaults(plugins(path))).toEqual([`gatehouse.yaml:5:5: ${at}${message}`])
  })

  it.each(['plugins: ./mine.ts', 'plugins: [7]', 'plugins: {a: b}'])(
    'CF-02 %s is an error, and nothing is imported',
    async (line) => {
      expect((await gatehouseFaults(`${gatehouse}${line}\n`)).length).toBe(1)
    },
  )

  it('import from Gatehouse only the exports of package.json', () => {
    const { exports } = z
      .object({ exports: z.record(z.string(), z.object({ types: z.string(), default: z.string() })) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    const names = [...Object.keys(pluginModules), 'express', 'fastify', 'next', 'client', 'buttons', 'contract']
    expect(Object.keys(exports)).toEqual(['.', ...names.map((name) => `./${name}`)])
    const { include } = z
      .object({ include: z.array(z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')))
    for (const { types, default: built } of Object.values(exports)) {
      const source = built.replace('./dist/', './').replace(/js$/, 'ts')
      expect(readFileSync(join(root, source), 'utf8')).not.toBe('')
      expect(types).toBe(built.replace(/js$/, 'd.ts'))
      expect(include.some((folder) => dirname(source).startsWith(`./${folder}`))).toBe(true)
    }
  })
})
