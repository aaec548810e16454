/** The options of docs/reference/configuration.md, from the JSON Schemas of both kinds of files. */
import { providers } from '../../../providers/index.ts'
import { deploymentJsonSchema, tenantJsonSchema } from '../../../src/config/json-schema.ts'
import { readSource } from '../pages.ts'
import { code, prose, sentence, table } from '../parts.ts'
import { type ExampleFile, exampleAt, exampleFile, exampleIn } from './examples.ts'
import { asSchema, describe, type Schema, typeText } from './json-schema.ts'

const deployment = asSchema(deploymentJsonSchema(providers))
const tenant = asSchema(tenantJsonSchema(providers))
const definitions = new Map(
  Object.entries(Object(tenantJsonSchema(providers)['definitions'])).map(
    ([name, json]) => [name, asSchema(json)] as const,
  ),
)

type FindExample = (path: readonly string[]) => string | undefined

export function deploymentOptions(): string {
  const file = exampleFile(readSource('config/gatehouse.example.yaml'))
  const shared =
    'Connections that tenants may share, by ID: a tenant writes `workforce: shared`. The options are [those of a connection](#options-of-every-connection), without `domains`.'
  return fileText(deployment, file, shared)
}

export function tenantOptions(): string {
  return fileText(
    tenant,
    acme(),
    'Sign-in methods, by ID, in the order of their buttons. [Connections](#connections-of-a-tenant) describes the options of each kind.',
  )
}

const acme = () => exampleFile(readSource('config/tenants/acme.example.yaml'))

/** One table for the plain options, then one for each map. */
function fileText(schema: Schema, file: ExampleFile, connections: string): string {
  const entries = Object.entries(schema.properties ?? {})
  const find: FindExample = (path) => exampleAt(file, path)
  const isPlain = ([name, option]: readonly [string, Schema]) => name !== 'connections' && mapOf(option) === undefined
  const plain = entries.filter(isPlain).flatMap(([name, option]) => rowsOf([name], option, find))
  const maps = entries
    .filter((entry) => !isPlain(entry))
    .map(([name, option]) => {
      if (name === 'connections') return `### ${name}\n\n${connections}\n`
      const rows = rowsOf([name], option, find)
      return `### ${name}\n\n${sentence(prose(describe(option).meaning))}\n\n${optionTable(rows)}`
    })
  return [optionTable(plain), ...maps].join('\n')
}

const common = new Set([
  'kind',
  'label',
  'domains',
  'button',
  'hidden',
  'browsers',
  'createUsers',
  'linking',
  'secretExpires',
  'mfaEvidence',
  'profile',
])

export function connectionOptions(): string {
  const [first] = definitions.values()
  const shared = Object.entries(first?.properties ?? {}).filter(([name]) => common.has(name))
  const file = acme()
  const find: FindExample = (path) => exampleAt(file, ['connections', 'okta', ...path])
  const kinds = shared.map(([name, option]) =>
    name === 'kind' ? ([name, { ...option, const: undefined }] as const) : ([name, option] as const),
  )
  const every = optionTable(kinds.flatMap(([name, option]) => rowsOf([name], option, find)))
  const mapping = Object.entries(definitions.get('profileMapping')?.properties ?? {})
  const profile = optionTable(mapping.flatMap(([name, option]) => rowsOf(['profile', name], option, find)))
  const own = providers.map(({ kind, brand: { name } }) => `### Connection: ${name}\n\n${ownOptions(kind, find)}`)
  return [`### Options of every connection\n\n${every}`, `### profile of a connection\n\n${profile}`, ...own].join('\n')
}

function ownOptions(kind: string, find: FindExample): string {
  const page = readSource(`providers/${kind}/setup.md`)
  const options = Object.entries(definitions.get(kind)?.properties ?? {}).filter(([name]) => !common.has(name))
  const text = `${code(`kind: ${kind}`)}. [The setup page](../../providers/${kind}/setup.md) says how to register Gatehouse there.\n`
  if (options.length === 0) return `${text}\nIt has no options of its own.\n`
  const findOwn: FindExample = (path) =>
    exampleIn(page, path.at(-1) ?? '') ?? (kind === 'okta' ? find(path) : undefined)
  return `${text}\n${optionTable(options.flatMap(([name, option]) => rowsOf([name], option, findOwn)))}`
}

type Row = readonly [string, string, string]

const optionTable = (rows: readonly Row[]) => table(['option', 'value', 'meaning'], rows)

/** The option and, if it is a map, those in it. */
function rowsOf(path: readonly string[], option: Schema, find: FindExample): readonly Row[] {
  const { meaning, standard } = describe(option)
  const map = mapOf(option)
  const inner =
    map === undefined
      ? []
      : Object.entries(map.properties).flatMap(([name, one]) => rowsOf([...path, ...map.below, name], one, find))
  const example = map === undefined ? find(path) : undefined
  const name = path
    .join('.')
    .replaceAll('.*', '.<id>')
    .replace(/^apis\.<id>/, 'apis[]')
    .replace(/\.keys\.<id>/, '.keys[]')
  const isSection = map !== undefined && path.length === 1
  if (isSection) return inner
  const value = [typeText(option, (ref) => ref), standard].filter(Boolean).map(prose).join('<br>')
  const text = [sentence(prose(meaning)), ...(example === undefined ? [] : [`Example: ${code(example)}`])]
  return [[code(name), value, text.join(' ').trim()], ...inner]
}

interface OptionMap {
  readonly properties: Readonly<Record<string, Schema>>
  /** Between the map and its options: `*` where they are those of each entry. */
  readonly below: readonly string[]
}

function mapOf(option: Schema): OptionMap | undefined {
  if (option.properties !== undefined) return { properties: option.properties, below: [] }
  const entry = typeof option.additionalProperties === 'object' ? option.additionalProperties : option.items
  if (entry?.properties !== undefined) return { properties: entry.properties, below: ['*'] }
  for (const choice of option.anyOf ?? []) {
    const map = mapOf(choice)
    if (map !== undefined) return map
  }
  return undefined
}
