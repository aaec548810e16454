/** Readable log lines for a terminal. */
import type { DestinationStream } from 'pino'

export type LogFormat = 'auto' | 'pretty' | 'json'

/** Escape codes of colors are for terminals only (https://no-color.org). */
export interface LogOutput {
  readonly isTerminal: boolean
  readonly noColor: boolean
}

export const isPretty = (format: LogFormat, isTerminal: boolean) =>
  format === 'pretty' || (format === 'auto' && isTerminal)

/** Undefined: JSON lines, pino's own. Loads pino-pretty only where it is used. */
export async function prettyDestination(
  format: LogFormat,
  { isTerminal, noColor }: LogOutput,
): Promise<DestinationStream | undefined> {
  if (!isPretty(format, isTerminal)) return undefined
  const { default: pretty } = await import('pino-pretty')
  return pretty({
    colorize: isTerminal && !noColor,
    singleLine: true,
    errorLikeObjectKeys: [], // errors on their line too
    translateTime: 'SYS:HH:MM:ss',
    destination: 1,
    sync: true,
  })
}
