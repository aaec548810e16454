/** The options of all commands: how they are parsed, and their help. */
import { parseArgs } from 'node:util'
import { closestWord } from '../config/schema/closest-word.ts'
import { isEmptyPeriod, timeOfExpression } from '../primitives/time-expression.ts'

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
  user: { type: 'string', form: ' <id or email>', text: 'the user, by ID or proven email' },
  email: { type: 'string', form: ' <address>', text: 'the email address; to search, its beginning is enough' },
  name: { type: 'string', form: ' <name>', text: "the user's name (default: none)" },
  status: { type: 'string', form: ' <status>', text: 'active, blocked or revoked' },
  session: { type: 'string', form: ' <id>', text: 'the session, by its ID (default: all of the user)' },
  'password-stdin': { type: 'boolean', form: '', text: 'read the password from standard input' },
  action: { type: 'string', form: ' <action>', text: 'the action of audit events, such as sign_in.refused' },
  since: {
    type: 'string',
    form: ' <time>',
    text: 'from this time on: 2026-11-22T09:30:00Z, a day, or 7d for 7 days ago',
  },
  until: { type: 'string', form: ' <time>', text: 'before this time' },
  limit: { type: 'string', form: ' <number>', text: 'at most this many' },
  recent: { type: 'boolean', form: '', text: 'list the newest' },
  failed: { type: 'boolean', form: '', text: 'only what failed' },
  json: { type: 'boolean', form: '', text: 'print JSON' },
  out: { type: 'string', form: ' <folder>', text: 'the folder to write to (default: mail-preview)' },
  with: {
    type: 'string',
    form: ' <kinds>',
    text: 'the kinds of connections, such as okta,google,password (default: password)',
  },
  'public-url': {
    type: 'string',
    form: ' <url>',
    text: 'the address of Gatehouse (default: http://localhost:4000)',
  },
  emulators: {
    type: 'boolean',
    form: '',
    text: 'use the emulated identity providers of the quickstart, and let everyone register apps',
  },
  write: { type: 'boolean', form: '', text: 'rewrite the files' },
  lifetime: { type: 'string', form: ' <time>', text: 'how long the link works: 1d, 7d (default) or 30d' },
  revoke: { type: 'boolean', form: '', text: 'end the link instead' },
  now: { type: 'boolean', form: '', text: 'do not wait until apps know the keys' },
  'end-sessions': { type: 'boolean', form: '', text: 'end all sessions and app access of these users' },
  help: { type: 'boolean', short: 'h', form: '', text: 'this text; after a command, its help' },
  version: { type: 'boolean', short: 'v', form: '', text: 'the version' },
} as const

export type OptionName = keyof typeof optionTable
export type Options = ReturnType<typeof parseOptions>

/** Output of a command. The exit code is 0 for a text alone. */
export type Output = string | { readonly text: string; readonly code: number }

export interface Command {
  /** The first line is shown in the list of commands. */
  readonly says: readonly string[]
  /** Besides `--config`. */
  readonly options?: readonly OptionName[]
  readonly run: (options: Options) => Promise<Output>
}

/** Commands by name and arguments: `<required>`, `[optional]`. */
export type CommandTable = Readonly<Record<string, Command>>

/** Throws a sentence for the operator. `given`: the names of the options on the command line. */
export function parseOptions(args: readonly string[]) {
  const { values, positionals, tokens } = parsed(args)
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
  return { ...values, words: positionals, given }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: separateIds(args), allowPositionals: true, tokens: true, options: optionTable })
  } catch (error) {
    throw error instanceof Error ? new Error(optionError(error)) : error
  }
}

/** Node's message of an unknown option is about positional arguments. */
function optionError(error: Error): string {
  const [, option] = /^Unknown option '([^']*)'/.exec(error.message) ?? []
  if (option === undefined) return error.message
  const nearest = closestWord(option, Object.keys(optionTable))
  const hint = nearest === undefined ? '' : `; did you mean --${nearest}?`
  const isLong = option.length > 20
  return `unknown option ${option}${isLong ? `; an ID that begins with a hyphen goes after --, as in: -- "${option}"` : hint}`
}

/** IDs and email addresses may begin with a hyphen: no short option is that long. */
const isId = (word: string) => /^-[A-Za-z0-9_][\w-]{20,}$/.test(word) || /^-[^-=][^=]*@/.test(word)

/**
 * Takes the argument after an option with a value as that value, even with a hyphen, unless it is
 * an option too. Other IDs that begin with a hyphen move behind `--`.
 */
function separateIds(args: readonly string[]): string[] {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const free: string[] = []
  for (const word of args.slice(0, end)) {
    const before = free.at(-1)
    if (word.startsWith('-') && before !== undefined && takesValue(before) && !isOption(word))
      free[free.length - 1] = `${before}=${word}`
    else free.push(word)
  }
  return [...free.filter((word) => !isId(word)), '--', ...free.filter(isId), ...args.slice(end + 1)]
}

const optionOf = (word: string) => Object.entries(optionTable).find(([name]) => word.split('=')[0] === `--${name}`)?.[1]

const takesValue = (word: string) => !word.includes('=') && optionOf(word)?.type === 'string'

const isOption = (word: string) => optionOf(word) !== undefined || ['-h', '-v'].includes(word)

/** Throws a sentence for the operator. */
export function periodOptions(options: Options, now: Date) {
  const [since, until] = [timeOption(options, 'since', now), timeOption(options, 'until', now)]
  if (isEmptyPeriod(since, until))
    throw new Error(`--until ${options.until} is not later than --since ${options.since}: no time is between them`)
  return { since, until }
}

function timeOption(options: Options, name: 'since' | 'until', now: Date): Date | undefined {
  const text = options[name]
  const time = text === undefined ? undefined : timeOfExpression(text, now)
  if (text !== undefined && time === undefined)
    throw new Error(`--${name} is ${text}: give a time such as 2026-11-22T09:30:00Z, a day, or a duration such as 7d`)
  return time
}

/** Throws a sentence for the operator. */
export function limitOption(text: string, unit: string, max: number): number {
  const limit = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN
  if (!(limit <= max)) throw new Error(`--limit is ${text}: give a number of ${unit}, 1 to ${max}`)
  return limit
}
