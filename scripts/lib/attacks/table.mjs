/** Makes a table of attacks from test results. Pure functions. */

/** 'RP-18…20' is three ids; 'RP-36+' is an attack that Gatehouse survives. */
const stated = /\b([A-Z]{2})-(\d{2})(?:(?:…|\.{2,3}|–)(?:\1-)?(\d{2}))?(\+)?/g
const anyId = new RegExp(`${stated.source}:?\\s*`, 'g')
const widestCase = 120

/** The distinct ids in a test name; 'RP-18…20 SA-01+ …' has four. */
export function attackIds(name) {
  const ids = [...name.matchAll(stated)].flatMap(([, family, first, last = first, plus]) => {
    const count = Math.max(Number(last) - Number(first), 0) + 1
    const numbers = Array.from({ length: count }, (_, index) => String(Number(first) + index).padStart(2, '0'))
    return numbers.map((number) => [`${family}-${number}`, plus !== undefined])
  })
  return new Map(ids)
}

/** The outcome of an attack. */
export function verdictOf(status, survived) {
  if (status === 'failed') return 'FAILED'
  return survived ? 'survived' : 'refused'
}

/** One row for every attack with a test, in catalog order; then those without. */
export function rowsOf(files, { catalogue, toSurvive }) {
  const cases = files.flatMap((file) => casesOf(file, toSurvive)).filter(({ id }) => Object.hasOwn(catalogue, id))
  const brokenFiles = files.filter(({ failed, tests }) => failed && !tests.some(({ status }) => status === 'failed'))
  const broken = brokenFiles.map(({ name }) => ({ id: '–', case: 'could not run', verdict: 'FAILED', test: name }))
  const rows = Object.entries(catalogue).flatMap(([id, title]) => {
    const own = cases.filter((row) => row.id === id)
    return own.length > 0 ? own : [{ id, case: title, verdict: 'not covered' }]
  })
  return [...rows, ...broken]
}

/** Skipped tests prove nothing. */
function casesOf({ name: test, tests }, toSurvive) {
  const ran = tests.filter(({ status }) => status === 'passed' || status === 'failed')
  return ran.flatMap(({ names, status }) => {
    const title = names.join(' › ')
    const plain = title.replace(anyId, '')
    return [...attackIds(title)].map(([id, plus]) => {
      return { id, case: plain, verdict: verdictOf(status, plus || toSurvive.has(id)), test }
    })
  })
}

export function printed(rows) {
  const width = Math.min(widestCase, Math.max(...rows.map((row) => row.case.length)))
  const line = ({ id, case: text, verdict, test }) =>
    `${id.padEnd(5)}  ${cut(text, width).padEnd(width)}  ${verdict}${verdict === 'FAILED' ? `  ${test}` : ''}\n`
  return rows.map(line).join('')
}

function cut(text, width) {
  const visible = text.replace(/\p{Cc}|\p{Cf}/gu, '·') // no control characters reach the terminal
  return visible.length <= width ? visible : `${visible.slice(0, width - 1)}…`
}

export function summaryOf(rows) {
  const count = (verdict) => rows.filter((row) => row.verdict === verdict).length
  const [refused, survived, failed, notCovered] = ['refused', 'survived', 'FAILED', 'not covered'].map(count)
  const covered = new Set(rows.filter(({ id, verdict }) => id !== '–' && verdict !== 'not covered').map(({ id }) => id))
  const missing = rows.filter(({ verdict }) => verdict === 'not covered').map(({ id }) => id)
  const sentence = [
    `${refused + survived + failed} cases of ${covered.size} attacks: ${refused} refused, ${survived} survived, ${failed} FAILED;`,
    `${notCovered} not covered${notCovered > 0 ? ` (${missing.join(' ')})` : ''}`,
  ].join(' ')
  return { sentence, failed, notCovered }
}
