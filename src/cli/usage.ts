/** How each command is called: what `--help` prints, and what a command refuses. */

export const optionTexts = {
  config: ['--config <folder>', 'where gatehouse.yaml and tenants/ are (default: config)'],
  tenant: ['--tenant <id>', 'the tenant'],
  connection: ['--connection <id>', 'the connection of the tenant'],
  email: ['--email <address>', 'the email address they sign in with'],
  name: ['--name <name>', 'their name (default: none)'],
  'password-stdin': ['--password-stdin', 'the password is read from standard input'],
  json: ['--json', 'as JSON'],
  now: ['--now', 'at once, whoever does not know yet'],
} as const

export type OptionName = keyof typeof optionTexts

export interface Usage {
  /** What follows the name: `<needed>`, `[may be left out]`. */
  readonly words?: string
  /** The first line is what the list of commands says. */
  readonly says: readonly string[]
  /** Beside `--config`. */
  readonly options?: readonly OptionName[]
}

export const usages = {
  serve: { says: ['run the broker until it is stopped (SIGTERM or Ctrl-C)'] },
  check: {
    says: ['read the configuration, print every fault and warning', 'Exit code 1 if there is a fault.'],
  },
  migrate: { says: ['bring the database up to date, then end'] },
  trace: {
    words: '<reference>',
    says: ['print the trace of a login attempt, found by the reference shown to the person, such as 7KQ2-M9XD'],
  },
  'connection show': {
    words: '<tenant> <connection>',
    says: [
      'print the addresses to register at the upstream (callback URL or ACS, entity id, logout …)',
      'And where that is told.',
    ],
    options: ['tenant', 'connection'],
  },
  'connection check': {
    words: '<tenant> [connection]',
    says: [
      'ask the upstreams once whether a login would work: each check, and who can fix what is not ok',
      'Exit code 1 if a connection is down.',
    ],
    options: ['tenant', 'connection', 'json'],
  },
  'connection jwks': {
    words: '<tenant> <connection>',
    says: ['print the public key of `clientKey` as a JWK Set, to register at the upstream (private_key_jwt)'],
    options: ['tenant', 'connection'],
  },
  'connection trust': {
    words: '<tenant> <connection> [digest]',
    says: [
      'print what a SAML identity provider says of itself now, and what of it is new',
      'With the digest that this prints: believe it, whoever signed it. Exit code 1 while something is not believed.',
    ],
    options: ['tenant', 'connection'],
  },
  'domains check': {
    says: [
      'print the DNS TXT record by which a tenant shows that its email domains are its own, and whether it is there',
      'Exit code 1 if one is not.',
    ],
    options: ['tenant'],
  },
  'profile preview': {
    words: '<file>',
    says: ['what a captured answer becomes: claims as JSON, - for standard input'],
    options: ['tenant', 'connection'],
  },
  'apps list': {
    says: ['all apps: id, kind, whose it is (tenant and user), whether it is on, name'],
    options: ['json'],
  },
  'apps show': { words: '<id>', says: ['one app: its owner, addresses, scopes, and whether it is on'] },
  'apps disable': {
    words: '<id>',
    says: [
      "switch a developer's app off: nobody signs in with it, and its secrets, keys and tokens are rejected",
      'A running process knows within two seconds. JWT access tokens live until they expire.',
    ],
  },
  'apps enable': { words: '<id>', says: ['switch it on again'] },
  'users add': {
    says: ['add someone with a password'],
    options: ['tenant', 'email', 'name', 'password-stdin'],
  },
  'users block': {
    words: '<tenant> <email or id>',
    says: ['end all sessions and all access of apps at once, let the person in no more, and switch their own apps off'],
  },
  'users unblock': {
    words: '<tenant> <email or id>',
    says: ["let the person in again; also ends an upstream's revocation (Universal Logout)"],
  },
  'keys list': {
    says: ['the keys that sign tokens: which sign, which come next, until when old ones are published'],
    options: ['json'],
  },
  'keys rotate': {
    says: ['the next keys sign from now on', 'Refused while apps may not know them yet, unless --now.'],
    options: ['now', 'json'],
  },
  'keys retire': {
    words: '<key>',
    says: ['take a key out of use', 'With --now it is published no more, and what it signed is refused at once.'],
    options: ['now', 'json'],
  },
} as const satisfies Readonly<Record<string, Usage>>

export type CommandName = keyof typeof usages

const usageOf: Readonly<Record<CommandName, Usage>> = usages
const names = Object.keys(usages).filter(isCommand)

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(usages, name)
}

/** What is wrong with the words and options beside the command's name; undefined when nothing is. */
export function surplusOf(
  command: CommandName,
  words: readonly string[],
  given: readonly string[],
): string | undefined {
  const { words: known = '', options = [] } = usageOf[command]
  const max = known.match(/<[^<>]+>|\[[^[\]]+\]/g)?.length ?? 0
  const [surplus] = words.slice(max)
  if (surplus !== undefined) return `gatehouse ${command}: ${surplus} is one word too many`
  const surplusOption = given.find((name) => name !== 'config' && !options.some((option) => option === name))
  return surplusOption === undefined ? undefined : `gatehouse ${command} has no option --${surplusOption}`
}

/** Of a command, of a family such as `users`, or of everything. */
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
  ${'--help'.padEnd(width)}  this text; after a command, what it does and its options
  ${'--version'.padEnd(width)}  the version
`
}

function usageLine(name: CommandName): string {
  const { words } = usageOf[name]
  return words === undefined ? name : `${name} ${words}`
}
