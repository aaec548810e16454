/** Which folder may import which, and how large files and folders may be. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importCircles, readTree } from '../scripts/shape/read-tree.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = globSync('{src,providers,demo,bench}/**/*.{ts,tsx}', { cwd: root }).sort()
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

interface Import {
  readonly from: string
  /** Our file as a path from the root, or the name of a package. */
  readonly to: string
  readonly ours: boolean
  /** The names between the braces. */
  readonly names: string
}

const importForm = /(?:^|\n)\s*(?:import|export)\s+(?:([^'";]*?)\s+from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g
const imports: readonly Import[] = files.flatMap((from) =>
  [...textOf(from).matchAll(importForm)].map(([, names = '', fixed, lazy]) => {
    const specifier = fixed ?? lazy ?? ''
    const ours = specifier.startsWith('.')
    const to = ours ? relative(root, join(root, dirname(from), specifier)) : specifier
    return { from, to, ours, names }
  }),
)

const starters = ['src/cli.ts']
const isStarter = (file: string) => starters.includes(file) || /^src\/(cli|main)\//.test(file)
const isVocabulary = (file: string) =>
  !starters.includes(file) &&
  (/^src\/[^/]+\.ts$/.test(file) || /^src\/(app|crypto|primitives|profile|provider)\//.test(file))
const below = (folder: string) => (file: string) => file.startsWith(`${folder}/`)
const layersOf = (...names: readonly string[]) => {
  const folders = names.map((name) => below(`src/${name}`))
  return (file: string) => isVocabulary(file) || folders.some((isBelow) => isBelow(file))
}
const engines = ['providers/oidc', 'providers/oauth2', 'providers/saml', 'providers/passport', 'providers/emulator']

/** Imports of files that `where` picks, which none of `allowed` permits. */
function offences(where: (file: string) => boolean, allowed: (entry: Import) => boolean): readonly string[] {
  return imports.filter((entry) => where(entry.from) && !allowed(entry)).map(({ from, to }) => `${from} imports ${to}`)
}

/** Places in code, comments left out, where `form` occurs. */
function occurrences(where: (file: string) => boolean, form: RegExp): readonly string[] {
  return files.filter(where).flatMap((file) => {
    const code = textOf(file).replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '')
    return [...code.matchAll(form)].map(([found]) => `${file}: ${found}`)
  })
}

/** Allowed imports between the layers that the rules below do not name one by one. */
const layers: Readonly<Record<string, readonly string[]>> = {
  http: ['http', 'broker'],
  pages: ['pages'],
  web: ['web', 'http', 'broker', 'pages', 'outbound', 'sdk'],
  oidc: ['oidc', 'http', 'broker', 'pages', 'outbound'],
  jobs: ['jobs', 'broker', 'outbound'],
  outbound: ['outbound'],
}

describe('import directions', () => {
  it('vocabulary imports only vocabulary of ours', () => {
    expect(offences(isVocabulary, ({ ours, to }) => !ours || isVocabulary(to))).toEqual([])
  })

  it('a provider imports vocabulary, its own folder, the engines and libraries', () => {
    const allowed = ({ from, ours, to }: Import) =>
      !ours ||
      isVocabulary(to) ||
      from === 'providers/index.ts' ||
      dirname(to).startsWith(from.split('/').slice(0, 2).join('/')) ||
      engines.some((engine) => below(engine)(to))
    expect(offences(below('providers'), allowed)).toEqual([])
  })

  it('the provider list imports one folder a kind and nothing else of ours', () => {
    const allowed = ({ ours, to }: Import) => !ours || below('providers')(to) || isVocabulary(to)
    expect(offences((file) => file === 'providers/index.ts', allowed)).toEqual([])
  })

  it('the core imports vocabulary and itself, and no HTTP, Redis, SQL or files', () => {
    const foreign =
      /^(express|express-session|ioredis|pg|kysely|undici|(node:)?(http|https|http2|net|tls|dns|fs|fs\/promises|sqlite|child_process|worker_threads))$/
    const allowed = ({ ours, to }: Import) => (ours ? isVocabulary(to) || below('src/broker')(to) : !foreign.test(to))
    expect(offences(below('src/broker'), allowed)).toEqual([])
  })

  it('the core has no clock or randomness of its own', () => {
    const own =
      /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\.now\(|\brandom(Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b|\bset(Timeout|Interval|Immediate)\(/g
    expect(occurrences(below('src/broker'), own)).toEqual([])
  })

  it('a store imports vocabulary and the core', () => {
    const allowed = ({ ours, to }: Import) =>
      !ours || isVocabulary(to) || below('src/broker')(to) || below('src/store')(to)
    expect(offences(below('src/store'), allowed)).toEqual([])
  })

  it('config imports vocabulary only', () => {
    const allowed = ({ ours, to }: Import) => !ours || isVocabulary(to) || below('src/config')(to)
    expect(offences(below('src/config'), allowed)).toEqual([])
  })

  it('http, web, oidc, jobs, pages and outbound import only the layers below them; web and oidc never each other', () => {
    const found = Object.entries(layers).flatMap(([name, allowed]) => {
      const isAllowed = layersOf(...allowed)
      return offences(below(`src/${name}`), ({ ours, to }) => !ours || isAllowed(to))
    })
    expect(found).toEqual([])
  })

  it('one file alone reaches into oidc-provider, and nothing imports its private paths', () => {
    expect(offences(below('src'), ({ to }) => !to.startsWith('oidc-provider/'))).toEqual([])
    const reaching =
      /\bprovider\.\w+\.prototype\b|\bObject\.(assign|definePropert\w+)\((provider|client|grant|Provider)\b|\bReflect\.\w+\((provider|model|client)\b|extends Provider\b/g
    const others = (file: string) => below('src/oidc')(file) && file !== 'src/oidc/library-internals.ts'
    expect(occurrences(others, reaching)).toEqual([])
  })

  it('the SDK imports only itself and jose', () => {
    const allowed = ({ ours, to }: Import) => (ours ? below('src/sdk')(to) : to === 'jose' || to.startsWith('node:'))
    expect(offences(below('src/sdk'), allowed)).toEqual([])
  })

  it('the buttons import nothing at all', () => {
    expect(
      offences(
        (file) => file === 'src/sdk/buttons.ts',
        () => false,
      ),
    ).toEqual([])
  })

  it('only the composition root and the list of providers know a provider', () => {
    const others = (file: string) => below('src')(file) && !isStarter(file)
    expect(offences(others, ({ to }) => !below('providers')(to))).toEqual([])
  })

  it('only the entry points import the composition root', () => {
    const others = (file: string) => !isStarter(file) && !below('bench')(file)
    expect(offences(others, ({ to }) => !isStarter(to))).toEqual([])
  })

  it('neither the program nor a provider imports tests, bench or demo', () => {
    const program = (file: string) => below('src')(file) || below('providers')(file)
    expect(offences(program, ({ ours, to }) => !ours || /^(src|providers)\//.test(to))).toEqual([])
  })

  it('every import of ours names a file that is there', () => {
    expect(
      offences(
        () => true,
        ({ ours, to }) => !ours || files.includes(to),
      ),
    ).toEqual([])
  })
})

describe('files and folders', () => {
  const tree = readTree(root)

  it('no files import each other in a circle, types included', () => {
    expect(
      importCircles(tree)
        .map((group) => group.join(' ↔ '))
        .toSorted(),
    ).toEqual([])
  })

  it('no file has more than 300 lines', () => {
    const long = [...tree.sources].filter(([, { lines }]) => lines > 300).map(([file]) => file)
    expect(long).toEqual([])
  })

  it('no folder has more than 20 entries', () => {
    const entries = new Map<string, Set<string>>()
    for (const file of globSync('{src,providers,config,test,scripts,bench,demo}/**/*', { cwd: root })) {
      const folder = dirname(file)
      entries.set(folder, (entries.get(folder) ?? new Set()).add(file))
    }
    const full = [...entries].filter(([, { size }]) => size > 20).map(([folder, { size }]) => `${folder}: ${size}`)
    expect(full).toEqual([])
  })
})

describe('the repository', () => {
  const folders = '{.ci,bench,config,demo,providers,scripts,src,test}/**/*.*'
  const tracked = globSync([folders, '.ci/run', '*.{md,json,ts}', 'Dockerfile', '.dockerignore'], { cwd: root })

  it('names no path of the machine it was written on and no package registry', () => {
    const forbidden = new RegExp(
      [...['work', 'root', 'home'].map((folder) => `(?<![\\w.~$}-])/${folder}/`), 'registry\\.(npm|yarn)'].join('|'),
    )
    const holds = (file: string) => !/\.(png|ico|woff2?)$/.test(file) && forbidden.test(textOf(file))
    expect(tracked.filter(holds)).toEqual([])
  })

  it('has no file named for being none in particular', () => {
    const vague =
      /(^|\/)(utils?|helpers?|managers?|services?|misc|data|info)\.[^/]*$|(manager|helper|utils?)\.[jt]sx?$/i
    expect(tracked.filter((file) => vague.test(file))).toEqual([])
  })

  it('lists in the first table of providers/README.md exactly the kinds of providers/index.ts', () => {
    const [table = ''] = textOf('providers/README.md').split('\n## ')
    const listed = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, kind]) => kind)
    const imported = imports
      .filter(({ from, ours, names }) => from === 'providers/index.ts' && ours && !names.startsWith('type '))
      .map(({ to }) => to.split('/')[1])
    expect(listed.toSorted()).toEqual(imported.toSorted())
  })
})
