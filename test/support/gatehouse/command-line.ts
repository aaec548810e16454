/** Runs a command in this process, since Node runs no .tsx, and captures its output. */
import { vi } from 'vitest'
import { runCommand } from '../../../src/cli/run.ts'

export interface CommandResult {
  readonly out: string
  readonly error: string
  readonly code: number
}

export async function runGatehouse(...words: readonly string[]): Promise<CommandResult> {
  const written = { out: '', error: '' }
  const caught = (stream: 'out' | 'error') => (chunk: string | Uint8Array) => {
    written[stream] += String(chunk)
    return true
  }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(caught('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(caught('error')),
  ]
  try {
    const code = await runCommand(words)
    return { ...written, code }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
