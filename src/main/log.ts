import { format } from 'node:util'
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'

const maxLogBufferBytes = 1_048_576

export type Log = ReturnType<typeof openLog>

export function openLog(level: string, destination?: DestinationStream) {
  // lines are buffered: a write costs as much as ten lines; the rest is written at exit
  const standardOutput = () =>
    pino
      .destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: 100, maxLength: maxLogBufferBytes })
      .on('error', () => {}) // a full disk must not stop logins: lines are dropped (FT-30)
  const options = { level, base: null, formatters: { log: censored }, hooks: { logMethod: dropOutageLines } }
  return pino(options, destination ?? standardOutput())
}

const secretNames = ['password', 'token', 'secret', 'authorization', 'cookie', 'id_token', 'client_secret']

/**
 * Replaces secrets in a line's objects. pino's `redact` takes 6 us and 16 kB for a line of ours
 * without any.
 */
function censored(line: Record<string, unknown>): Record<string, unknown> {
  let safe = line
  for (const [name, value] of Object.entries(line)) {
    if (typeof value !== 'object' || value === null) continue
    const found = secretNames.filter((each) => Object.hasOwn(value, each))
    if (found.length > 0) safe = { ...safe, [name]: withCensored(value, found) }
  }
  return safe
}

/** A copy. Of an error it is one too. */
function withCensored(value: object, names: readonly string[]): object {
  const members: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(value)
  for (const name of names) members[name] = { value: '[secret]', enumerable: true }
  return Object.create(Object.getPrototypeOf(value), members)
}

/** The store monitor logs an outage once; the same error from every request would flood the log. */
function dropOutageLines(this: Logger, line: Parameters<LogFn>, method: LogFn): void {
  if (isOutage(line[0]) && !this.isLevelEnabled('debug')) return
  method.apply(this, line)
}

function isOutage(line: unknown): boolean {
  let error = fieldOf(line, 'error')
  for (; error !== undefined; error = fieldOf(error, 'cause'))
    if (fieldOf(error, 'code') === 'store_unavailable') return true
  return false
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

const levels = { log: 'info', info: 'info', debug: 'debug', warn: 'warn', error: 'error', trace: 'debug' } as const

/** Writes plain text of libraries and of Node into the log, which is JSON lines. */
export function routePlainText(log: Log): void {
  for (const [method, level] of Object.entries(levels) as [keyof typeof levels, (typeof levels)[keyof typeof levels]][])
    console[method] = (...said: unknown[]) => {
      const text = withoutColor(format(...said)).trim()
      if (text !== '') log[level]({ source: 'console' }, text.slice(0, 2000))
    }
  process.removeAllListeners('warning') // Node's own prints to standard error
  process.on('warning', (warning) => {
    const code = 'code' in warning ? warning.code : undefined
    log.warn({ source: 'node', type: warning.name, code }, warning.message.slice(0, 2000))
  })
}

function withoutColor(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes of colors
  return text.replace(/\u001b\[[\d;]*m/g, '')
}
