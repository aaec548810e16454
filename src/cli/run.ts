/** The commands of `gatehouse`, by name. */
import { GatehouseError } from '../errors.ts'
import { disableAppCommand, enableAppCommand, listApps, showApp } from './apps.ts'
import { check, migrate, serveUntilStopped, showTrace, upgradeConfig } from './commands.ts'
import { showConnection } from './connection.ts'
import { checkConnections } from './connection-check.ts'
import { printClientKeys } from './connection-jwks.ts'
import { trustConnectionMetadata } from './connection-trust.ts'
import { checkDomains } from './domains.ts'
import { listKeys, retireKey, rotateKeys } from './keys.ts'
import { type Options, type ParsedOptions, parseOptions } from './options.ts'
import { print } from './output.ts'
import { previewProfile } from './profile.ts'
import { type CommandName, helpOf, isCommand, surplusOf } from './usage.ts'
import { addUser, blockUserCommand, unblockUserCommand } from './users.ts'

type Command = (options: Options) => Promise<number>

const commands: Readonly<Record<CommandName, Command>> = {
  serve: serveUntilStopped,
  check,
  'config upgrade': upgradeConfig,
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

/** Runs one command; returns its exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let parsed: ParsedOptions
  try {
    parsed = parseOptions(args)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'invalid arguments')
  }
  if (parsed.version) return printed(await version())
  const [first = '', second = ''] = parsed.words
  if (parsed.help) return printed(helpOf(first, second))
  const name = [first, `${first} ${second}`].find(isCommand)
  if (name === undefined) return refuse(first === '' ? 'name a command' : `unknown command ${first}`, first)
  const words = parsed.words.slice(name.split(' ').length)
  const surplus = surplusOf(name, words, parsed.given)
  if (surplus !== undefined) return refuse(surplus, first, second)
  return runNamed(name, { ...parsed, words })
}

async function runNamed(name: CommandName, options: Options): Promise<number> {
  try {
    return await commands[name](options)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = error instanceof GatehouseError ? ` (${error.code})` : ''
    process.stderr.write(`gatehouse ${name}: ${error.message}${code}\n`)
    return 1
  }
}

function printed(text: string): number {
  print(text)
  return 0
}

function refuse(sentence: string, first = '', second = ''): number {
  process.stderr.write(`${sentence}\n\n${helpOf(first, second)}`)
  return 1
}

async function version(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  // two folders up in the source, three in dist
  for (const place of ['../../package.json', '../../../package.json']) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null)
    if (text !== null) return String(JSON.parse(text).version)
  }
  return 'unknown'
}
