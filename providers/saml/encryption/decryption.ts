/**
 * Decrypts assertions, names and attributes: RSA-OAEP with AES-GCM or AES-CBC. Once decryption has
 * begun, all failures are one error: telling two failures of CBC apart reveals the content (SA-88).
 */

import { createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { onlyChild, refusal, refuse } from '../failure.ts'
import { readStrictly } from '../response/response.ts'
import { base64Of } from '../signature/certificates.ts'
import { base64In } from '../signature/signature.ts'
import { declaredUpTo } from '../xml/canonical.ts'
import { namespaces, shortName } from '../xml/names.ts'
import { attributesXml } from '../xml/write.ts'
import { attributeOf, childrenOf, rootOf, textIn, type XmlElement } from '../xml/xml.ts'
import { oaepOf, unwrap } from './key-transport.ts'

type CipherName = `aes-${128 | 192 | 256}-${'gcm' | 'cbc'}`

interface Cipher {
  readonly name: CipherName
  readonly keyBytes: number
  readonly authenticated: boolean
}

const ciphers: ReadonlyMap<string, Cipher> = new Map(
  ([128, 192, 256] as const).flatMap((bits): [string, Cipher][] => [
    [`${namespaces.encryption11}aes${bits}-gcm`, { name: `aes-${bits}-gcm`, keyBytes: bits / 8, authenticated: true }],
    [`${namespaces.encryption}aes${bits}-cbc`, { name: `aes-${bits}-cbc`, keyBytes: bits / 8, authenticated: false }],
  ]),
)

export interface Decrypted {
  readonly text: string
  /** The encryption is not authenticated (AES-CBC). */
  readonly weak: boolean
}

/** Our key, and how encrypted keys refer to it. */
export interface DecryptionKey {
  readonly privateKey: KeyObject | undefined
  /** PEM. */
  readonly certificate?: string | undefined
  readonly entityId: string
}

/** The only error once decryption has begun. */
export function decryptionError(): Error {
  const expected = 'decryptable by our key, with a signature inside or over the whole response'
  return refusal('encrypted assertion', expected, 'another')
}

/** @param container an EncryptedAssertion, EncryptedID or EncryptedAttribute */
export function decryptElement(container: XmlElement, decryptionKey: DecryptionKey): Decrypted {
  const content = one(container, 'EncryptedData')
  const algorithm = attributeOf(one(content, 'EncryptionMethod'), 'Algorithm')
  const cipher = ciphers.get(algorithm ?? '')
  if (cipher === undefined) return refuse('encryption algorithm', 'AES-GCM or AES-CBC', shortName(algorithm))
  const wrapped = wrappedKeys(container, content, decryptionKey)
  const { privateKey } = decryptionKey
  if (privateKey === undefined) return refuse('encrypted assertion', 'none, as this connection has no key', 'one')
  const found = wrapped.flatMap(({ value, oaep }) => unwrap(value, privateKey, oaep) ?? [])
  const fitting = found.filter(({ length }) => length === cipher.keyBytes)
  const value = cipherValue(content)
  for (const key of fitting.length > 0 ? fitting : [randomBytes(cipher.keyBytes)])
    try {
      return { text: decrypted(value, key, cipher), weak: !cipher.authenticated }
    } catch {
      // try the next key
    }
  throw decryptionError()
}

const maxWrappedKeys = 20
/** Each costs a private-key operation. */
const maxTriedKeys = 5

/** Encrypted keys in KeyInfo or beside the content (SAML core 2.2.4), those that name us first. */
function wrappedKeys(container: XmlElement, content: XmlElement, decryptionKey: DecryptionKey) {
  const inside = childrenOf(content, namespaces.signature, 'KeyInfo').flatMap((info) =>
    childrenOf(info, namespaces.encryption, 'EncryptedKey'),
  )
  const keys = [...inside, ...childrenOf(container, namespaces.encryption, 'EncryptedKey')]
  const [first] = keys
  if (first === undefined || keys.length > maxWrappedKeys)
    return refuse('encrypted keys', `1 to ${maxWrappedKeys}`, `${keys.length}`)
  const methods = keys.map((key) => one(key, 'EncryptionMethod'))
  const usable = keys.filter((_, at) => isUsable(methods[at]))
  if (usable.length === 0) oaepOf(one(first, 'EncryptionMethod')) // throws the reason
  const ranked = usable.toSorted((key, other) => trialOrder(key, decryptionKey) - trialOrder(other, decryptionKey))
  return ranked.slice(0, maxTriedKeys).map((key) => ({
    value: cipherValue(key),
    oaep: oaepOf(one(key, 'EncryptionMethod')),
  }))
}

function isUsable(method: XmlElement | undefined): boolean {
  try {
    return method !== undefined && oaepOf(method) !== undefined
  } catch {
    return false
  }
}

/** Lowest first: 0 names our certificate, 1 our entity ID, 2 nothing, 3 another certificate. */
function trialOrder(key: XmlElement, { certificate, entityId }: DecryptionKey): number {
  const certificates = childrenOf(key, namespaces.signature, 'KeyInfo')
    .flatMap((info) => childrenOf(info, namespaces.signature, 'X509Data'))
    .flatMap((parent) => childrenOf(parent, namespaces.signature, 'X509Certificate'))
    .map((element) => textIn(element)?.replace(/\s+/g, ''))
  if (certificate !== undefined && certificates.includes(base64Of(certificate))) return 0
  if (attributeOf(key, 'Recipient') === entityId) return 1
  return certificates.length === 0 ? 2 : 3
}

function decrypted(value: Buffer, key: Buffer, { name, authenticated }: Cipher): string {
  const ivBytes = authenticated ? 12 : 16
  const iv = value.subarray(0, ivBytes)
  const body = authenticated ? value.subarray(ivBytes, -16) : value.subarray(ivBytes)
  const decipher = isGcm(name)
    ? createDecipheriv(name, key, iv, { authTagLength: 16 }).setAuthTag(value.subarray(-16))
    : createDecipheriv(name, key, iv).setAutoPadding(false)
  const bytes = Buffer.concat([decipher.update(body), decipher.final()])
  return new TextDecoder('utf-8', { fatal: true }).decode(authenticated ? bytes : unpadded(bytes))
}

function isGcm(name: CipherName): name is `aes-${128 | 192 | 256}-gcm` {
  return name.endsWith('-gcm')
}

/** XML Encryption 5.2: only the last padding byte is defined. */
function unpadded(bytes: Buffer): Buffer {
  const length = bytes.at(-1) ?? 0
  if (length < 1 || length > 16) throw decryptionError()
  return bytes.subarray(0, bytes.length - length)
}

function cipherValue(element: XmlElement): Buffer {
  return (
    base64In(one(one(element, 'CipherData'), 'CipherValue'), true) ?? refuse('cipher value', 'base64', 'unreadable')
  )
}

const one = (element: XmlElement, local: string) => onlyChild(element, namespaces.encryption, local, 'encryption')

const declaration = /^[\uFEFF\s]*<\?xml\s[^>]*\?>/
const startOfRoot = /^([\uFEFF\s]*<[\w.:-]+)/

/**
 * @param container its namespaces apply inside (XML Encryption 4.5.1) unless the text declares its
 * own. Throws `callback_malformed` unless the text is balanced.
 */
export function contentOf(text: string, container: XmlElement): string {
  const content = text.replace(declaration, '')
  try {
    if (readStrictly(content).root.namespace !== '') return content
  } catch {
    // a prefix may be undeclared
  }
  const outer = declaredUpTo(container, rootOf(container))
  const own = declaredIn(content)
  const added = [...outer].filter(([prefix]) => !own.has(prefix))
  const declarations = added.map(([prefix, namespace]) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace])
  const whole = content.replace(startOfRoot, (start) => start + attributesXml(Object.fromEntries(declarations)))
  readStrictly(whole)
  return whole
}

/** Prefixes declared in the root's start tag. */
function declaredIn(content: string): ReadonlySet<string> {
  const startTag = content.slice(0, content.indexOf('>'))
  return new Set(Array.from(startTag.matchAll(/\sxmlns(?::([\w.-]+))?\s*=/g), ([, name = '']) => name))
}
