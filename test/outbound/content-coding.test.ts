import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { codingsOf, decodeContent } from '../../src/outbound/content-coding.ts'

const text = Buffer.from('{"a":1}')

describe('content codings', () => {
  it.each(['', 'identity', ' Identity ', ','])('B3: "%s" needs no decoding', (header) => {
    expect(codingsOf(header)).toEqual([])
  })

  it.each(['compress', 'gzip, br', '__proto__', 'aes128gcm'])('B3: "%s" is refused', (header) => {
    expect(codingsOf(header)).toBeUndefined()
  })

  it('B3: decodes raw deflate, which some servers send', async () => {
    expect(await decodeContent(deflateRawSync(text), ['deflate'], 100)).toEqual(text)
  })

  it.each([
    ['gzip', gzipSync(Buffer.alloc(10_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(10_000_000))],
  ])('B3: stops at the maximum length when %s content expands beyond it', async (coding, bomb) => {
    expect(await decodeContent(bomb, [coding], 1_000_000)).toBeUndefined()
  })

  it('B3: returns undefined for invalid content', async () => {
    expect(await decodeContent(text, ['gzip'], 100)).toBeUndefined()
    expect(await decodeContent(gzipSync(text).subarray(0, 12), ['gzip'], 100)).toBeUndefined()
  })
})
