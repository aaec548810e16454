/** Unwraps content keys by RSA-OAEP. */
import { constants, createHash, type KeyObject, privateDecrypt } from 'node:crypto'
import { refuse } from '../failure.ts'
import { base64In } from '../signature/signature.ts'
import { namespaces, shortName } from '../xml/names.ts'
import { attributeOf, childrenOf, type XmlElement } from '../xml/xml.ts'

interface Oaep {
  readonly digest: string
  /** Hashes of the mask generation function. Implementations differ if none is named. */
  readonly masks: readonly string[]
  readonly label: Buffer
}

const digests: ReadonlyMap<string, string> = new Map([
  [`${namespaces.signature}sha1`, 'sha1'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha224', 'sha224'],
  [`${namespaces.encryption}sha256`, 'sha256'],
  [`${namespaces.signature}sha256`, 'sha256'], // xml-encryption's spelling
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  [`${namespaces.encryption}sha512`, 'sha512'],
  [`${namespaces.signature}sha512`, 'sha512'],
])

const masks: ReadonlyMap<string, string> = new Map(
  ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((hash) => [`${namespaces.encryption11}mgf1${hash}`, hash]),
)

/** XML Encryption 1.1, 5.5.2. Throws `callback_invalid` for any other transport. */
export function oaepOf(method: XmlElement): Oaep {
  const algorithm = attributeOf(method, 'Algorithm')
  const isFirst = algorithm === `${namespaces.encryption}rsa-oaep-mgf1p`
  if (!isFirst && algorithm !== `${namespaces.encryption11}rsa-oaep`)
    return refuse('key transport algorithm', 'RSA-OAEP', shortName(algorithm))
  const [digestMethod] = childrenOf(method, namespaces.signature, 'DigestMethod')
  const digest = digestMethod === undefined ? 'sha1' : digests.get(attributeOf(digestMethod, 'Algorithm') ?? '')
  if (digest === undefined)
    return refuse('digest of RSA-OAEP', 'SHA-1 or SHA-2', shortName(attributeOf(digestMethod, 'Algorithm')))
  const [mask] = childrenOf(method, namespaces.encryption11, 'MGF')
  const named = mask === undefined ? undefined : masks.get(attributeOf(mask, 'Algorithm') ?? '')
  if (mask !== undefined && named === undefined)
    return refuse('mask of RSA-OAEP', 'MGF1 with SHA-1 or SHA-2', shortName(attributeOf(mask, 'Algorithm')))
  const [parameters] = childrenOf(method, namespaces.encryption, 'OAEPparams')
  return {
    digest,
    masks: named === undefined ? [...new Set(['sha1', digest])] : [named],
    label: base64In(parameters) ?? Buffer.alloc(0),
  }
}

/** Undefined if it is not for this key or these hashes. */
export function unwrap(value: Buffer, key: KeyObject, { digest, masks, label }: Oaep): Buffer | undefined {
  const found = masks.map((mask) =>
    mask === digest ? unwrapNatively(value, key, digest, label) : unwrapRaw(value, key, digest, mask, label),
  )
  return found.find((each) => each !== undefined)
}

function unwrapNatively(value: Buffer, key: KeyObject, oaepHash: string, oaepLabel: Buffer): Buffer | undefined {
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  try {
    return privateDecrypt({ key, padding, oaepHash, ...(oaepLabel.length > 0 && { oaepLabel }) }, value)
  } catch {
    return undefined
  }
}

/**
 * RFC 8017 7.1.2 for different hashes of mask and digest, which Node lacks. No early return: an
 * attacker must not learn what is wrong with the padding (Manger).
 */
function unwrapRaw(value: Buffer, key: KeyObject, digest: string, mask: string, label: Buffer): Buffer | undefined {
  const labelHash = createHash(digest).update(label).digest()
  const hashBytes = labelHash.length
  let block: Buffer
  try {
    block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, value)
  } catch {
    return undefined
  }
  if (block.length < 2 * hashBytes + 2) return undefined
  const maskedSeed = block.subarray(1, 1 + hashBytes)
  const maskedData = block.subarray(1 + hashBytes)
  const seed = xor(maskedSeed, mgf1(mask, maskedData, hashBytes))
  const data = xor(maskedData, mgf1(mask, seed, maskedData.length))
  let wrong = block[0] ?? 1
  for (let at = 0; at < hashBytes; at++) wrong |= (data[at] ?? 0) ^ (labelHash[at] ?? 0)
  let start = 0 // of the message, after the first 0x01
  for (let at = hashBytes; at < data.length; at++) {
    const byte = data[at] ?? 0
    const isOpen = start === 0 ? 1 : 0
    const isOne = byte === 1 ? 1 : 0
    wrong |= isOpen & (byte > 1 ? 1 : 0)
    start |= (isOpen & isOne) * (at + 1)
  }
  return wrong !== 0 || start === 0 ? undefined : data.subarray(start)
}

function mgf1(hash: string, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let count = 0, bytes = 0; bytes < length; count++) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(count)
    const block = createHash(hash).update(seed).update(counter).digest()
    blocks.push(block)
    bytes += block.length
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)))
}
