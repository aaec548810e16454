/** `gatehouse completion`: a script for the shell, with the words that may follow each command. */
import { namedCommands } from './help.ts'
import type { CommandTable } from './options.ts'

export function completionScript(shell: string | undefined, table: CommandTable): string {
  const script = scripts.get(shell ?? '')
  if (script === undefined) throw new Error(`name the shell: ${[...scripts.keys()].join(', ')}`)
  return script(choicesOf(table))
}

/** The words before the cursor, and those that may follow. The first match counts. */
type Choice = readonly [before: string, next: string]

function choicesOf(table: CommandTable): readonly Choice[] {
  const all = namedCommands(table)
  const groups = Map.groupBy(all, ({ name }) => name.split(' ')[0] ?? '')
  const afterCommand = all.map(({ name, options = [] }): Choice => {
    const given = name === 'completion' ? [...scripts.keys()] : []
    return [`${name} `, [...given, ...[...options, 'config', 'help'].map((option) => `--${option}`)].join(' ')]
  })
  const afterGroup = [...groups].map(([group, members]): Choice => {
    return [`${group} `, members.map(({ name }) => name.slice(group.length + 1)).join(' ')]
  })
  return [...afterCommand, ...afterGroup, ['', [...groups.keys()].join(' ')]]
}

/** A `case` statement of bash and zsh. */
function caseText(choices: readonly Choice[]): string {
  const lines = choices.map(([before, next]) => `    '${before}'*) next='${next}' ;;\n`)
  return `case "$before" in\n${lines.join('')}  esac`
}

const scripts: ReadonlyMap<string, (choices: readonly Choice[]) => string> = new Map([
  [
    'bash',
    (choices) => `_gatehouse() {
  local before="\${COMP_WORDS[*]:1:COMP_CWORD-1} " current="\${COMP_WORDS[COMP_CWORD]}" next
  ${caseText(choices)}
  if [[ \${COMP_WORDS[COMP_CWORD-1]} == --config ]]; then COMPREPLY=($(compgen -d -- "$current"))
  else COMPREPLY=($(compgen -W "$next" -- "$current")); fi
}
complete -F _gatehouse gatehouse
`,
  ],
  [
    'zsh',
    (choices) => `#compdef gatehouse
_gatehouse() {
  local before="\${(j: :)words[2,CURRENT-1]} " next
  ${caseText(choices)}
  if [[ \${words[CURRENT-1]} == --config ]]; then _files -/; else compadd -- \${=next}; fi
}
compdef _gatehouse gatehouse
`,
  ],
  [
    'fish',
    (choices) => `function __gatehouse_next
  set -l before (string join ' ' (commandline -opc)[2..])' '
  switch "$before"
${choices.map(([before, next]) => `    case '${before}*'\n      string split ' ' -- '${next}'\n`).join('')}  end
end
complete -c gatehouse -f -a '(__gatehouse_next)'
complete -c gatehouse -l config -xa '(__fish_complete_directories)'
`,
  ],
])
