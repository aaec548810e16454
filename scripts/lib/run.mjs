/** Child processes, which receive our signals. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const graceMs = 1500
const minMemoryBytes = 4 * 2 ** 30
const running = new Set()
let signalled = null

/** Starts a program in the root folder, by default with inherited stdio. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', ...options })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** Runs a program; resolves to its exit code, or never after a signal (`stopWith` exits). */
export function run(program, args, options) {
  return new Promise((resolve) => {
    const child = start(program, args, options)
    child.once('error', (error) => {
      process.stderr.write(`${program}: ${error.message}\n`)
      running.delete(child)
      resolve(127)
    })
    child.once('close', (code) => {
      if (signalled === null) resolve(code ?? 1)
    })
  })
}

/** The environment with this Node and the programs of the packages on the PATH. */
export function environment(node, extra = {}) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter)
  return { ...process.env, PATH: path, ...extra }
}

/**
 * Runs `work` with a temporary folder, which is deleted afterwards. It is in memory where possible:
 * SQLite waits for the disk at each commit.
 */
export async function withTemporaryFolder(work) {
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'gatehouse-'))
  chmodSync(folder, 0o755) // PostgreSQL runs as another user
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.once('exit', remove)
  try {
    return await work({ TMPDIR: folder })
  } finally {
    remove()
    process.off('exit', remove)
  }
}

/** A file system in memory with enough room for databases, and from which programs can start. */
function memoryFolder() {
  if (process.env.TMPDIR !== undefined || !existsSync('/proc/mounts')) return undefined
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, path]) => path === '/dev/shm')
  if (mount === undefined || mount[2] !== 'tmpfs' || /\b(ro|noexec)\b/.test(mount[3])) return undefined
  const { bavail, bsize } = statfsSync('/dev/shm')
  return bavail * bsize >= minMemoryBytes ? '/dev/shm' : undefined
}

/** Stops all children: SIGTERM first, SIGKILL after the grace period. */
export async function stopAll() {
  const ended = Promise.all([...running].map((child) => new Promise((resolve) => child.once('close', resolve))))
  for (const child of running) child.kill('SIGTERM')
  const insist = setTimeout(() => {
    for (const child of running) child.kill('SIGKILL')
  }, graceMs)
  await ended
  clearTimeout(insist)
}

/** After a signal, stops the children and exits with the usual code. */
export function stopOnSignals() {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
  for (const [signal, code] of Object.entries(codes)) process.on(signal, () => stopWith(code))
  if (process.env.npm_lifecycle_event !== undefined) stopWithParent(codes.SIGTERM)
}

/** npm sends SIGTERM to its shell only: detect it by the change of our parent. */
function stopWithParent(code) {
  const parent = process.ppid
  const parentCheck = setInterval(() => {
    if (process.ppid !== parent) stopWith(code)
  }, 200)
  parentCheck.unref()
}

function stopWith(code) {
  if (signalled !== null) return
  signalled = code
  stopAll().then(() => process.exit(code))
}

export function isStopping() {
  return signalled !== null
}
