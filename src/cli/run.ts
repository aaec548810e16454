/** What `gatehouse …` does: a table of commands, and the words they are called by. */
import { parseArgs } from 'node:util'
import { GatehouseError } from '../errors.ts'
import { check, migrate, serveUntilStopped, showTrace } from './commands.ts'
import { showConnection } from './connection.ts'
import { checkConnections } from './connection-check.ts'
import { checkDomains } from './domains.ts'
import { listKeys, retireKey, rotateKeys } from './keys.ts'
import { previewProfile } from './profile.ts'
import { addUser, blockNamed, unblockNamed } from './users.ts'

const help = `gatehouse <command> [options]

  serve                     run the broker until it is stopped (SIGTERM or Ctrl-C)
  check                     read the configuration, print every fault and warning; exit code 1 if there is a fault
  migrate                   bring the database up to date, then end
  trace <reference>         print the trace of a login attempt, found by the reference shown to the person
  connection show <tenant> <connection>
                            print the addresses to register at the upstream (callback URL or ACS, entity id, logout …), and where that is told
  connection check <tenant> [connection]
                            ask the upstreams once whether a login would work: each check, and who can fix what is not ok; --json;
                            exit code 1 if a connection is down
  profile preview <file>    what a captured answer (claims as JSON; - for standard input) becomes: --tenant <id> --connection <id>
  domains check             print the DNS TXT record by which a tenant shows that its email domains are its own, and whether it is there:
                            --tenant <id>; exit code 1 if one is not
  users add                 add someone with a password: --tenant <id> --email <address> [--name <name>] --password-stdin
  users block <tenant> <email or id>
                            end all sessions and all access of apps at once, and let the person in no more; users unblock lets them in again
  keys list                 the keys that sign tokens: which sign, which come next, until when old ones are published; --json
  keys rotate               the next keys sign from now on; refused while apps may not know them yet, unless --now
  keys retire <key>         take a key out of use; with --now it is published no more, and what it signed is refused at once

  --config <folder>         where gatehouse.yaml and tenants/ are (default: config)
  --help                    this text
  --version                 the version
`

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
function withIdsLast(args: readonly string[]): string[] {
  const isId = (word: string) => /^-[A-Za-z0-9_][\w-]{20,}$/.test(word)
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const free = args.slice(0, end)
  return [...free.filter((word) => !isId(word)), '--', ...free.filter(isId), ...args.slice(end + 1)]
}

type Command = (options: Options) => Promise<number>

const commands: Readonly<Record<string, Command>> = {
  serve: serveUntilStopped,
  check,
  migrate,
  trace: showTrace,
  'connection show': showConnection,
  'connection check': checkConnections,
  'domains check': (options) => checkDomains(options),
  'profile preview': previewProfile,
  'users add': addUser,
  'users block': (options) => blockNamed(options),
  'users unblock': unblockNamed,
  'keys list': listKeys,
  'keys rotate': rotateKeys,
  'keys retire': retireKey,
}

/** Runs one command; its exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const given = read(args)
  if (given === null) return 1
  if (given === 'help') return print(help)
  if (given === 'version') return print(`${await version()}\n`)
  const [first = '', second = ''] = given.words
  const name = Object.hasOwn(commands, first) ? first : `${first} ${second}`
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return refuse(first === '' ? 'which command?' : `unknown command ${first}`)
  try {
    return await command({ ...given, words: given.words.slice(name.split(' ').length) })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    process.stderr.write(
      `gatehouse ${name}: ${error.message}${error instanceof GatehouseError ? ` (${error.code})` : ''}\n`,
    )
    return 1
  }
}

function read(args: readonly string[]): Options | 'help' | 'version' | null {
  try {
    const { values, positionals } = parseArgs({
      args: withIdsLast(args),
      allowPositionals: true,
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
    if (values.help) return 'help'
    if (values.version) return 'version'
    const { config, tenant, connection, email, name, json, now } = values
    const given = { tenant, connection, email, name, json, now }
    return { ...given, config, words: positionals, passwordFromStdin: values['password-stdin'] }
  } catch (error) {
    refuse(error instanceof Error ? error.message : 'unreadable arguments')
    return null
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n\n${help}`)
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
