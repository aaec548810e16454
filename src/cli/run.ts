/** Parses the command line, runs a command, and prints its output or its error. */
import { GatehouseError } from '../errors.ts'
import { readVersion } from '../main/version.ts'
import { commandOf, helpCommand, helpOf, type NamedCommand, namedCommands, surplusOf, unknownCommand } from './help.ts'
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
    return refuse(
      error instanceof Error ? error.message : 'invalid arguments',
      args.filter((arg) => !arg.startsWith('-')),
    )
  }
  const { words } = options
  if (options.version) return printed(await readVersion())
  if (options.help) return printed(helpOf(all, words))
  const command = commandOf(all, words)
  if (command === undefined) return refuse(unknownCommand(all, words), words)
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
    const detail = error instanceof GatehouseError && error.text !== undefined ? `: ${error.text}` : ''
    const text =
      error instanceof InvalidConfig ? error.message : `gatehouse ${command.name}: ${error.message}${detail}${code}`
    process.stderr.write(`${text}\n`)
    return 1
  }
}

function printed(text: string, code = 0): number {
  process.stdout.write(text === '' || text.endsWith('\n') ? text : `${text}\n`)
  return code
}

function refuse(sentence: string, words: readonly string[]): number {
  process.stderr.write(`${sentence}\n${helpCommand(all, words)}\n`)
  return 1
}
