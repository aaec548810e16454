/** The options of all commands, and how the command line is parsed. */
import { parseArgs } from 'node:util'

export interface Options {
  readonly config: string
  readonly words: readonly string[]
  readonly tenant: string | undefined
  readonly connection: string | undefined
  readonly email: string | undefined
  readonly name: string | undefined
  readonly passwordFromStdin: boolean
  readonly json: boolean
  readonly now: boolean
  readonly write: boolean
}

export interface ParsedOptions extends Options {
  readonly help: boolean
  readonly version: boolean
  /** Names of the options on the command line. */
  readonly given: readonly string[]
}

/** Throws a sentence for the operator. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  const { values, positionals, tokens } = parseArgs({
    args: separateIds(args),
    allowPositionals: true,
    tokens: true,
    options: {
      config: { type: 'string', default: 'config' },
      tenant: { type: 'string' },
      connection: { type: 'string' },
      email: { type: 'string' },
      name: { type: 'string' },
      'password-stdin': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      now: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', short: 'v', default: false },
    },
  })
  const { tenant, connection, email, name, 'password-stdin': passwordFromStdin, ...flags } = values
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
  return { ...flags, tenant, connection, email, name, passwordFromStdin, words: positionals, given }
}

/** Moves ids that begin with a hyphen behind `--`: no short option is that long. */
function separateIds(args: readonly string[]): string[] {
  const isId = (word: string) => /^-[A-Za-z0-9_][\w-]{20,}$/.test(word)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const free = args.slice(0, end)
  return [...free.filter((word) => !isId(word)), '--', ...free.filter(isId), ...args.slice(end + 1)]
}
