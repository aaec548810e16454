import { describe, expect, it } from 'vitest'
import { isStoredLogo, logoOf, maxLogoBytes, readLogo } from '../../../src/app/logo.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex')
const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'

describe('the logo of an app', () => {
  it.each<[what: string, bytes: Uint8Array | string, type: string]>([
    ['a PNG', png, 'png'],
    ['a JPEG', Buffer.from('ffd8ffe000104a46', 'hex'), 'jpeg'],
    ['a WebP', 'RIFF\0\0\0\0WEBPVP8 ', 'webp'],
    ['an SVG', svg, 'svg+xml'],
    [
      'an SVG with all that may come before',
      `\uFEFF<?xml version="1.0"?>\n<!-- a --><!-- b -->\n<!DOCTYPE svg>\n${svg}`,
      'svg+xml',
    ],
  ])('is %s, by its bytes, kept as a data: URL', (_what, bytes, type) => {
    const read = logoOf(Buffer.from(bytes))
    expect(read).toEqual({ ok: true, logoUri: `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}` })
    if (read.ok) expect(isStoredLogo(read.logoUri)).toBe(true)
  })

  it.each<[what: string, bytes: Uint8Array | string]>([
    ['HTML', '<!doctype html><svg></svg>'],
    ['HTML in a comment’s clothes', '<!-- <svg> --><script>1</script>'],
    ['nothing', ''],
    ['a GIF', 'GIF89a'],
    ['entities that may grow', `<!DOCTYPE svg [<!ENTITY a "b">]>${svg}`],
    ['a comment without an end', '<!-- <svg/>'],
  ])('is not %s', (_what, bytes) => {
    expect(logoOf(Buffer.from(bytes))).toEqual({ ok: false, wrong: 'must be a PNG, JPEG, WebP or SVG image' })
  })

  it('has at most 64 kB', () => {
    const padded = (length: number) => Buffer.concat([png, Buffer.alloc(length - png.length)])
    expect(logoOf(padded(maxLogoBytes)).ok).toBe(true)
    expect(logoOf(padded(maxLogoBytes + 1))).toEqual({ ok: false, wrong: 'must have at most 64 kB' })
  })

  it.each([
    `data:image/svg+xml,${svg}`,
    `data:text/html,${encodeURIComponent(svg)}`,
    `data:image/png;base64,${Buffer.from(svg).toString('base64')}`,
  ])('is written anew from what it holds, not from what it says: %s', (text) => {
    expect(readLogo(text)).toEqual(logoOf(Buffer.from(svg)))
  })

  it.each(['data:', 'data:image/png', 'data:image/svg+xml,%', 'https://shop.test/logo.png', ''])(
    'is no data: URL: %j',
    (text) => expect(readLogo(text).ok).toBe(false),
  )

  it.each([undefined, '', 'https://shop.test/logo.png', 'data:text/html;base64,AAAA', 'data:image/png;base64,AA" x="'])(
    'LK-02 is shown only as we write it: not %j',
    (text) => expect(isStoredLogo(text)).toBe(false),
  )
})
