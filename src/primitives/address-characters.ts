/** Characters that browsers and proxies encode differently. */

/** The first such character and how to encode it; undefined if there is none. */
export function unencodedCharacter(address: string): string | undefined {
  const [found] = /[^\x21-\x5b\x5d-\x7e]/u.exec(address) ?? []
  if (found === undefined) return address === '' ? 'is empty' : undefined
  if (found === ' ') return 'contains a space; encode it as %20'
  if (found === '\\') return 'contains a backslash; encode it as %5C'
  const code = found.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `contains a control character (U+${hex(code)})`
  return `contains the character U+${hex(code)}; encode it as ${encoded(found)}`
}

const hex = (code: number) => code.toString(16).toUpperCase().padStart(4, '0')

/** A lone surrogate has no encoding. */
const encoded = (character: string) => (character.isWellFormed() ? encodeURIComponent(character) : 'UTF-8')
