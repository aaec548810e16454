/** Text for a terminal: tables, labeled values, wrapped paragraphs and times. */

/** Columns as wide as their widest cell, and a line for each row. The first row is the heading. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(withoutControls))
  const widths = clean[0]?.map((_, column) => Math.max(...clean.map((row) => (row[column] ?? '').length))) ?? []
  const lineOf = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  return clean.map((row) => `${lineOf(row).trimEnd()}\n`).join('')
}

/** A label and its values, one a line. */
export type LabeledValues = readonly [label: string, values: readonly string[]]

export function labeledText(rows: readonly LabeledValues[]): string {
  const width = Math.max(...rows.map(([label]) => label.length)) + 2
  const valueLine = (start: string, value: string) => `${start.padEnd(width)}${withoutControls(value)}\n`
  return rows
    .map(([label, [first = '-', ...rest]]) => {
      return valueLine(`${label}:`, first) + rest.map((value) => valueLine('', value)).join('')
    })
    .join('')
}

/** Time to the minute, in UTC. */
export function timeText(at: Date | undefined, otherwise = '-'): string {
  return at === undefined ? otherwise : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`
}

const withoutControls = (text: string) => text.replace(/\p{C}/gu, '\u{fffd}')

/** Wraps at spaces; each line begins with the indent. */
export function wrapped(text: string, indent: number, width = 100): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.replace(/\p{C}/gu, ' ').split(/ +/)) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}${each}\n`).join('')
}
