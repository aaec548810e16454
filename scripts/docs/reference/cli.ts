/** The commands of docs/reference/cli.md. */
import { type NamedCommand, namedCommands } from '../../../src/cli/help.ts'
import { type OptionName, optionTable } from '../../../src/cli/options.ts'
import { commands } from '../../../src/cli/table.ts'
import { anchorOf } from '../anchors.ts'
import { code, prose, sentence, table } from '../parts.ts'

const all = namedCommands(commands)

export function cliOverview(): string {
  const rows = all.map(({ name, says: [text = ''] }) => [
    `[${code(`gatehouse ${name}`)}](#${anchorOf(`gatehouse ${name}`)})`,
    prose(text),
  ])
  return table(['command', 'what it does'], rows)
}

export const cliCommands = (): string => all.map(commandText).join('\n')

function commandText({ name, usage, says: [first = '', ...more], options = [] }: NamedCommand): string {
  const text = [sentence(prose(first)), ...more.map(prose)].join(' ')
  const rows = options.map(optionRow)
  const optionTableText = rows.length === 0 ? '' : `\n${table(['option', 'meaning'], rows)}`
  return `### gatehouse ${name}\n\n\`\`\`sh\ngatehouse ${usage}\n\`\`\`\n\n${text}\n${optionTableText}`
}

export function generalOptions(): string {
  return table(['option', 'meaning'], (['config', 'help', 'version'] as const).map(optionRow))
}

function optionRow(name: OptionName): readonly [string, string] {
  const { form, text } = optionTable[name]
  const short = 'short' in optionTable[name] ? `-${optionTable[name].short}, ` : ''
  return [code(`${short}--${name}${form}`), prose(text)]
}
