/** A YAML file as plain values, each with its place, filled in, and with everything refused that a configuration has no need of. */
import {
  Alias,
  type Document,
  isMap as isMapNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { type ConfigFault, fileStart, keyText, type Path, type Place, pathText } from './fault.ts'
import { type Filling, fill } from './fill.ts'
import { syntaxMeaning } from './syntax.ts'

/** `literal`: written in the file · `filled`: from the environment or a file · `spoiled`: could not be filled, and was reported. */
type Origin = 'literal' | 'filled' | 'spoiled'

export interface YamlSource {
  readonly file: string
  /** Undefined when the text could not be read as YAML. */
  readonly value: unknown
  readonly faults: ConfigFault[]
  readonly warnings: ConfigFault[]
  /** Of the key or list item at the path; of the closest one around it when there is none. */
  placeOf(path: Path): Place
  originOf(path: Path): Origin | undefined
}

const maxDepth = 16
/** How many values may come out of aliases: enough to reuse a block here and there, too few for a "billion laughs" (CF-02). */
const maxAliased = 1000

interface Reading {
  readonly file: string
  readonly lines: LineCounter
  readonly filling: Filling
  readonly faults: ConfigFault[]
  readonly places: Map<string, Place>
  readonly origins: Map<string, Origin>
  readonly anchors: Map<string, Node>
  aliased: number
  exhausted: boolean
}

const pathKey = (path: Path) => JSON.stringify(path)

export function readYaml(file: string, text: string, filling: Filling): YamlSource {
  const lines = new LineCounter()
  const reading: Reading = {
    file,
    lines,
    filling,
    faults: [],
    places: new Map(),
    origins: new Map(),
    anchors: new Map(),
    aliased: 0,
    exhausted: false,
  }
  const document = parseText(reading, text)
  const readable = document !== undefined && reading.faults.length === 0
  const value = readable ? readNode(reading, document.contents, [], false) : undefined
  return { ...sourceOf(reading), value }
}

/** A source that could not be read at all. */
export function unreadable(file: string, message: string): YamlSource {
  return {
    file,
    value: undefined,
    faults: [{ file, ...fileStart, path: '', message }],
    warnings: [],
    placeOf: () => fileStart,
    originOf: () => undefined,
  }
}

export function report(source: YamlSource, path: Path, message: string): void {
  source.faults.push({ file: source.file, ...source.placeOf(path), path: pathText(path), message })
}

export function warn(source: YamlSource, path: Path, message: string): void {
  source.warnings.push({ file: source.file, ...source.placeOf(path), path: pathText(path), message })
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isGiven({ value }: YamlSource, key: string): boolean {
  return isMap(value) && Object.hasOwn(value, key)
}

function sourceOf({ file, faults, places, origins }: Reading): Omit<YamlSource, 'value'> {
  const placeOf = (path: Path): Place =>
    places.get(pathKey(path)) ?? (path.length === 0 ? fileStart : placeOf(path.slice(0, -1)))
  return { file, faults, warnings: [], placeOf, originOf: (path) => origins.get(pathKey(path)) }
}

function parseText(reading: Reading, text: string): Document.Parsed | undefined {
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      lineCounter: reading.lines,
      prettyErrors: false, // they quote the source
      stringKeys: true,
      uniqueKeys: false, // compares every key with every other; duplicates are found below
      merge: false,
    })
    // a tag of ours to refuse is a warning to the parser
    for (const { code, pos } of [...document.errors, ...document.warnings])
      complain(reading, placeAt(reading, pos[0]), [], syntaxMeaning(code))
    if (document.contents === null && document.errors.length === 0)
      complain(reading, fileStart, [], 'the file is empty')
    return document
  } catch {
    complain(reading, fileStart, [], 'nested too deeply') // the parser ran out of stack
    return undefined
  }
}

function readNode(reading: Reading, node: unknown, path: Path, viaAlias: boolean): unknown {
  if (reading.exhausted) return null
  if (viaAlias && ++reading.aliased > maxAliased)
    return exhaust(reading, path, `aliases stand for more than ${maxAliased} values: write them out`)
  if (path.length > maxDepth) return exhaust(reading, path, `nested deeper than ${maxDepth} levels`)
  if (node instanceof Alias) return aliasedValue(reading, node, path)
  if (isMapNode(node) || isSeq(node) || isScalar(node)) {
    if (node.anchor !== undefined) reading.anchors.set(node.anchor, node as Node)
    if (node.tag !== undefined) complainAt(reading, path, syntaxMeaning('TAG_RESOLVE_FAILED'))
  }
  if (isMapNode(node)) return mapValue(reading, node, path, viaAlias)
  if (isSeq(node))
    return node.items.map((item, index) => {
      const itemPath = [...path, index]
      reading.places.set(pathKey(itemPath), placeOfNode(reading, item) ?? nearestPlace(reading, path))
      return readNode(reading, item, itemPath, viaAlias)
    })
  return isScalar(node) ? scalarValue(reading, node, path) : null
}

function aliasedValue(reading: Reading, alias: Alias, path: Path): unknown {
  const node = reading.anchors.get(alias.source)
  if (node === undefined) {
    complainAt(reading, path, `the alias *${keyText(alias.source)} names no anchor above it`)
    return null
  }
  return readNode(reading, node, path, true)
}

function mapValue(reading: Reading, map: YAMLMap, path: Path, viaAlias: boolean): unknown {
  const seen = new Set<string>()
  const value: Record<string, unknown> = {}
  for (const pair of map.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : ''
    const place = placeOfNode(reading, pair.key) ?? nearestPlace(reading, path)
    const keyPath = [...path, key]
    const refusal = refusalOf(key, seen)
    if (refusal !== undefined) {
      complain(reading, place, keyPath, refusal)
      continue
    }
    seen.add(key)
    reading.places.set(pathKey(keyPath), place)
    value[key] = readNode(reading, pair.value, keyPath, viaAlias)
  }
  return value
}

function refusalOf(key: string, seen: ReadonlySet<string>): string | undefined {
  if (seen.has(key)) return 'this key is given twice; the first one would be used'
  if (key === '<<') return 'merge keys (<<) are not used here: write the keys out'
  return key === '__proto__' ? 'this key is not allowed' : undefined
}

function scalarValue(reading: Reading, scalar: Scalar, path: Path): unknown {
  if (typeof scalar.value !== 'string') return scalar.value
  const filled = fill(scalar.value, reading.filling)
  if (!filled.ok) {
    reading.origins.set(pathKey(path), 'spoiled')
    complainAt(reading, path, filled.message)
    return scalar.value
  }
  reading.origins.set(pathKey(path), filled.literal ? 'literal' : 'filled')
  return filled.text
}

function exhaust(reading: Reading, path: Path, message: string): null {
  reading.exhausted = true
  complainAt(reading, path.slice(0, maxDepth), message)
  return null
}

function placeAt({ lines }: Reading, offset: number): Place {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

function placeOfNode(reading: Reading, node: unknown): Place | undefined {
  const range = isScalar(node) || isMapNode(node) || isSeq(node) || node instanceof Alias ? node.range : undefined
  return range ? placeAt(reading, range[0]) : undefined
}

function nearestPlace({ places }: Reading, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const place = places.get(pathKey(path.slice(0, length)))
    if (place !== undefined) return place
  }
  return fileStart
}

function complainAt(reading: Reading, path: Path, message: string): void {
  complain(reading, nearestPlace(reading, path), path, message)
}

function complain({ faults, file }: Reading, place: Place, path: Path, message: string): void {
  faults.push({ file, ...place, path: pathText(path), message })
}
