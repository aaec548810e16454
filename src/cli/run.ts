/** What `gatehouse …` does: a table of commands, and the words they are called by. */
import { parseArgs } from 'node:util'
import { GatehouseError } from '../errors.ts'
import { disableAppCommand, enableAppCommand, listApps, showApp } from './apps.ts'
import { check, migrate, serveUntilStopped, showTrace } from './commands.ts'
import { showConnection } from './connection.ts'
import { checkConnections } from './connection-check.ts'
import { printClientKeys } from './connection-jwks.ts'
import { trustConnectionMetadata } from './connection-trust.ts'
import { checkDomains } from './domains.ts'
import { listKeys, retireKey, rotateKeys } from './keys.ts'
import { previewProfile } from './profile.ts'
import { type CommandName, helpOf, isCommand, surplusOf } from './usage.ts'
import { addUser, blockUserCommand, unblockUserCommand } from './users.ts'

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
}

/** Ids of ours may begin with a hyphen: options have two, and none is that long. What follows a `--` is as it was typed. */
function separateIds(args: readonly string[]): string[] {
  const isId = (word: string) => /^-[A-Za-z0-9_][\w-]{20,}$/.test(word)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const free = args.slice(0, end)
  return [...free.filter((word) => !isId(word)), '--', ...free.filter(isId), ...args.slice(end + 1)]
}

type Command = (options: Options) => Promise<number>

const commands: Readonly<Record<CommandName, Command>> = {
  serve: serveUntilStopped,
  check,
  migrate,
  trace: showTrace,
  'connection show': showConnection,
  'connection check': checkConnections,
  'connection jwks': printClientKeys,
  'connection trust': trustConnectionMetadata,
  'domains check': (options) => checkDomains(options),
  'profile preview': previewProfile,
  'apps list': listApps,
  'apps show': showApp,
  'apps disable': disableAppCommand,
  'apps enable': enableAppCommand,
  'users add': addUser,
  'users block': (options) => blockUserCommand(options),
  'users unblock': unblockUserCommand,
  'keys list': listKeys,
  'keys rotate': rotateKeys,
  'keys retire': retireKey,
}

/** Runs one command; its exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const given = read(args)
  if (given === null) return 1
  if (given === 'version') return print(`${await version()}\n`)
  const [first = '', second = ''] = given.words
  if (given.help) return print(helpOf(first, second))
  const name = [first, `${first} ${second}`].find(isCommand)
  if (name === undefined) return refuse(first === '' ? 'which command?' : `unknown command ${first}`, first)
  const words = given.words.slice(name.split(' ').length)
  const surplus = surplusOf(name, words, given.given)
  if (surplus !== undefined) return refuse(surplus, first, second)
  try {
    return await commands[name]({ ...given, words })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    process.stderr.write(
      `gatehouse ${name}: ${error.message}${error instanceof GatehouseError ? ` (${error.code})` : ''}\n`,
    )
    return 1
  }
}

interface Read extends Options {
  readonly help: boolean
  /** Names of the options that were typed. */
  readonly given: readonly string[]
}

function read(args: readonly string[]): Read | 'version' | null {
  try {
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
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    })
    if (values.version) return 'version'
    const { config, tenant, connection, email, name, json, now } = values
    const options = { config, tenant, connection, email, name, json, now, passwordFromStdin: values['password-stdin'] }
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
    return { ...options, words: positionals, help: values.help, given }
  } catch (error) {
    refuse(error instanceof Error ? error.message : 'unreadable arguments')
    return null
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(sentence: string, first = '', second = ''): number {
  process.stderr.write(`${sentence}\n\n${helpOf(first, second)}`)
  return 1
}

async function version(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  // two folders up in the source, three in what is built from it
  for (const place of ['../../package.json', '../../../package.json']) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null)
    if (text !== null) return String(JSON.parse(text).version)
  }
  return 'unknown'
}
