/** The processes of a bench run: started, pinned to cores, measured, and stopped at the end. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Only Linux reports the processor time of a process in nanoseconds. */
export const measurable = existsSync('/proc/self/schedstat')

const canPin = availableParallelism() > 1 && existsSync('/usr/bin/taskset')
const lastCore = availableParallelism() - 1
/** The measured server has the first core; load, stores and upstream share the others. */
const coresOf = { measured: '0', others: `1-${lastCore}`, all: `0-${lastCore}` } as const
export type Cores = keyof typeof coresOf

/** Pins this process; its children inherit the cores. */
export function stayOn(cores: Cores): void {
  if (canPin) execFileSync('taskset', ['-acp', coresOf[cores], `${process.pid}`], { stdio: 'ignore' })
}

/** The path of a script in this folder. */
export function scriptOf(name: string): string {
  return fileURLToPath(new URL(`${name}.js`, import.meta.url))
}

export interface StartOptions {
  /** Default: those of this process. */
  readonly cores?: Cores
  readonly environment?: Readonly<Record<string, string>>
  /** With an IPC channel for `ask`. */
  readonly askable?: boolean
}

/** Starts a script with this Node and discards its output. */
export function start(script: string, args: readonly string[] = [], options: StartOptions = {}): ChildProcess {
  const { cores, environment = {}, askable = false } = options
  const command = [process.execPath, script, ...args]
  const [program = '', ...rest] = cores && canPin ? ['taskset', '-c', coresOf[cores], ...command] : command
  const child = spawn(program, rest, {
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', ...(askable ? (['ipc'] as const) : [])],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  child.once('error', () => running.delete(child))
  return child
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => stop(child, 'SIGKILL')))
}

/** Sends a message and waits for the reply. */
export async function ask<T>(child: ChildProcess, message: object, form: z.ZodType<T>): Promise<T> {
  const ended = new AbortController()
  const exited = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`${child.spawnargs.join(' ')} ended before it answered`)
  })
  exited.catch(() => {})
  try {
    const answered = once(child, 'message', { signal: ended.signal })
    child.send(message)
    const [answer]: unknown[] = await Promise.race([answered, exited])
    return form.parse(answer)
  } finally {
    ended.abort()
  }
}

/** The other end of `ask`: handles each message, and exits with its parent. */
export function answerEach<T>(form: z.ZodType<T>, work: (message: T) => Promise<object>): void {
  process.on('message', async (message) => process.send?.(await work(form.parse(message))))
  process.on('disconnect', () => process.exit())
}

/** Processor seconds of all threads so far, from schedstat. */
export function cpuSeconds({ pid }: ChildProcess): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}

export function residentMegabytes({ pid }: ChildProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
