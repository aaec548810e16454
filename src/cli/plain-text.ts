/** Writes plain text of libraries and of Node into the log, which is JSON lines. */
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

function withoutColor(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes of colors
  return text.replace(/\u001b\[[\d;]*m/g, '')
}
