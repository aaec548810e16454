/** Characters and entities of XML, and the error for unreadable text. */

/** Why the text is unreadable. Never quotes the text. */
export class XmlFault extends Error {
  readonly what: string
  readonly expected: string
  readonly got: string

  constructor(what: string, expected: string, got: string) {
    super(`${what}: expected ${expected}, got ${got}`)
    this.what = what
    this.expected = expected
    this.got = got
  }
}

export function malformedError(got: string): XmlFault {
  return new XmlFault('XML', 'well-formed', got)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const noXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Decodes the five entities of XML and character references, and no others. */
export function decoded(raw: string): string {
  if (!raw.includes('&')) return raw
  return raw.replace(
    /&(?:#x([0-9a-fA-F]{1,6});|#([0-9]{1,7});|(lt|gt|amp|quot|apos);)?/g,
    (_, hex, decimal, entity) => {
      if (entity !== undefined) return entities[entity] ?? ''
      const point = hex !== undefined ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10)
      const character = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : '\u0000'
      if (Number.isNaN(point) || noXml.test(character)) throw malformedError('an entity, or a character that is none')
      return character
    },
  )
}
