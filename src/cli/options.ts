/** The options of all commands: how they are parsed, and their help. */
import { parseArgs } from 'node:util'

export const optionTable = {
  config: {
    type: 'string',
    default: 'config',
    form: ' <folder>',
    text: 'the folder with gatehouse.yaml and tenants/ (default: config)',
  },
  tenant: { type: 'string', form: ' <id>', text: 'the tenant' },
  connection: { type: 'string', form: ' <id>', text: 'the connection of the tenant' },
  app: { type: 'string', form: ' <id>', text: 'the app, by its client_id' },
  user: { type: 'string', form: ' <id or email>', text: 'the user, by id or proven email' },
  email: { type: 'string', form: ' <address>', text: 'the email address to sign in with' },
  name: { type: 'string', form: ' <name>', text: "the user's name (default: none)" },
  'password-stdin': { type: 'boolean', form: '', text: 'read the password from standard input' },
  action: { type: 'string', form: ' <action>', text: 'the action of audit events, such as sign_in.refused' },
  since: {
    type: 'string',
    form: ' <time>',
    text: 'from this time on: 2026-11-22T09:30:00Z, a day, or 7d for 7 days ago',
  },
  until: { type: 'string', form: ' <time>', text: 'before this time' },
  limit: { type: 'string', form: ' <number>', text: 'at most this many' },
  json: { type: 'boolean', form: '', text: 'print JSON' },
  write: { type: 'boolean', form: '', text: 'rewrite the files' },
  now: { type: 'boolean', form: '', text: 'do not wait until apps know the keys' },
  help: { type: 'boolean', short: 'h', form: '', text: 'this text; after a command, its help' },
  version: { type: 'boolean', short: 'v', form: '', text: 'the version' },
} as const

export type OptionName = keyof typeof optionTable
export type Options = ReturnType<typeof parseOptions>

/** What a command prints; the exit code is 0 for a text. */
export type Output = string | { readonly text: string; readonly code: number }

export interface Command {
  /** The first line is shown in the list of commands. */
  readonly says: readonly string[]
  /** Besides `--config`. */
  readonly options?: readonly OptionName[]
  readonly run: (options: Options) => Promise<Output>
}

/** By name and arguments: `<required>`, `[optional]`. */
export type CommandTable = Readonly<Record<string, Command>>

/** Throws a sentence for the operator. `given`: the names of the options on the command line. */
export function parseOptions(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: separateIds(args),
    allowPositionals: true,
    tokens: true,
    options: optionTable,
  })
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
  return { ...values, words: positionals, given }
}

/** Moves ids that begin with a hyphen behind `--`: no short option is that long. */
function separateIds(args: readonly string[]): string[] {
  const isId = (word: string) => /^-[A-Za-z0-9_][\w-]{20,}$/.test(word)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const free = args.slice(0, end)
  return [...free.filter((word) => !isId(word)), '--', ...free.filter(isId), ...args.slice(end + 1)]
}
