import { describe, expect, it } from 'vitest'
import { decodeText, EncodingFault } from '../../../src/primitives/encoded-text.ts'

const text = '<?xml version="1.0"?><name>Zoë Ünal</name>'
const declaring = (encoding: string) => text.replace('?>', ` encoding="${encoding}"?>`)
const wide = (content: string, isBig = false) => {
  const bytes = Buffer.from(content, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}
const logo = '\uFEFF'

describe('B6 text whose encoding is not agreed on', () => {
  it.each<[string, Uint8Array, string, string?]>([
    ['UTF-8', Buffer.from(text), text],
    ['UTF-8 with a byte order mark', Buffer.from(logo + text), text],
    ['UTF-16 little-endian with a mark', wide(logo + declaring('utf-16')), declaring('utf-16')],
    ['UTF-16 big-endian with a mark', wide(logo + text, true), text],
    ['UTF-16 little-endian without a mark', wide(text), text],
    ['UTF-16 big-endian without a mark', wide(text, true), text],
    ['UTF-8 that calls itself UTF-16, as converted files do', Buffer.from(declaring('utf-16')), declaring('utf-16')],
    ['a mark against the declaration', Buffer.from(logo + declaring('ISO-8859-1')), declaring('ISO-8859-1')],
    ['ISO-8859-1', Buffer.from(declaring('ISO-8859-1'), 'latin1'), declaring('ISO-8859-1')],
    ['windows-1252', Buffer.from(declaring('windows-1252'), 'latin1'), declaring('windows-1252')],
    ['UTF-8 that calls itself US-ASCII', Buffer.from(declaring('US-ASCII')), declaring('US-ASCII')],
    ['what the declaration leaves to the Content-Type', Buffer.from(text, 'latin1'), text, 'iso-8859-1'],
    ['a declaration against the Content-Type', Buffer.from(declaring('UTF-8')), declaring('UTF-8'), 'iso-8859-1'],
    ['nothing', Buffer.alloc(0), ''],
  ])('B6: reads %s', (_, bytes, expected, charset) => {
    expect(decodeText(bytes, charset)).toBe(expected)
  })

  it.each<[string, Uint8Array, string]>([
    ['UTF-7', Buffer.from(declaring('UTF-7')), 'it is encoded as UTF-7, which is not supported; save it as UTF-8'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), 'encoded as UTF-32LE'],
    ['bytes that are no UTF-8', Buffer.from([0x3c, 0xfc, 0x80]), 'it is not UTF-8 text'],
    [
      'bytes that are not as declared',
      Buffer.from(declaring('shift_jis').replace('Z', 'Z\u0080'), 'latin1'),
      'it is not valid shift_jis text',
    ],
  ])('B6: names the encoding of %s', (_, bytes, message) => {
    expect(() => decodeText(bytes)).toThrow(EncodingFault)
    expect(() => decodeText(bytes)).toThrow(message)
  })
})
