/**
 * The key ring: the first key seals, every key opens. To rotate, add a key in front and restart;
 * remove the old one when nothing sealed with it lives (sessions: 30 days by default).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { randomBytes } from './random.ts'

interface RingKey {
  /** First 4 bytes of the key's SHA-256: identifies the key. */
  readonly id: Buffer
  readonly sealing: KeyObject
  readonly signing: KeyObject
}

export interface Opened {
  readonly content: Buffer
  /** False if an older key sealed it: seal it again. */
  readonly current: boolean
}

const idLength = 4
const ivLength = 12
const tagLength = 16
const lengths = { authTagLength: tagLength }
export const sealOverhead = idLength + ivLength + tagLength

export class KeyRing {
  readonly #keys: readonly [RingKey, ...RingKey[]]

  /** @param secrets 32 bytes or more each, newest first. Throws if none, or if one is too short. */
  constructor(secrets: readonly Uint8Array[]) {
    const [first, ...rest] = secrets.map(ringKey)
    if (first === undefined) throw new Error('the key ring needs at least one key')
    this.#keys = [first, ...rest]
  }

  /** How many keys open; the first of them seals. */
  get size(): number {
    return this.#keys.length
  }

  /** AES-256-GCM. Opening needs the same `context`, so sealed values cannot be swapped. */
  seal(content: Uint8Array | string, context: string): Buffer {
    const [key] = this.#keys
    const iv = randomBytes(ivLength)
    const cipher = createCipheriv('aes-256-gcm', key.sealing, iv, lengths)
    cipher.setAAD(Buffer.from(context))
    const sealed = typeof content === 'string' ? cipher.update(content, 'utf8') : cipher.update(content)
    cipher.final()
    return Buffer.concat([key.id, iv, cipher.getAuthTag(), sealed])
  }

  /** Null for anything not sealed by this ring in this context. */
  open(sealed: Buffer, context: string): Opened | null {
    if (sealed.length < sealOverhead) return null
    const key = this.#keys.find(({ id }) => sealed.compare(id, 0, idLength, 0, idLength) === 0)
    if (key === undefined) return null
    const decipher = createDecipheriv(
      'aes-256-gcm',
      key.sealing,
      sealed.subarray(idLength, idLength + ivLength),
      lengths,
    )
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(sealed.subarray(idLength + ivLength, sealOverhead))
    try {
      const content = decipher.update(sealed.subarray(sealOverhead))
      decipher.final()
      return { content, current: key === this.#keys[0] }
    } catch {
      return null // altered, or sealed in another context
    }
  }

  // A secret for one purpose from each key, newest first, for libraries that rotate.
  secretsFor(purpose: string): string[] {
    return this.#keys.map(({ signing }) =>
      createHmac('sha256', signing).update(`secret for ${purpose}`).digest('base64url'),
    )
  }

  /** HMAC-SHA-256 under the newest key. */
  sign(content: string): Buffer {
    return createHmac('sha256', this.#keys[0].signing).update(content).digest()
  }

  verify(content: string, signature: Buffer): boolean {
    return this.#keys.some(({ signing }) => {
      const expected = createHmac('sha256', signing).update(content).digest()
      return expected.length === signature.length && timingSafeEqual(expected, signature)
    })
  }
}

function ringKey(secret: Uint8Array): RingKey {
  if (secret.length < 32) throw new Error('a key of the key ring needs at least 32 bytes')
  // key objects: with raw bytes every cipher and HMAC takes three times as long
  const derive = (purpose: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)))
  return {
    id: createHash('sha256').update('id').update(secret).digest().subarray(0, idLength),
    sealing: derive('gatehouse sealing'),
    signing: derive('gatehouse signing'),
  }
}
