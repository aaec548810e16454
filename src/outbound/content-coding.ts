/** Content codings of responses (RFC 9110 8.4.1): some servers compress unasked. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'

type Content = Buffer<ArrayBuffer>
type Decode = (content: Content, options: { readonly maxOutputLength: number }) => Promise<Content>

const gzip: Decode = promisify(gunzip)
const zlib: Decode = promisify(inflate)
const raw: Decode = promisify(inflateRaw)

const decoders: Readonly<Record<string, Decode>> = {
  gzip,
  'x-gzip': gzip,
  // zlib by the standard, raw deflate from some servers; the first byte of zlib names method 8
  deflate: (content, options) => (((content[0] ?? 0) & 0x0f) === 8 ? zlib(content, options) : raw(content, options)),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}

/** Values that are no codings, which some servers send for content that is not encoded. */
const noCoding = /^(?:identity|none|null|binary|[78]bit|text|json|(?:aws-)?chunked|utf-?8|us-ascii|iso-8859-1)?$/

/** Codings of a `Content-Encoding` header; undefined if unsupported. */
export function codingsOf(header: string): readonly string[] | undefined {
  if (header === '') return []
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  const codings = names.filter((name) => !noCoding.test(name))
  return codings.length <= 1 && codings.every((name) => Object.hasOwn(decoders, name)) ? codings : undefined
}

/** Undefined for invalid content, or content longer than `maxBytes`. */
export async function decodeContent(
  content: Content,
  codings: readonly string[],
  maxBytes: number,
): Promise<Content | undefined> {
  const decode = decoders[codings[0] ?? '']
  if (decode === undefined || content.length === 0) return content
  return decode(content, { maxOutputLength: maxBytes }).catch(() => undefined)
}
