/** Amounts for display. */

const units = ['kB', 'MB', 'GB', 'TB'] as const

/** Text such as `512 bytes` or `1.4 MB`, with one decimal below 10. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  return `${amount.toFixed(amount < 9.95 ? 1 : 0)} ${units[power - 1]}`
}

/** Text such as `0.4 ms`, `12 ms` or `1.2 s`. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms.toFixed(ms < 9.95 ? 1 : 0)} ms`
}

const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** Text in the largest unit, rounded down: `3 days`, `1 hour`, `less than a minute`. */
export function formatSpan(seconds: number): string {
  const found = spans.find(([, length]) => seconds >= length)
  if (found === undefined) return 'less than a minute'
  const count = Math.floor(seconds / found[1])
  return `${count.toLocaleString('en-US')} ${found[0]}${count === 1 ? '' : 's'}`
}
