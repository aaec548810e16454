/** Help of the commands, and errors about what is typed after one. */
import { closestWord } from '../config/schema/closest-word.ts'
import { type Command, type CommandTable, type Options, optionTable } from './options.ts'

export interface NamedCommand extends Command {
  readonly name: string
  /** The name with its arguments. */
  readonly usage: string
}

export function namedCommands(table: CommandTable): readonly NamedCommand[] {
  return Object.entries(table).map(([usage, command]) => ({ ...command, usage, name: usage.replace(/ [<[].*/, '') }))
}

/** The command that the words begin with. */
export function commandOf(all: readonly NamedCommand[], [first, second]: readonly string[]): NamedCommand | undefined {
  return all.find(({ name }) => name === first || name === `${first} ${second}`)
}

/** The error for words that begin no command. */
export function unknownCommand(all: readonly NamedCommand[], [first, second]: readonly string[]): string {
  if (first === undefined) return 'name a command'
  const names = all.map(({ name }) => name)
  const group = names.filter((name) => name.startsWith(`${first} `)).map((name) => name.slice(first.length + 1))
  if (group.length > 0 && second === undefined) return `unknown command ${first}; name one of: ${group.join(', ')}`
  const given = group.length > 0 ? `${first} ${second}` : first
  const words = group.length > 0 ? group.map((word) => `${first} ${word}`) : names
  const nearest = closestWord(given, [...words, ...(group.length > 0 ? [] : groupsOf(names))])
  const others = group.length > 0 && nearest === undefined ? `; name one of: ${group.join(', ')}` : ''
  return `unknown command ${given}${nearest === undefined ? others : `; did you mean ${nearest}?`}`
}

const groupsOf = (names: readonly string[]) => [
  ...new Set(names.flatMap((name) => (name.includes(' ') ? [name.split(' ', 1).join('')] : []))),
]

/** The command that prints the help for these words. */
export function helpCommand(all: readonly NamedCommand[], words: readonly string[]): string {
  const [group = ''] = words
  const name =
    commandOf(all, words)?.name ?? (all.some((each) => each.name.startsWith(`${group} `)) ? group : undefined)
  return name === undefined ? 'gatehouse --help lists the commands' : `gatehouse ${name} --help shows its options`
}

/** The error for a surplus argument or an unknown option, if there is one. */
export function surplusOf({ name, usage, options = [] }: NamedCommand, { words, given }: Options): string | undefined {
  const max = usage.match(/<[^<>]+>|\[[^[\]]+\]/g)?.length ?? 0
  const [surplus] = words.slice(max)
  if (surplus !== undefined) return `gatehouse ${name}: ${surplus} is one argument too many`
  const unknown = given.find((option) => option !== 'config' && !options.some((known) => known === option))
  if (unknown === undefined) return undefined
  const nearest = closestWord(unknown, [...options, 'config'])
  return `gatehouse ${name} has no option --${unknown}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`
}

/** Help for a command, a group such as `users`, or all commands. */
export function helpOf(all: readonly NamedCommand[], words: readonly string[]): string {
  const command = commandOf(all, words)
  if (command !== undefined) return helpOfCommand(command)
  const group = all.filter(({ name }) => name.startsWith(`${words[0]} `))
  return group.length === 0 ? generalHelp(all) : group.map(helpOfCommand).join('\n')
}

function helpOfCommand({ usage, says, options = [] }: NamedCommand): string {
  const text = says.map((line) => `  ${line}\n`).join('')
  return `gatehouse ${usage} [options]\n\n${text}\n${columns([...options, 'config' as const].map(optionHelp))}`
}

function generalHelp(all: readonly NamedCommand[]): string {
  const rows = all.map(({ usage, says: [text = ''] }): Row => [usage, text])
  const general = (['config', 'help', 'version'] as const).map(optionHelp)
  const lines = columns([...rows, ...general]).split('\n')
  return `gatehouse <command> [options]\n\n${lines.toSpliced(rows.length, 0, '').join('\n')}`
}

type Row = readonly [string, string]

function optionHelp(name: keyof typeof optionTable): Row {
  const { form, text } = optionTable[name]
  return [`--${name}${form}`, text]
}

function columns(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([form]) => form.length))
  return rows.map(([form, text]) => `  ${form.padEnd(width)}  ${text}\n`).join('')
}
