/** The completion scripts, run by the shells themselves. */
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { namedCommands } from '../../src/cli/help.ts'
import { commands } from '../../src/cli/table.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-completion-'))

/** Asks a shell what may follow a typed line. */
const shells: Readonly<Record<string, (script: string, line: string) => string>> = {
  bash: (script, line) => `source ${script}
    COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    _gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // zsh completes in its line editor only: the call of compadd is replaced
  zsh: (script, line) => `compdef() { }; compadd() { shift; print -l -- \${(M)@:#\${current}*} }
    source ${script}; current=${line.endsWith(' ') ? "''" : (line.split(' ').at(-1) ?? '')}
    words=(${line.replace(/ $/, " ''")}); CURRENT=\${#words}; _gatehouse`,
  fish: (script, line) => `source ${script}; complete -C '${line}'`,
}

async function completions(shell: string, line: string): Promise<readonly string[]> {
  const { out } = await runGatehouse('completion', shell)
  const script = join(folder, `gatehouse.${shell}`)
  writeFileSync(script, out)
  const options = shell === 'bash' ? ['--norc', '--noprofile'] : shell === 'zsh' ? ['-f'] : ['--no-config']
  const ask = shells[shell]?.(script, line) ?? ''
  const { stdout } = await promisify(execFile)(shell, [...options, '-c', ask], {
    env: { HOME: folder, PATH: process.env['PATH'] },
  })
  return stdout
    .split('\n')
    .filter((word) => word !== '')
    .map((word) => word.split('\t')[0] ?? '')
    .sort()
}

const words = [...new Set(namedCommands(commands).map(({ name }) => name.split(' ')[0] ?? ''))]

describe.each(Object.keys(shells))('gatehouse completion %s', (shell) => {
  it.each([
    ['gatehouse ', words.toSorted()],
    ['gatehouse con', ['config', 'connection']],
    ['gatehouse connection ', ['check', 'jwks', 'setup-link', 'show', 'trust']],
    ['gatehouse keys ro', ['rotate']],
    ['gatehouse completion ', ['bash', 'fish', 'zsh']],
    ['gatehouse keys rotate --', ['--config', '--help', '--json', '--now']],
  ])('completes "%s"', async (line, expected) => {
    expect((await completions(shell, line)).filter((word) => line.endsWith('-') || !word.startsWith('-'))).toEqual(
      expected,
    )
  })
})

it.each([
  [[], 'name the shell: bash, zsh, fish'],
  [['ksh'], 'name the shell: bash, zsh, fish'],
])('gatehouse completion %j is rejected with the known shells', async (args, sentence) => {
  expect(await runGatehouse('completion', ...args)).toMatchObject({ code: 1, error: expect.stringContaining(sentence) })
})
