/** Reads the files of a working tree that the figures are about. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Parsed, parseFile } from './parse.ts'

export interface Tree {
  /** Every folder with the number of its entries, files and folders alike. */
  readonly folders: ReadonlyMap<string, number>
  /** TypeScript files by path from the root. */
  readonly sources: ReadonlyMap<string, Parsed>
  /** Markdown and YAML files by path from the root. */
  readonly documents: ReadonlyMap<string, string>
}

const topFolders = ['src', 'providers', 'test', 'scripts', 'demo', 'bench', 'docs', 'config', 'examples']

export function readTree(root: string): Tree {
  const folders = new Map<string, number>()
  const files = rootDocuments(root)
  const folderQueue = topFolders.filter((folder) => existsSync(join(root, folder)))
  for (let folder = folderQueue.pop(); folder !== undefined; folder = folderQueue.pop()) {
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    folders.set(folder, entries.length)
    for (const entry of entries) (entry.isDirectory() ? folderQueue : files).push(`${folder}/${entry.name}`)
  }
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const having = (form: RegExp) => files.filter((file) => form.test(file)).sort()
  return {
    folders,
    sources: new Map(having(/\.tsx?$/).map((file) => [file, parseFile(file, read(file))])),
    documents: new Map(having(/\.(md|yaml)$/).map((file) => [file, read(file)])),
  }
}

function rootDocuments(root: string): string[] {
  return readdirSync(root).filter((file) => file.endsWith('.md'))
}

/** Groups of files that import each other, directly or through others; imports of types count. */
export function importCircles({ sources }: Tree): readonly (readonly string[])[] {
  const targetsOf = (file: string) =>
    sources
      .get(file)!
      .imports.filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(dirname(file), specifier))
      .filter((target) => sources.has(target))
  return stronglyConnected([...sources.keys()], targetsOf).filter((group) => group.length > 1)
}

/** Tarjan's algorithm. */
function stronglyConnected(nodes: readonly string[], targetsOf: (node: string) => readonly string[]): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const groups: string[][] = []

  function visit(node: string): void {
    order.set(node, order.size)
    lowest.set(node, order.get(node)!)
    stack.push(node)
    for (const target of targetsOf(node)) {
      if (!order.has(target)) visit(target)
      if (stack.includes(target)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(target)!))
    }
    if (lowest.get(node) === order.get(node)) groups.push(stack.splice(stack.indexOf(node)).sort())
  }

  for (const node of nodes) if (!order.has(node)) visit(node)
  return groups
}
