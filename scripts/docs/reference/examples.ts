/** Examples of options, from the example files and from the YAML of the setup pages. */
import { parse } from 'yaml'
import { z } from 'zod'

const mapSchema = z.record(z.string(), z.unknown())
const maxLength = 60

export interface ExampleFile {
  readonly value: unknown
  readonly lines: readonly string[]
}

export function exampleFile(text: string): ExampleFile {
  return { value: parse(text), lines: text.split('\n') }
}

/**
 * @param path such as `['apps', '*', 'name']`; `*` is the first entry of a map or list
 * @returns the value as YAML in one line
 */
export function exampleAt({ value, lines }: ExampleFile, path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(childOf, value)
  return found === undefined ? commentedOut(lines, path.at(-1) ?? '') : inline(found)
}

function childOf(parent: unknown, key: string): unknown {
  if (key === '*') return Object.values(Object(parent))[0]
  const map = mapSchema.safeParse(parent)
  return map.success ? map.data[key] : undefined
}

/** `# key: value`; a sentence that begins like this has several words. */
function commentedOut(lines: readonly string[], key: string): string | undefined {
  const values = lines.map((line) => valueAfter(line.trim(), `# ${key}: `))
  return values.find((value) => value !== undefined && /^(?:[^ ]+|\[.*\]|".*")$/.test(value))
}

function valueAfter(line: string, begin: string): string | undefined {
  const value = line.startsWith(begin) ? (line.slice(begin.length).split(' #')[0] ?? '').trim() : ''
  return value === '' || value.length > maxLength ? undefined : value
}

function inline(value: unknown): string | undefined {
  const text = Array.isArray(value)
    ? `[${value.map((item) => inline(item) ?? '…').join(', ')}]`
    : typeof value === 'object' && value !== null
      ? undefined
      : String(value)
  return text !== undefined && text.length <= maxLength && !text.includes('\n') && !text.includes('…')
    ? text
    : undefined
}

/** The first `key: value` of the YAML blocks of a setup page. */
export function exampleIn(page: string, key: string): string | undefined {
  const blocks = page.split('```yaml\n').slice(1)
  const lines = blocks.flatMap((block) => block.split('```')[0]?.split('\n') ?? [])
  const values = lines.map((line) => valueAfter(line.trim().replace(/^# /, ''), `${key}: `))
  return values.find((value) => value !== undefined && !/^[{|>]/.test(value))
}
