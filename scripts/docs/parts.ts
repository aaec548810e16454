/** Generated parts of pages, and the Markdown that they are made of. */

/** Replaces what stands between `<!-- generated: name -->` and `<!-- end: name -->`. */
export function withPart(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- generated: ${name} -->\n`, `<!-- end: ${name} -->`]
  const [before, ...rest] = page.split(begin)
  const [, ...after] = rest.join(begin).split(end)
  if (after.length === 0) throw new Error(`the page has no part ${name}`)
  return `${before}${begin}\n${content.trim()}\n\n${end}${after.join(end)}`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |\n`
  return `${line(head)}|${head.map(() => '---').join('|')}|\n${rows.map(line).join('')}`
}

const cell = (text: string) => text.replaceAll(/(?<!\\)\|/g, '\\|').replaceAll(/ ?\n */g, ' ')

export const code = (text: string) => `\`${text}\``

/** With a capital letter and a full stop; a name in code stays as it is. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}

/** Text of the code, which may have `<id>`: outside of code it would be an element. */
export const prose = (text: string) =>
  text.replace(/`[^`]*`|[<>]/g, (part) => (part === '<' ? '&lt;' : part === '>' ? '&gt;' : part))
