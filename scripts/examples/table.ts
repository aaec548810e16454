/** The table of `npm run examples`. */
export interface Result {
  readonly name: string
  readonly outcome: 'ran' | 'skipped' | 'failed'
  readonly seconds?: number
  /** Of skipped and failed ones; of the latter, with the output of the program. */
  readonly why?: string
}

export function formatTable(results: readonly Result[]): string {
  const lines = results.map(({ name, outcome, seconds, why = '' }) => {
    const time = seconds === undefined ? '' : `${seconds.toFixed(1)} s`
    return `${name.padEnd(16)} ${outcome.padEnd(8)} ${time.padStart(8)}  ${why.split('\n')[0]}`.trimEnd()
  })
  const failures = results.flatMap(({ name, outcome, why }) => (outcome === 'failed' ? [`\n${name}: ${why}`] : []))
  const count = (wanted: Result['outcome']) => results.filter(({ outcome }) => outcome === wanted).length
  const total = `${count('ran')} ran, ${count('skipped')} skipped, ${count('failed')} failed`
  return `${[...failures, '', ...lines, '', total].join('\n')}\n`
}
