/** Gatehouse as a process of the built command line. Needs `dist`, which `npm test` builds. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { waitOptions } from '../gatehouse/test-gatehouse.ts'

const program = fileURLToPath(new URL('../../../dist/src/cli.js', import.meta.url))

export interface TestGatehouseProcess {
  readonly port: number
  readonly child: ChildProcess
  /** Its log so far. */
  output(): string
  /** Its exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

export async function startProcess(
  folder: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<TestGatehouseProcess> {
  const child = run(['serve', '--config', folder], environment)
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await vi.waitFor(async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output}`)
    const { status } = await fetch(`http://127.0.0.1:${port}/readyz`)
    if (status !== 200) throw new Error(`not ready: ${output}`)
  }, waitOptions)
  return {
    port,
    child,
    output: () => output,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill(signal)
        await ended
      }
      return child.exitCode ?? child.signalCode
    },
  }
}

export async function addPerson(
  folder: string,
  person: { readonly tenant: string; readonly email: string; readonly password: string },
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { tenant, email, password } = person
  const words = ['users', 'add', '--tenant', tenant, '--email', email, '--password-stdin']
  return command(folder, words, environment, password)
}

/** Runs a command to its end, as an operator would; what it printed. Throws when it fails. */
export async function command(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<string> {
  const child = run([...words, '--config', folder], environment)
  child.stdin?.end(input)
  const said = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream))))
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${(await said).join('')}`)
  return (await said).join('')
}

function run(words: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  if (!existsSync(program)) throw new Error('dist is missing: npm run build')
  const child = spawn(process.execPath, [program, ...words], { env: { ...process.env, ...environment } })
  const cutShort = () => child.kill('SIGKILL') // with the test run
  process.once('exit', cutShort)
  child.once('exit', () => process.off('exit', cutShort))
  return child
}
