/** Programs of a run; their output goes to a file, and they end with this process. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Something that the operator can put right: shown as its sentence. */
export class Failure extends Error {}

export interface Running {
  stop(): Promise<void>
  readonly log: string
  readonly child: ChildProcess
}

interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function start(log: string, program: string, args: readonly string[], options: Options = {}): Running {
  const output = openSync(log, 'a')
  const child = spawn(program, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.on('error', () => {}) // `untilReady` says what is in the log, or that it ended
  running.add(child)
  child.once('exit', () => running.delete(child))
  return { stop: () => stop(child), log, child }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(insist)
}

/** Waits until `url` is answered with 200. */
export async function untilReady(name: string, { child, log }: Running, url: string, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(300)) {
    if (child.exitCode !== null || child.signalCode !== null) break
    const status = await fetch(url, { signal: AbortSignal.timeout(5000) }).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 200) return
  }
  throw new Failure(`${name} did not become ready at ${url}:\n${lastLines(log)}`)
}

export const lastLines = (file: string): string =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-30).join('\n') : '(no output)'

/** Runs a program and returns stdout. Throws a Failure with the end of its output. */
export async function run(program: string, args: readonly string[], options: Options = {}): Promise<string> {
  try {
    const { stdout } = await execute(program, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      maxBuffer: 100_000_000,
    })
    return stdout
  } catch (error) {
    const output =
      error instanceof Error && 'stdout' in error ? `${error.stdout}${'stderr' in error ? error.stderr : ''}` : ''
    throw new Failure(`${program} ${args[0] ?? ''} failed: ${output.slice(-3000) || String(error)}`)
  }
}

/** The folder of a JDK of version 21 or newer. */
export async function findJdk(): Promise<string> {
  const installed = existsSync('/usr/lib/jvm')
    ? readdirSync('/usr/lib/jvm').map((name) => join('/usr/lib/jvm', name))
    : []
  for (const home of [process.env['JAVA_HOME'], ...installed]) {
    if (home === undefined || !existsSync(join(home, 'bin', 'javac'))) continue
    const version = /\d+/.exec(await run(join(home, 'bin', 'javac'), ['-version']))?.[0]
    if (Number(version) >= 21) return home
  }
  throw new Failure('A JDK of version 21 or newer is missing: install one, and set JAVA_HOME to its folder.')
}

/** The full path, since the folder of administrators' programs is on not every PATH. */
export function findNginx(): string {
  const found = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find(
    existsSync,
  )
  if (found === undefined) throw new Failure('nginx is missing: apt-get install nginx-light')
  return found
}
