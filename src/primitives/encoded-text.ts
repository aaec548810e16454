/** Detects encodings: byte order mark, XML declaration, charset, UTF-8 (RFC 7303, XML 1.0 F). */

/** The encoding is unknown, or the bytes are not in it. */
export class EncodingFault extends Error {
  readonly encoding: string

  constructor(encoding: string, message: string) {
    super(message)
    this.encoding = encoding
  }
}

/** With a line feed for each lone carriage return, which YAML counts as a line end too. */
export const withLineFeeds = (text: string): string => text.replace(/\r(?!\n)/g, '\n')

/** The charset of a Content-Type. */
export function charsetOf(contentType: string): string | undefined {
  return /;\s*charset="?([\w.:-]{1,40})"?/i.exec(contentType)?.[1]
}

const byteOrderMarks: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ['UTF-32LE', [0xff, 0xfe, 0, 0]],
  ['UTF-32BE', [0, 0, 0xfe, 0xff]],
  ['UTF-8', [0xef, 0xbb, 0xbf]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
  // start of an XML document without a byte order mark
  ['UTF-16LE', [0x3c, 0, 0x3f, 0]],
  ['UTF-16BE', [0, 0x3c, 0, 0x3f]],
]

/**
 * Throws `EncodingFault`. Drops a byte order mark.
 * @param charset such as of a Content-Type
 */
export function decodeText(bytes: Uint8Array, charset?: string): string {
  const marked = byteOrderMarks.find(([, prefix]) => prefix.every((byte, at) => bytes[at] === byte))?.[0]
  if (marked !== undefined) return decoded(bytes, marked)
  const declared = declaredEncoding(bytes)
  // a declaration that can be read as ASCII is not in UTF-16, whatever it says
  const isWide = /^(utf-?16|ucs-?2|iso-10646-ucs-2|unicode)/i.test(declared ?? '')
  const encoding = (isWide ? 'UTF-8' : declared) ?? charset ?? 'UTF-8'
  if (!/^(us-)?ascii$/i.test(encoding)) return decoded(bytes, encoding)
  try {
    return decoded(bytes, 'UTF-8') // of which ASCII is a part
  } catch {
    return decoded(bytes, 'windows-1252')
  }
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 400)).toString('latin1')
  return /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.:-]{0,40})["']/.exec(start)?.[1]
}

function decoded(bytes: Uint8Array, encoding: string): string {
  let decoder: TextDecoder
  try {
    decoder = new TextDecoder(encoding, { fatal: true })
  } catch {
    throw new EncodingFault(encoding, `it is encoded as ${encoding}, which is not supported; save it as UTF-8`)
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw new EncodingFault(encoding, `it is not ${encoding === 'UTF-8' ? 'UTF-8' : `valid ${encoding}`} text`)
  }
}
