/**
 * Programs of examples, each in a process group of its own, so that what it starts ends with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Program {
  /** What it has printed so far. */
  output(): string
  /** Waits for text that matches; returns the first group. */
  prints(pattern: RegExp): Promise<string>
  /** Waits until it responds at a URL with anything but 5xx. */
  answers(url: string): Promise<void>
  write(text: string): void
  /** Waits for its end; throws unless the exit code is 0. */
  ends(): Promise<void>
  stop(): Promise<void>
}

export interface ProgramOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** How long it may take to start. Default: one minute. */
  readonly startMs?: number
}

/** Debian has nginx in /usr/sbin, which users do not search. */
const searchPath = [process.env['PATH'] ?? '', '/usr/sbin'].join(delimiter)
const groups = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of groups) signal(child, 'SIGKILL')
})

export function start(command: readonly [string, ...string[]], options: ProgramOptions): Program {
  const { cwd, env = {}, startMs = 60_000 } = options
  const [program, ...args] = command
  const child = spawn(program, args, { cwd, env: { ...process.env, PATH: searchPath, ...env }, detached: true })
  groups.add(child)
  let output = ''
  let failure: Error | undefined
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  child.once('error', (error) => (failure = error))
  const hasEnded = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null

  async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const began = Date.now(); Date.now() - began < startMs; await sleep(50)) {
      const found = await look()
      if (found !== undefined) return found
      if (hasEnded())
        throw new Error(`${program} ended (exit code ${child.exitCode}) before ${what}`, { cause: failure })
    }
    throw new Error(`${program}: no ${what} within ${startMs / 1000} s`)
  }

  return {
    output: () => output,
    prints: (pattern) => until(`output like ${pattern}`, async () => pattern.exec(output)?.[1]),
    answers: (url) =>
      until(`response at ${url}`, async () => {
        const status = await fetch(url, { redirect: 'manual' }).then(
          (response) => response.status,
          () => 500,
        )
        return status < 500 || undefined
      }).then(() => {}),
    write: (text) => child.stdin.write(text),
    async ends() {
      if (!hasEnded()) await once(child, 'exit')
      groups.delete(child)
      if (child.exitCode !== 0) throw failure ?? new Error(`${command.join(' ')} ended with ${child.exitCode}`)
    },
    async stop() {
      if (!hasEnded()) {
        signal(child, 'SIGTERM')
        const ended = once(child, 'exit')
        await Promise.race([ended, sleep(5000, undefined, { ref: false })])
      }
      signal(child, 'SIGKILL')
      groups.delete(child)
    },
  }
}

/** Runs a command to its end. */
export async function complete(command: readonly [string, ...string[]], options: ProgramOptions): Promise<void> {
  const program = start(command, options)
  await program.ends().catch((error) => {
    throw new Error(`${error.message}\n${program.output()}`)
  })
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch {
    // the group has ended
  }
}

export function isOnPath(program: string): boolean {
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
