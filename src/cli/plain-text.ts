/** Libraries and Node itself print plain text; the log is JSON lines, so such text becomes lines of it. */
import { format } from 'node:util'
import type { Log } from '../main/log.ts'

const levels = { log: 'info', info: 'info', debug: 'debug', warn: 'warn', error: 'error', trace: 'debug' } as const

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

/** Stacks stay: a library that prints one has no other way. */
function withoutColor(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told of colors by them
  return text.replace(/\u001b\[[\d;]*m/g, '')
}
