/** The usage of each command, for `--help` and for errors. */

export const optionTexts = {
  config: ['--config <folder>', 'the folder with gatehouse.yaml and tenants/ (default: config)'],
  tenant: ['--tenant <id>', 'the tenant'],
  connection: ['--connection <id>', 'the connection of the tenant'],
  email: ['--email <address>', 'the email address to sign in with'],
  name: ['--name <name>', "the user's name (default: none)"],
  'password-stdin': ['--password-stdin', 'read the password from standard input'],
  json: ['--json', 'print JSON'],
  write: ['--write', 'rewrite the files'],
  now: ['--now', 'do not wait until apps know the keys'],
} as const

export type OptionName = keyof typeof optionTexts

export interface Usage {
  /** Arguments: `<required>`, `[optional]`. */
  readonly words?: string
  /** The first line is shown in the list of commands. */
  readonly says: readonly string[]
  /** Besides `--config`. */
  readonly options?: readonly OptionName[]
}

export const usages = {
  serve: { says: ['run Gatehouse until SIGTERM or Ctrl-C'] },
  check: { says: ['check the configuration and print all errors and warnings', 'Exit code 1 if there is an error.'] },
  'config upgrade': {
    says: [
      'print the former names of keys and values in gatehouse.yaml and tenants/*.yaml, and their names now',
      'With --write: replace them. Comments, order and formatting stay.',
    ],
    options: ['write'],
  },
  migrate: { says: ['bring the database up to date'] },
  trace: {
    words: '<reference>',
    says: ['print the trace of a login attempt by its reference, such as 7KQ2-M9XD'],
  },
  'connection show': {
    words: '<tenant> <connection>',
    says: ['print the URLs to register at the upstream (callback, ACS, logout …)', 'Names the setup guide too.'],
    options: ['tenant', 'connection'],
  },
  'connection check': {
    words: '<tenant> [connection]',
    says: [
      'check whether a login would work now, and print who can fix each failure',
      'Exit code 1 if a connection is down.',
    ],
    options: ['tenant', 'connection', 'json'],
  },
  'connection jwks': {
    words: '<tenant> <connection>',
    says: ['print the public key of `clientKey` as a JWK Set, for private_key_jwt'],
    options: ['tenant', 'connection'],
  },
  'connection trust': {
    words: '<tenant> <connection> [digest]',
    says: [
      'print the current metadata of a SAML identity provider, and what is new in it',
      'With the printed digest: trust this metadata, whatever its signature. Exit code 1 while some of it is not trusted.',
    ],
    options: ['tenant', 'connection'],
  },
  'domains check': {
    says: [
      "print the DNS TXT records that prove a tenant's email domains, and whether they exist",
      'Exit code 1 if a record is missing.',
    ],
    options: ['tenant'],
  },
  'profile preview': {
    words: '<file>',
    says: ['print the profile that a captured response maps to (claims as JSON; - for standard input)'],
    options: ['tenant', 'connection'],
  },
  'apps list': {
    says: ['list all apps: id, kind, owner (tenant and user), state, name'],
    options: ['json'],
  },
  'apps show': { words: '<id>', says: ['show one app: owner, redirect URIs, scopes, state'] },
  'apps disable': {
    words: '<id>',
    says: [
      "disable a developer's app: its sign-ins, secrets, keys and tokens are rejected",
      'Takes effect within two seconds. JWT access tokens are valid until they expire.',
    ],
  },
  'apps enable': { words: '<id>', says: ['enable an app again'] },
  'users add': {
    says: ['add a user with a password'],
    options: ['tenant', 'email', 'name', 'password-stdin'],
  },
  'users block': {
    words: '<tenant> <email or id>',
    says: ["block a user: end all sessions and tokens, refuse sign-ins, disable the user's own apps"],
  },
  'users unblock': {
    words: '<tenant> <email or id>',
    says: ["unblock a user; also lifts an upstream's revocation (Universal Logout)"],
  },
  'keys list': {
    says: ['list the signing keys: status, and when each changes'],
    options: ['json'],
  },
  'keys rotate': {
    says: ['activate the next signing keys', 'Without --now, this fails while apps may not know them yet.'],
    options: ['now', 'json'],
  },
  'keys retire': {
    words: '<key>',
    says: ['retire a signing key', 'With --now it is no longer published, and its tokens are rejected at once.'],
    options: ['now', 'json'],
  },
} as const satisfies Readonly<Record<string, Usage>>

export type CommandName = keyof typeof usages

const usageOf: Readonly<Record<CommandName, Usage>> = usages
const names = Object.keys(usages).filter(isCommand)

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(usages, name)
}

/** The error for a surplus argument or an unknown option, if there is one. */
export function surplusOf(
  command: CommandName,
  words: readonly string[],
  given: readonly string[],
): string | undefined {
  const { words: known = '', options = [] } = usageOf[command]
  const max = known.match(/<[^<>]+>|\[[^[\]]+\]/g)?.length ?? 0
  const [surplus] = words.slice(max)
  if (surplus !== undefined) return `gatehouse ${command}: ${surplus} is one argument too many`
  const surplusOption = given.find((name) => name !== 'config' && !options.some((option) => option === name))
  return surplusOption === undefined ? undefined : `gatehouse ${command} has no option --${surplusOption}`
}

/** Help for a command, a group such as `users`, or all commands. */
export function helpOf(first: string, second: string): string {
  const name = [`${first} ${second}`, first].find(isCommand)
  if (name !== undefined) return helpOfCommand(name)
  const family = names.filter((command) => command.startsWith(`${first} `))
  return family.length === 0 ? generalHelp() : family.map(helpOfCommand).join('\n')
}

function helpOfCommand(name: CommandName): string {
  const { says, options = [] } = usageOf[name]
  const texts = [...options, 'config' as const].map((option) => optionTexts[option])
  const width = Math.max(...texts.map(([form]) => form.length))
  const lines = texts.map(([form, text]) => `  ${form.padEnd(width)}  ${text}`)
  return `gatehouse ${usageLine(name)} [options]\n\n${says.map((line) => `  ${line}\n`).join('')}\n${lines.join('\n')}\n`
}

function generalHelp(): string {
  const width = Math.max(...names.map((name) => usageLine(name).length))
  const lines = names.map((name) => `  ${usageLine(name).padEnd(width)}  ${usageOf[name].says[0]}`)
  return `gatehouse <command> [options]

${lines.join('\n')}

  ${optionTexts.config[0].padEnd(width)}  ${optionTexts.config[1]}
  ${'--help'.padEnd(width)}  this text; after a command, its help
  ${'--version'.padEnd(width)}  the version
`
}

function usageLine(name: CommandName): string {
  const { words } = usageOf[name]
  return words === undefined ? name : `${name} ${words}`
}
