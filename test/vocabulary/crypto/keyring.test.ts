import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeyRing, sealOverhead } from '../../../src/crypto/keyring.ts'

const [oldKey, newKey] = [randomBytes(32), randomBytes(32)]
const before = new KeyRing([oldKey])
const during = new KeyRing([newKey, oldKey])
const after = new KeyRing([newKey])

describe('sealing', () => {
  it.each(['', 'a', 'Zoë 🜁', 'x'.repeat(100_000)])('gives back what was sealed (%#)', (content) => {
    const sealed = before.seal(content, 'here')
    expect(sealed.length).toBe(Buffer.byteLength(content) + sealOverhead)
    expect(before.open(sealed, 'here')).toEqual({ content: Buffer.from(content), current: true })
  })

  it('takes bytes as they are', () => {
    const bytes = randomBytes(64)
    expect(before.open(before.seal(bytes, 'here'), 'here')?.content.equals(bytes)).toBe(true)
  })

  it('LK-03 shows neither the content nor that two contents are the same', () => {
    const [one, other] = [before.seal('a secret of mine', 'here'), before.seal('a secret of mine', 'here')]
    expect(one.equals(other)).toBe(false)
    expect(one.includes('secret')).toBe(false)
    expect(one.subarray(0, 4).equals(other.subarray(0, 4))).toBe(true) // which key it was
    expect(one.includes(oldKey.subarray(0, 4))).toBe(false)
  })

  it('SE-05 opens in its own context only', () => {
    const sealed = before.seal('content', 'session one')
    for (const context of ['session two', 'session on', 'session one ', 'SESSION ONE', ''])
      expect(before.open(sealed, context)).toBeNull()
  })

  it('SE-05 opens nothing with any one bit changed', () => {
    const sealed = before.seal('content', 'here')
    for (let place = 0; place < sealed.length; place++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(sealed)
        changed[place] = changed[place]! ^ (1 << bit)
        expect(before.open(changed, 'here'), `byte ${place}, bit ${bit}`).toBeNull()
      }
  })

  it('SE-05 opens nothing that is cut short or has more after it', () => {
    const sealed = before.seal('content', 'here')
    for (let length = 0; length < sealed.length; length++)
      expect(before.open(sealed.subarray(0, length), 'here'), `${length} bytes`).toBeNull()
    expect(before.open(Buffer.concat([sealed, Buffer.alloc(1)]), 'here')).toBeNull()
    expect(before.open(Buffer.concat([sealed, sealed]), 'here')).toBeNull()
  })

  it('SE-05 opens nothing that never was sealed', () => {
    for (const length of [0, 1, 31, 32, 33, 1000]) expect(before.open(randomBytes(length), 'here')).toBeNull()
    expect(before.open(Buffer.alloc(100), 'here')).toBeNull()
  })

  it('SE-05 opens no text that another ring sealed', () => {
    expect(new KeyRing([randomBytes(32)]).open(before.seal('content', 'here'), 'here')).toBeNull()
  })
})

describe('rotating the keys', () => {
  it('SE-06 opens what the old key sealed, and says that it is time to seal anew', () => {
    expect(during.open(before.seal('content', 'here'), 'here')).toEqual({
      content: Buffer.from('content'),
      current: false,
    })
    expect(during.open(during.seal('content', 'here'), 'here')?.current).toBe(true)
  })

  it('SE-06 seals under the new key, which opens when the old one is gone', () => {
    expect(after.open(during.seal('content', 'here'), 'here')?.current).toBe(true)
    expect(after.open(before.seal('content', 'here'), 'here')).toBeNull()
    expect(before.open(during.seal('content', 'here'), 'here')).toBeNull()
  })

  it('SE-06 verifies what either key signed, and signs with the new one', () => {
    expect(during.verify('text', before.sign('text'))).toBe(true)
    expect(after.verify('text', during.sign('text'))).toBe(true)
    expect(after.verify('text', before.sign('text'))).toBe(false)
  })

  it('SE-06 derives a secret from each key for each purpose, newest first', () => {
    expect(during.secretsFor('a cookie')).toEqual([...after.secretsFor('a cookie'), ...before.secretsFor('a cookie')])
    expect(during.secretsFor('a cookie')).not.toEqual(during.secretsFor('another'))
    expect(during.secretsFor('a cookie').every((secret) => secret.length === 43)).toBe(true)
  })
})

describe('signing', () => {
  it('accepts the signature of this text only', () => {
    const signature = before.sign('text')
    expect(before.verify('text', signature)).toBe(true)
    expect(before.verify('texts', signature)).toBe(false)
    expect(before.verify('text', signature.subarray(1))).toBe(false)
    expect(before.verify('text', Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false)
    expect(before.verify('text', Buffer.alloc(0))).toBe(false)
    expect(before.verify('text', Buffer.alloc(32))).toBe(false)
  })
})

describe('a key ring', () => {
  it('needs a key, and keys long enough', () => {
    expect(() => new KeyRing([])).toThrow('at least one key')
    expect(() => new KeyRing([randomBytes(31)])).toThrow('at least 32 bytes')
    expect(() => new KeyRing([newKey, randomBytes(16)])).toThrow('at least 32 bytes')
    expect(new KeyRing([randomBytes(64)]).open(before.seal('a', 'b'), 'b')).toBeNull()
  })

  it('never prints a key', () => {
    expect(JSON.stringify(before)).toBe('{}')
  })
})
