/** Reads a YAML file into values with places. Refuses tags, merge keys and deep nesting. */
import {
  Alias,
  type Document,
  isMap as isMapNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import { type ConfigFault, fileStart, keyText, type OutOfBounds, type Path, type Place, pathText } from './fault.ts'
import { type FillOptions, interpolate } from './interpolate.ts'
import { movedKey, presentKey, presentValue, type Renaming, renamingText } from './renamed.ts'
import type { Origin, Source } from './source.ts'
import { syntaxFault, syntaxMeaning } from './syntax.ts'

const maxDepth = 16
/** Against "billion laughs" (CF-02). */
const maxAliased = 1000
/** Later syntax errors mostly follow from the first ones. */
const maxSyntaxFaults = 20

const pathKey = (path: Path) => JSON.stringify(path)

function startReading(file: string, filling: FillOptions | undefined) {
  return {
    file,
    filling,
    lines: new LineCounter(),
    faults: [] as ConfigFault[],
    warnings: [] as ConfigFault[],
    places: new Map<string, Place>(),
    origins: new Map<string, Origin>(),
    anchors: new Map<string, Node>(),
    renamings: [] as Renaming[],
    aliased: 0,
    exhausted: false,
  }
}
type Reading = ReturnType<typeof startReading>

/** @param filling undefined: values stay as they are written */
export function readYaml(file: string, text: string, filling?: FillOptions): Source {
  const reading = startReading(file, filling)
  const document = parseText(reading, text)
  const { faults, warnings, origins, renamings } = reading
  const value = document && faults.length === 0 ? readNode(reading, document.contents, [], false) : undefined
  return {
    file,
    faults,
    warnings,
    notes: [],
    renamings,
    value: reading.exhausted ? undefined : value,
    fillsMarkedFieldsOnly: filling?.bounds !== undefined,
    placeOf: (path) => nearestPlace(reading, path),
    originOf: (path) => origins.get(pathKey(path)),
    setUnreadable: (path) => origins.set(pathKey(path), 'spoiled'),
  }
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
    // a tag, which we refuse, is a warning to the parser
    const problems = [...document.errors, ...document.warnings].slice(0, maxSyntaxFaults)
    for (const { code, pos } of problems)
      reportFaultOnce(
        reading,
        placeAt(reading, startOfFault(document, pos[0])),
        syntaxFault(code, lineAt(text, pos[0])),
      )
    if (document.contents === null && document.errors.length === 0)
      reportFault(reading, fileStart, [], 'the file is empty')
    return document
  } catch {
    reportFault(reading, fileStart, [], 'nested too deeply') // the parser ran out of stack
    return undefined
  }
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return text.slice(start, start + 500).split('\n', 1)[0] ?? ''
}

/** Offset of the fault. For an unclosed quote: where it was opened. */
function startOfFault(document: Document.Parsed, offset: number): number {
  let start = offset
  visit(document, {
    Scalar: (_key, { type, range }) => {
      const isQuoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
      if (isQuoted && range && range[0] < offset && offset <= range[2]) start = range[0]
    },
  })
  return start
}

function readNode(reading: Reading, node: unknown, path: Path, viaAlias: boolean): unknown {
  if (reading.exhausted) return null
  if (viaAlias && ++reading.aliased > maxAliased)
    return stopReading(reading, path, `aliases stand for more than ${maxAliased} values: write them out`)
  if (path.length > maxDepth) return stopReading(reading, path, `nested deeper than ${maxDepth} levels`)
  if (node instanceof Alias) return aliasedValue(reading, node, path)
  if (isMapNode(node) || isSeq(node) || isScalar(node)) {
    if (node.anchor !== undefined) reading.anchors.set(node.anchor, node as Node)
    if (node.tag !== undefined) reportFaultAt(reading, path, syntaxMeaning('TAG_RESOLVE_FAILED'))
  }
  if (isMapNode(node)) return mapValue(reading, node, path, viaAlias)
  if (isSeq(node))
    return node.items.map((item, index) => {
      const itemPath = [...path, index]
      const place = placeOfNode(reading, item) ?? nearestPlace(reading, path)
      // items of an aliased list have the place of the alias
      if (!viaAlias) reading.places.set(pathKey(itemPath), place)
      return readNode(reading, item, itemPath, viaAlias)
    })
  return isScalar(node) ? scalarValue(reading, node, path) : null
}

function aliasedValue(reading: Reading, alias: Alias, path: Path): unknown {
  const node = reading.anchors.get(alias.source)
  if (node === undefined) {
    reportFaultAt(reading, path, `the alias *${keyText(alias.source)} names no anchor above it`)
    return null
  }
  return readNode(reading, node, path, true)
}

function mapValue(reading: Reading, map: YAMLMap, path: Path, viaAlias: boolean): unknown {
  /** Key → as it is written, which may be its former name. */
  const seen = new Map<string, string>()
  const value: Record<string, unknown> = {}
  for (const pair of map.items) {
    const written = isScalar(pair.key) ? String(pair.key.value) : ''
    const [movedTo, below] = movedKey([...path, written]) ?? []
    const key = movedTo ?? presentKey([...path, written]) ?? written
    const place = (viaAlias ? undefined : placeOfNode(reading, pair.key)) ?? nearestPlace(reading, path)
    const refusal = refusalOf(key, written, seen.get(key))
    if (refusal !== undefined) {
      reportFault(reading, place, [...path, written], refusal)
      continue
    }
    seen.set(key, written)
    const keyPath = [...path, key, ...(below === undefined ? [] : [below])]
    if (key !== written) {
      const moved = below === undefined ? undefined : { valueEnd: endOf(pair), inBraces: map.flow === true }
      const to = keyPath.slice(path.length).join('.')
      noteRenaming(reading, { node: pair.key, place, path: [...path, written], to, moved })
    }
    if (!viaAlias) for (const at of [[...path, key], keyPath]) reading.places.set(pathKey(at), place)
    const own = readNode(reading, pair.value, keyPath, viaAlias)
    value[key] = below === undefined ? own : { [below]: own }
  }
  return value
}

const rangeEnd = (node: unknown) => (isMapNode(node) || isSeq(node) || isScalar(node) ? node.range?.[1] : undefined)

const endOf = ({ key, value }: Pair) => rangeEnd(value) ?? rangeEnd(key) ?? 0

function refusalOf(key: string, written: string, before: string | undefined): string | undefined {
  if (before !== undefined && before !== written)
    return `is the same key as ${keyText(before)}, by ${key === written ? 'its present' : 'its former'} name: keep ${keyText(key)}`
  if (before !== undefined) return 'this key is given twice; the first one would be used'
  if (key === '<<') return 'merge keys (<<) are not used here: write the keys out'
  return key === '__proto__' ? 'this key is not allowed' : undefined
}

interface FormerName extends Pick<Renaming, 'to' | 'moved'> {
  readonly node: unknown
  readonly place: Place
  readonly path: Path
}

function noteRenaming({ renamings, warnings, file }: Reading, { node, place, path, to, moved }: FormerName): void {
  if (!isScalar(node) || !node.range) return
  const [start, end] = node.range
  const renaming: Renaming = {
    ...place,
    path: pathText(path),
    from: String(node.value),
    to,
    range: [start, end],
    moved,
  }
  renamings.push(renaming)
  const message = `${renamingText(renaming)}; gatehouse config upgrade --write replaces it`
  warnings.push({ file, ...place, path: renaming.path, message })
}

function scalarValue(reading: Reading, scalar: Scalar, path: Path): unknown {
  if (typeof scalar.value !== 'string') return scalar.value
  const present = presentValue(path, scalar.value)
  if (present !== undefined) {
    noteRenaming(reading, { node: scalar, place: nearestPlace(reading, path), path, to: present })
    return present
  }
  if (reading.filling === undefined) return scalar.value
  const interpolated = interpolate(scalar.value, reading.filling)
  if (!interpolated.ok) {
    reading.origins.set(pathKey(path), 'spoiled')
    reportFaultAt(reading, path, interpolated.message, interpolated.outOfBounds)
    return scalar.value
  }
  const { tolerated } = interpolated
  if (tolerated !== undefined)
    reading.warnings.push(faultOf(reading, nearestPlace(reading, path), path, tolerated.why, tolerated))
  reading.origins.set(pathKey(path), interpolated.literal ? 'literal' : 'filled')
  return interpolated.text
}

function stopReading(reading: Reading, path: Path, message: string): null {
  reading.exhausted = true
  reportFaultAt(reading, path.slice(0, maxDepth), message)
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

function reportFaultAt(reading: Reading, path: Path, message: string, outOfBounds?: OutOfBounds): void {
  reading.faults.push(faultOf(reading, nearestPlace(reading, path), path, message, outOfBounds))
}

/** Reports a place once: the parser can find several errors in one line. */
function reportFaultOnce(reading: Reading, place: Place, message: string): void {
  if (!reading.faults.some((fault) => fault.line === place.line && fault.message === message))
    reportFault(reading, place, [], message)
}

function reportFault(reading: Reading, place: Place, path: Path, message: string): void {
  reading.faults.push(faultOf(reading, place, path, message))
}

function faultOf({ file }: Reading, place: Place, path: Path, message: string, outOfBounds?: OutOfBounds): ConfigFault {
  return { file, ...place, path: pathText(path), message, ...(outOfBounds && { outOfBounds }) }
}
