/** Content codings of a response (RFC 9110 8.4.1). Gatehouse asks for none, but some servers and proxies compress anyway. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib'

type Content = Buffer<ArrayBuffer>
type Decode = (content: Content, maxOutputLength: number) => Promise<Content>

const decoder =
  (decompress: (content: Content, options: { maxOutputLength: number }) => Promise<Content>): Decode =>
  (content, maxOutputLength) =>
    decompress(content, { maxOutputLength })

const gzip = decoder(promisify(gunzip))
const zlib = decoder(promisify(inflate))
const raw = decoder(promisify(inflateRaw))

const decoders: Readonly<Record<string, Decode>> = {
  gzip,
  'x-gzip': gzip,
  // zlib format by the standard, raw deflate by some servers; the first byte of zlib names the method 8
  deflate: (content, max) => (((content[0] ?? 0) & 0x0f) === 8 ? zlib(content, max) : raw(content, max)),
  br: decoder(promisify(brotliDecompress)),
  zstd: decoder(promisify(zstdDecompress)),
}

/** The codings that a `Content-Encoding` header lists, without `identity`; undefined when one of them is unknown. */
export function codingsOf(header: string): readonly string[] | undefined {
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  const codings = names.filter((name) => name !== '' && name !== 'identity')
  return codings.length <= 1 && codings.every((name) => Object.hasOwn(decoders, name)) ? codings : undefined
}

/** Undefined for what is not compressed so, or becomes longer than `maxBytes`. */
export async function decodeContent(
  content: Content,
  codings: readonly string[],
  maxBytes: number,
): Promise<Content | undefined> {
  const decode = decoders[codings[0] ?? '']
  if (decode === undefined || content.length === 0) return content
  return decode(content, maxBytes).catch(() => undefined)
}
