/** Parses a TypeScript file into functions, comments, names, texts and imports. */
import { parseSync } from 'rolldown/utils'

export interface Parsed {
  readonly lines: number
  readonly blankLines: number
  readonly functions: readonly NamedFunction[]
  readonly names: readonly Name[]
  /** String literals, template texts and the texts between tags. */
  readonly texts: readonly Text[]
  readonly comments: readonly Text[]
  /** First arguments of describe, it and test. */
  readonly testNames: readonly Text[]
  readonly imports: readonly string[]
  /** Lines where a comment ends to the right of column 100. */
  readonly longCommentLines: readonly number[]
}
export interface NamedFunction {
  readonly name: string
  readonly line: number
  readonly lines: number
}
export interface Name {
  readonly name: string
  readonly line: number
  /** `used` includes keys of object literals: they may belong to a foreign type. */
  readonly role: 'function' | 'declared' | 'used'
}
export interface Text {
  readonly text: string
  readonly line: number
}
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const maxCommentColumn = 100
const functionTypes = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']
const testCalls = ['describe', 'it', 'test']

export function parseFile(file: string, source: string): Parsed {
  const { program, comments, errors } = parseSync(file, source)
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`)
  const lineStarts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const lineAt = (offset: number) => lineIndex(lineStarts, offset) + 1
  const found = walk(program as unknown as Node, lineAt)
  const sourceLines = source.replace(/\n$/, '').split('\n')
  return {
    ...found,
    lines: sourceLines.length,
    blankLines: sourceLines.filter((line) => line.trim() === '').length,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineAt(start) })),
    longCommentLines: comments.flatMap(({ start, end }) =>
      longLines(sourceLines, lineAt(start), lineAt(end), end - lineStarts[lineIndex(lineStarts, end)]!),
    ),
  }
}

function longLines(sourceLines: readonly string[], first: number, last: number, lastColumn: number): readonly number[] {
  const columnsOf = (line: number) => (line === last ? lastColumn : sourceLines[line - 1]!.length)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (line) => columnsOf(line) > maxCommentColumn,
  )
}

function lineIndex(lineStarts: readonly number[], offset: number): number {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (lineStarts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return low
}

type Found = Pick<Parsed, 'functions' | 'names' | 'texts' | 'testNames' | 'imports'>

function walk(program: Node, lineAt: (offset: number) => number): Found {
  const functions: NamedFunction[] = []
  const names: Name[] = []
  const texts: Text[] = []
  const testNames: Text[] = []
  const imports: string[] = []

  function visit(node: Node, parent: Node | undefined, key: string): void {
    const line = lineAt(node.start)
    const name = nameOf(node)
    if (name !== undefined) names.push({ name, line, role: roleOf(parent, key) })
    const text = textOf(node)
    const place = placeOf(parent, key)
    if (text !== undefined && place === 'import') imports.push(text)
    else if (text !== undefined && place === 'test name') testNames.push({ text, line })
    else if (text !== undefined) texts.push({ text, line })
    const owner = functionTypes.includes(node.type) && node['body'] !== null ? functionName(node, parent) : undefined
    if (owner !== undefined) functions.push({ name: owner, line, lines: lineAt(node.end) - line + 1 })
    for (const [childKey, child] of childrenOf(node)) visit(child, node, childKey)
  }

  visit(program, undefined, '')
  return { functions, names, texts, testNames, imports }
}

function* childrenOf(node: Node): Generator<[string, Node]> {
  // a shorthand member `{ a }` has the same node as key and as value
  const shorthand =
    node['shorthand'] === true ||
    isSameName(node['imported'], node['local']) ||
    isSameName(node['local'], node['exported'])
  for (const [key, value] of Object.entries(node)) {
    if (shorthand && (key === 'key' || key === 'imported' || key === 'exported')) continue
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield [key, child]
  }
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'
const isSameName = (one: unknown, other: unknown) => isNode(one) && isNode(other) && one.start === other.start

function nameOf(node: Node): string | undefined {
  const isName = ['Identifier', 'JSXIdentifier', 'PrivateIdentifier'].includes(node.type)
  return isName ? (node['name'] as string) : undefined
}

function textOf(node: Node): string | undefined {
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value']
  if (node.type === 'JSXText') return node['value'] as string
  if (node.type === 'TemplateElement') return (node['value'] as { raw: string }).raw
  return undefined
}

function placeOf(parent: Node | undefined, key: string): 'import' | 'test name' | undefined {
  if (key === 'source') return 'import'
  return key === 'arguments' && parent?.type === 'CallExpression' && isTestCall(parent['callee'] as Node)
    ? 'test name'
    : undefined
}

/** `it(…)`, `it.each(table)(…)`, `describe.sequential(…)` and the like. */
function isTestCall(callee: Node): boolean {
  if (callee.type === 'Identifier') return testCalls.includes(callee['name'] as string)
  const inner =
    callee.type === 'MemberExpression'
      ? callee['object']
      : callee.type === 'CallExpression'
        ? callee['callee']
        : undefined
  return isNode(inner) && isTestCall(inner)
}

function roleOf(parent: Node | undefined, key: string): Name['role'] {
  if (!isDeclaration(parent, key)) return 'used'
  const type = (node: unknown) => (isNode(node) ? node.type : '')
  const isFunction = functionTypes.includes(type(parent))
    ? key === 'id'
    : type(parent) === 'TSMethodSignature' ||
      functionTypes.includes(type(parent?.['init'])) ||
      functionTypes.includes(type(parent?.['value']))
  return isFunction ? 'function' : 'declared'
}

/** Declarations and keys of types and classes. */
function isDeclaration(parent: Node | undefined, key: string): boolean {
  if (parent === undefined) return false
  if (key === 'id' || key === 'params' || key === 'rest' || key === 'elements') return parent.type !== 'ArrayExpression'
  const member = ['TSPropertySignature', 'TSMethodSignature', 'MethodDefinition', 'PropertyDefinition']
  if (key === 'key') return member.includes(parent.type)
  if (key === 'local') return parent.type.startsWith('Import')
  return (
    (key === 'left' && parent.type === 'AssignmentPattern') || (key === 'argument' && parent.type === 'RestElement')
  )
}

/** Undefined for a function without a name of its own, such as a callback. */
function functionName(node: Node, parent: Node | undefined): string | undefined {
  const named = isNode(node['id'])
    ? node['id']
    : (parent?.['id'] ?? (parent?.['value'] === node ? parent['key'] : undefined))
  return isNode(named) ? (nameOf(named) ?? '') : undefined
}
