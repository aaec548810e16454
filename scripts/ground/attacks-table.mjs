/** From what the tests said to a table of attacks. Pure: neither files nor processes. */

const range = /\b(RP|SA|ID|OP|FW)-(\d{2})(?:(?:…|\.{2,3}|–)(?:\1-)?(\d{2}))?/g
const anyId = /\b[A-Z]{2}-\d{2}(?:(?:…|\.{2,3}|–)(?:[A-Z]{2}-)?\d{2})?:?\s*/g
const goesOn =
  'accept(?:s|ed)?|survives?|keeps?|kept|finds?|found|follows?|knows|works|goes on|fails no|without a failed'
const goesOnToo = 'do(?:es|ne) without|read without|is taken by|takes a|comes|may be'
const wentOn = new RegExp(`\\b(?:${goesOn}|${goesOnToo})\\b`)
const sentAway = /refuse|refusal|malformed|_misdirected|_foreign|_invalid|_used|not linked/
const widestCase = 120

/** The ids in the name of a test, each once: 'RP-18…20 SA-01 …' names four. */
export function attackIds(name) {
  const ids = [...name.matchAll(range)].flatMap(([, family, first, last = first]) => {
    const count = Math.max(Number(last) - Number(first), 0) + 1
    return Array.from({ length: count }, (_, index) => `${family}-${String(Number(first) + index).padStart(2, '0')}`)
  })
  return [...new Set(ids)]
}

/** What became of an attack whose test ended so. */
export function verdictOf(status, name) {
  if (status === 'failed') return 'FAILED'
  return wentOn.test(name) && !sentAway.test(name) ? 'survived' : 'refused'
}

/** One row for every attack a test names, in the catalogue's order; then what could not run, and what no test names. */
export function rowsOf(files, catalogue) {
  const cases = files.flatMap(casesOf).filter(({ id }) => Object.hasOwn(catalogue, id))
  const brokenFiles = files.filter(({ failed, tests }) => failed && !tests.some(({ status }) => status === 'failed'))
  const broken = brokenFiles.map(({ name }) => ({ id: '–', case: 'could not run', verdict: 'FAILED', test: name }))
  const rows = Object.entries(catalogue).flatMap(([id, title]) => {
    const own = cases.filter((row) => row.id === id)
    return own.length > 0 ? own : [{ id, case: title, verdict: 'not covered' }]
  })
  return [...rows, ...broken]
}

/** Tests that were left out show nothing. */
function casesOf({ name: test, tests }) {
  const ran = tests.filter(({ status }) => status === 'passed' || status === 'failed')
  return ran.flatMap(({ names, status }) => {
    const title = names.join(' › ')
    const plain = title.replace(anyId, '')
    return attackIds(title).map((id) => ({ id, case: plain, verdict: verdictOf(status, plain), test }))
  })
}

export function printed(rows) {
  const width = Math.min(widestCase, Math.max(...rows.map((row) => row.case.length)))
  const line = ({ id, case: text, verdict, test }) =>
    `${id.padEnd(5)}  ${cut(text, width).padEnd(width)}  ${verdict}${verdict === 'FAILED' ? `  ${test}` : ''}\n`
  return rows.map(line).join('')
}

function cut(text, width) {
  const visible = text.replace(/\p{Cc}|\p{Cf}/gu, '·') // a hostile name in a test's title does nothing to the terminal
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
