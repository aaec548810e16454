import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { formatToken, isToken, secretHash, tokenId } from '../../../src/crypto/token.ts'

const token = formatToken('gth_s_', Buffer.alloc(32, 7))
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

describe('a token', () => {
  it('is made of its prefix, the secret and a checksum, the same every time', () => {
    expect(token).toMatch(/^gth_s_[0-9A-Za-z]{49}$/)
    expect(formatToken('gth_s_', Buffer.alloc(32, 7))).toBe(token)
  })

  it('a thousand random ones differ, have one length and are recognised', () => {
    const tokens = Array.from({ length: 1000 }, () => formatToken('gth_s_', randomBytes(32)))
    expect(new Set(tokens).size).toBe(1000)
    expect(new Set(tokens.map(tokenId)).size).toBe(1000)
    expect(new Set(tokens.map(({ length }) => length))).toEqual(new Set([55]))
    expect(tokens.filter((each) => !isToken('gth_s_', each))).toEqual([])
  })

  it('keeps its length for the smallest and the largest secret, and differs between them', () => {
    const smallest = formatToken('gth_s_', Buffer.alloc(32))
    const largest = formatToken('gth_s_', Buffer.alloc(32, 255))
    const other = formatToken('gth_s_', Buffer.from([127, ...Buffer.alloc(31, 255)]))
    expect([smallest, largest, other].map(({ length }) => length)).toEqual([55, 55, 55])
    expect(new Set([smallest, largest, other]).size).toBe(3)
    expect([smallest, largest, other].every((each) => isToken('gth_s_', each))).toBe(true)
  })

  it('AP-01 with any one character changed is none', () => {
    const changed = Array.from(token, (letter, place) => {
      const other = digits[(digits.indexOf(letter) + 1) % digits.length]
      return token.slice(0, place) + other + token.slice(place + 1)
    })
    expect(changed.filter((each) => isToken('gth_s_', each))).toEqual([])
  })

  it('AP-01 with two neighbours swapped is none', () => {
    const own = formatToken('gth_s_', randomBytes(32))
    const swapped = Array.from({ length: own.length - 1 }, (_, place) => {
      const [one, other] = [own[place], own[place + 1]]
      return `${own.slice(0, place)}${other}${one}${own.slice(place + 2)}`
    }).filter((each) => each !== own)
    expect(swapped.filter((each) => isToken('gth_s_', each))).toEqual([])
  })

  it.each([
    ['empty', ''],
    ['only the prefix', 'gth_s_'],
    ['another prefix', token.replace('gth_s_', 'gth_a_')],
    ['the prefix in capitals', token.replace('gth_s_', 'GTH_S_')],
    ['no prefix', token.slice(6)],
    ['one character short', token.slice(0, -1)],
    ['one character long', `${token}0`],
    ['a line break after it', `${token}\n`],
    ['a space before it', ` ${token}`],
    ['a NUL in it', `${token.slice(0, 20)}\0${token.slice(21)}`],
    ['a letter outside the alphabet', `${token.slice(0, 20)}-${token.slice(21)}`],
    ['full-width digits', token.replace(/\d/, '０')],
    ['very long', 'gth_s_'.repeat(100_000)],
  ])('AP-01 %s is none', (_, given) => {
    expect(isToken('gth_s_', given)).toBe(false)
  })

  it('is stored as a part of its hash, which does not reveal it', () => {
    expect(tokenId(token)).toMatch(/^[\w-]{24}$/)
    expect(tokenId(token)).toBe(secretHash(token).slice(0, 24))
    expect(token).not.toContain(tokenId(token))
    // SHA-256 of nothing, as published
    expect(secretHash('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
  })
})
