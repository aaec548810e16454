/** Parses the command line, runs a command, and prints its output or its error. */
import { readFile } from 'node:fs/promises'
import { GatehouseError } from '../errors.ts'
import { commandOf, helpOf, type NamedCommand, namedCommands, surplusOf } from './help.ts'
import { InvalidConfig } from './open.ts'
import { type Options, parseOptions } from './options.ts'
import { commands } from './table.ts'

const all = namedCommands(commands)

/** Runs one command; returns its exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'invalid arguments')
  }
  const { words } = options
  if (options.version) return printed(await version())
  if (options.help) return printed(helpOf(all, words))
  const command = commandOf(all, words)
  if (command === undefined)
    return refuse(words[0] === undefined ? 'name a command' : `unknown command ${words[0]}`, words)
  const own = { ...options, words: words.slice(command.name.split(' ').length) }
  const surplus = surplusOf(command, own)
  return surplus === undefined ? run(command, own) : refuse(surplus, words)
}

async function run(command: NamedCommand, options: Options): Promise<number> {
  try {
    const output = await command.run(options)
    const { text, code } = typeof output === 'string' ? { text: output, code: 0 } : output
    return printed(text, code)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = error instanceof GatehouseError ? ` (${error.code})` : ''
    const text = error instanceof InvalidConfig ? error.message : `gatehouse ${command.name}: ${error.message}${code}`
    process.stderr.write(`${text}\n`)
    return 1
  }
}

function printed(text: string, code = 0): number {
  process.stdout.write(text === '' || text.endsWith('\n') ? text : `${text}\n`)
  return code
}

function refuse(sentence: string, words: readonly string[] = []): number {
  process.stderr.write(`${sentence}\n\n${helpOf(all, words)}`)
  return 1
}

async function version(): Promise<string> {
  // two folders up in the source, three in dist
  for (const place of ['../../package.json', '../../../package.json']) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null)
    if (text !== null) return String(JSON.parse(text).version)
  }
  return 'unknown'
}
