/**
 * Encrypted assertions: RSA-OAEP for the key, AES-GCM or AES-CBC for the content. PKCS#1 v1.5 and 3DES are refused by name. Whatever
 * goes wrong behind the door looks the same from outside (one error, and a wrong key is replaced by a random one instead of ending
 * early): CBC has no integrity of its own, and anybody who can tell two failures apart can read the content (SA-88).
 */
import { constants, createDecipheriv, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto'
import { refusal, refuse } from './failure.ts'
import { namespaces, shortName } from './names.ts'
import { base64In } from './signature.ts'
import { attributeOf, childrenOf, type XmlElement } from './xml.ts'

interface Cipher {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc'
  readonly keyBytes: number
  readonly ivBytes: number
  readonly authenticated: boolean
}

const ciphers: ReadonlyMap<string, Cipher> = new Map([
  [`${namespaces.encryption11}aes128-gcm`, { name: 'aes-128-gcm', keyBytes: 16, ivBytes: 12, authenticated: true }],
  [`${namespaces.encryption11}aes256-gcm`, { name: 'aes-256-gcm', keyBytes: 32, ivBytes: 12, authenticated: true }],
  [`${namespaces.encryption}aes128-cbc`, { name: 'aes-128-cbc', keyBytes: 16, ivBytes: 16, authenticated: false }],
  [`${namespaces.encryption}aes256-cbc`, { name: 'aes-256-cbc', keyBytes: 32, ivBytes: 16, authenticated: false }],
])

const oaepHashes: ReadonlyMap<string, string> = new Map([
  [`${namespaces.signature}sha1`, 'sha1'],
  [`${namespaces.encryption}sha256`, 'sha256'],
  [`${namespaces.signature}sha256`, 'sha256'], // as xml-encryption spells it
  [`${namespaces.encryption}sha512`, 'sha512'],
])

export interface Opened {
  readonly text: string
  /** The content came without integrity of its own (AES-CBC). */
  readonly weak: boolean
}

/** The one error for everything that fails behind the door. */
export function notOpened(): Error {
  return refusal('encrypted assertion', 'opened by our key, signed inside', 'not')
}

export function openAssertion(encrypted: XmlElement, privateKey: KeyObject | undefined): Opened {
  const content = one(encrypted, 'EncryptedData')
  const algorithm = attributeOf(one(content, 'EncryptionMethod'), 'Algorithm')
  const cipher = ciphers.get(algorithm ?? '')
  if (cipher === undefined) return refuse('encryption algorithm', 'AES-GCM or AES-CBC', shortName(algorithm))
  const wrapped = wrappedKey(encrypted, content)
  const hash = oaepHashOf(one(wrapped, 'EncryptionMethod'))
  if (privateKey === undefined) return refuse('encrypted assertion', 'none, as this connection has no key', 'one')
  const key = unwrapped(cipherValue(wrapped), privateKey, hash, cipher.keyBytes)
  try {
    return { text: decrypted(cipherValue(content), key, cipher), weak: !cipher.authenticated }
  } catch {
    throw notOpened()
  }
}

/** Inside the content's KeyInfo, or beside the content. */
function wrappedKey(encrypted: XmlElement, content: XmlElement): XmlElement {
  const inside = childrenOf(content, namespaces.signature, 'KeyInfo').flatMap((info) =>
    childrenOf(info, namespaces.encryption, 'EncryptedKey'),
  )
  const keys = [...inside, ...childrenOf(encrypted, namespaces.encryption, 'EncryptedKey')]
  const [key] = keys
  if (key === undefined || keys.length > 1) return refuse('encrypted keys', 'one', `${keys.length}`)
  return key
}

function oaepHashOf(method: XmlElement): string {
  const algorithm = attributeOf(method, 'Algorithm')
  const isOaep =
    algorithm === `${namespaces.encryption}rsa-oaep-mgf1p` || algorithm === `${namespaces.encryption11}rsa-oaep`
  if (!isOaep) refuse('key transport algorithm', 'RSA-OAEP', shortName(algorithm))
  const [digest] = childrenOf(method, namespaces.signature, 'DigestMethod')
  const [mask] = childrenOf(method, namespaces.encryption11, 'MGF')
  const hash = digest === undefined ? 'sha1' : oaepHashes.get(attributeOf(digest, 'Algorithm') ?? '')
  if (hash === undefined)
    return refuse('digest of RSA-OAEP', 'SHA-1, SHA-256 or SHA-512', shortName(attributeOf(digest, 'Algorithm')))
  if (mask !== undefined && attributeOf(mask, 'Algorithm') !== `${namespaces.encryption11}mgf1${hash}`)
    refuse('mask of RSA-OAEP', `MGF1 with ${hash}`, shortName(attributeOf(mask, 'Algorithm')))
  return hash
}

function unwrapped(value: Buffer, key: KeyObject, oaepHash: string, length: number): Buffer {
  const random = randomBytes(length)
  try {
    const found = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, value)
    return found.length === length ? found : random
  } catch {
    return random
  }
}

function decrypted(value: Buffer, key: Buffer, { name, ivBytes, authenticated }: Cipher): string {
  const iv = value.subarray(0, ivBytes)
  const body = authenticated ? value.subarray(ivBytes, -16) : value.subarray(ivBytes)
  const decipher =
    name === 'aes-128-gcm' || name === 'aes-256-gcm'
      ? createDecipheriv(name, key, iv, { authTagLength: 16 }).setAuthTag(value.subarray(-16))
      : createDecipheriv(name, key, iv).setAutoPadding(false)
  const bytes = Buffer.concat([decipher.update(body), decipher.final()])
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(authenticated ? bytes : unpadded(bytes))
}

/** XML Encryption 5.2: only the last byte of the padding says anything. */
function unpadded(bytes: Buffer): Buffer {
  const length = bytes.at(-1) ?? 0
  if (length < 1 || length > 16) throw notOpened()
  return bytes.subarray(0, bytes.length - length)
}

function cipherValue(element: XmlElement): Buffer {
  return base64In(one(one(element, 'CipherData'), 'CipherValue')) ?? refuse('cipher value', 'base64', 'unreadable')
}

function one(element: XmlElement, local: string): XmlElement {
  const found = childrenOf(element, namespaces.encryption, local)
  const [first] = found
  if (first === undefined || found.length > 1) return refuse(`${local} of the encryption`, 'one', `${found.length}`)
  return first
}
