/** Signing certificates of an IDPSSODescriptor. */
import { createPublicKey, type JsonWebKey, type X509Certificate } from 'node:crypto'
import { certificateOf, pemOf, trustedKey } from '../signature/certificates.ts'
import type { TrustedKey } from '../signature/signature.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, elementsIn, textIn, type XmlElement } from '../xml/xml.ts'

const maxKeys = 10

/** `skipped` says of each unusable key why: "a certificate with a DSA key". */
export function signingKeysOf(descriptor: XmlElement) {
  const infos = childrenOf(descriptor, namespaces.metadata, 'KeyDescriptor')
    .filter((key) => ['', 'signing'].includes(attributeOf(key, 'use')?.trim().toLowerCase() ?? ''))
    .flatMap((key) => childrenOf(key, namespaces.signature, 'KeyInfo'))
  const read = infos.flatMap(readKeyInfo)
  const found = read.flatMap((each) => (typeof each === 'string' ? [] : [each]))
  const keys = found.filter((key, at) => found.findIndex(({ pem }) => pem === key.pem) === at).slice(0, maxKeys)
  return { keys, skipped: read.filter((each) => typeof each === 'string') }
}

/** Each usable key, or why it is skipped. */
function readKeyInfo(info: XmlElement): readonly (TrustedKey | string)[] {
  const certificates = childrenOf(info, namespaces.signature, 'X509Data').flatMap((parent) =>
    childrenOf(parent, namespaces.signature, 'X509Certificate'),
  )
  if (certificates.length > 0) return certificates.flatMap(readCertificates)
  const values = childrenOf(info, namespaces.signature, 'KeyValue').flatMap(elementsIn)
  if (values.length > 0) return values.map(readKeyValue)
  return [`a key without a certificate (${elementsIn(info)[0]?.local ?? 'empty'})`]
}

/** RSA only (XML Signature 4.5.2.2), as the metadata interoperability profile requires. */
function readKeyValue(value: XmlElement): TrustedKey | string {
  const [n, e] = ['Modulus', 'Exponent'].map((name) => base64url(childrenOf(value, namespaces.signature, name)[0]))
  if (value.local !== 'RSAKeyValue' || n === undefined || e === undefined)
    return `a key without a certificate (${value.local.slice(0, 60)})`
  const key: JsonWebKey = { kty: 'RSA', n, e }
  try {
    const publicKey = createPublicKey({ format: 'jwk', key })
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
    return trustedKey(pem) ?? `an RSA key of ${publicKey.asymmetricKeyDetails?.modulusLength} bits`
  } catch {
    return 'an unreadable KeyValue'
  }
}

function base64url(element: XmlElement | undefined): string | undefined {
  const text = (textIn(element) ?? '').replace(/\s+/g, '')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('base64url') : undefined
}

/** Base64, or PEM with one or several certificates. */
function readCertificates(element: XmlElement): readonly (TrustedKey | string)[] {
  const texts = (textIn(element) ?? '')
    .split(/-----(?:BEGIN|END)[^-]*-----/)
    .map((text) => text.replace(/\s+/g, ''))
    .filter((text) => text !== '')
  return texts.length === 0 ? ['an empty certificate'] : texts.map(readCertificate)
}

function readCertificate(base64: string): TrustedKey | string {
  const certificate = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? certificateOf(pemOf(padded(base64))) : undefined
  if (certificate === undefined) return 'an unreadable certificate'
  return trustedKey(certificate.toString()) ?? `a certificate with ${keyKind(certificate)}`
}

function padded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('base64')
}

function keyKind({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType = 'an unknown', asymmetricKeyDetails } = publicKey
  if (asymmetricKeyType === 'rsa') return `an RSA key of ${asymmetricKeyDetails?.modulusLength} bits`
  if (asymmetricKeyType === 'ec') return `a key on the curve ${asymmetricKeyDetails?.namedCurve}`
  return `a key of the kind ${asymmetricKeyType.toUpperCase()}`
}
