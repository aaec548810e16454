/** Reads as much of an .eml file (RFC 5322, MIME) as it takes to show a mail: who, what about, and its plain text. */

export interface ReadMail {
  readonly subject: string
  readonly to: string
  readonly text: string
}

interface Part {
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** @param source the file's bytes as latin1, so that each part can be decoded by its own charset rules */
export function readMail(source: string): ReadMail {
  const mail = partOf(source)
  return {
    subject: wordsOf(mail.headers.get('subject') ?? '(no subject)'),
    to: wordsOf(mail.headers.get('to') ?? ''),
    text: plainTextOf(mail) ?? '',
  }
}

function partOf(source: string): Part {
  const [head = '', ...rest] = source.replaceAll('\r\n', '\n').split('\n\n')
  const lines = head.replace(/\n[ \t]+/g, ' ').split('\n')
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const,
  )
  return { headers: new Map(headers), body: rest.join('\n\n') }
}

function plainTextOf(part: Part): string | undefined {
  const type = part.headers.get('content-type') ?? 'text/plain'
  const boundary = /boundary="?([^";]+)/i.exec(type)?.[1]
  if (boundary !== undefined) {
    const parts = part.body.split(`--${boundary}`).slice(1, -1)
    return parts.map((inner) => plainTextOf(partOf(inner.replace(/^\n/, '')))).find((text) => text !== undefined)
  }
  return /^text\/plain/i.test(type)
    ? decoded(part.body, part.headers.get('content-transfer-encoding') ?? '')
    : undefined
}

function decoded(body: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('utf8')
  if (/quoted-printable/i.test(encoding)) return quotedPrintable(body.replace(/=\n/g, ''))
  return Buffer.from(body, 'latin1').toString('utf8')
}

function quotedPrintable(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Encoded words (RFC 2047), as subjects with an accent come. */
function wordsOf(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : quotedPrintable(word.replaceAll('_', ' ')),
    )
}
