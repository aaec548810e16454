/**
 * Verifies enveloped XML signatures before any DOM is built, so forged answers are cheap. Accepts
 * only the algorithms, transforms and layout that SAML needs.
 */
import { constants, createHash, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { onlyChild, refuse } from '../failure.ts'
import { canonical, namespaceWithin } from '../xml/canonical.ts'
import {
  acceptedDigests,
  acceptedSignatures,
  digestAlgorithms,
  envelopedSignature,
  exclusiveCanonicalizations,
  inclusiveCanonicalizations,
  namespaces,
  type SignatureAlgorithm,
  shortName,
  signatureAlgorithms,
} from '../xml/names.ts'
import { attributeOf, childrenOf, elementsIn, rootOf, textIn, type XmlElement } from '../xml/xml.ts'

export interface TrustedKey {
  /** The certificate it came in. */
  readonly pem: string
  readonly publicKey: KeyObject
}

/** The signature directly in an element. Throws if there are several. */
export function signatureIn(element: XmlElement): XmlElement | undefined {
  const signatures = childrenOf(element, namespaces.signature, 'Signature')
  if (signatures.length > 1) refuse(`signatures in the ${element.local}`, 'one at most', `${signatures.length}`)
  return signatures[0]
}

export interface Verification {
  readonly key: TrustedKey
  /** The signer canonicalized the element before inserting it into the message. */
  readonly isDetached: boolean
}

/**
 * Throws `callback_invalid` unless a trusted key signed the parent element. Inclusive
 * canonicalization depends on the context, and many signers sign before there is one.
 */
export function verifySignature(signature: XmlElement, keys: readonly TrustedKey[]): Verification {
  const signed = signature.parent
  if (signed === undefined) return refuse('signature', 'inside what it signs', 'alone')
  const read = readSignature(signature)
  const reference = readReference(read.signedInfo, signed)
  const verifyWithin = (scope: XmlElement) => verifyIn(scope, { signature, signed, ...read, reference }, keys)
  try {
    return { key: verifyWithin(rootOf(signed)), isDetached: false }
  } catch (error) {
    const isInclusive = read.signedInfo.method.isInclusive || reference.method.isInclusive
    if (!isInclusive || signed.parent === undefined || !isSelfContained(signed)) throw error
    return { key: verifyWithin(signed), isDetached: true }
  }
}

interface Parts extends ReturnType<typeof readSignature> {
  readonly signature: XmlElement
  readonly signed: XmlElement
  readonly reference: ReturnType<typeof readReference>
}

function verifyIn(scope: XmlElement, parts: Parts, keys: readonly TrustedKey[]): TrustedKey {
  const { signature, signed, signedInfo, algorithm, value, reference } = parts
  const bytes = Buffer.from(canonicalBy(signedInfo.method, signedInfo.element, scope))
  const key = keys.find(({ publicKey }) => isMadeBy(publicKey, algorithm, bytes, value))
  const expected = 'made by a key of this connection'
  if (key === undefined)
    return refuse(`signature of the ${signed.local}`, expected, 'another key made it, or it was changed')
  const { digest, hash, method } = reference
  const computed = createHash(hash)
    .update(canonicalBy(method, signed, scope, signature))
    .digest()
  if (computed.length !== digest.length || !timingSafeEqual(computed, digest))
    refuse(`digest of the ${signed.local}`, 'the signed content', 'other content')
  return key
}

function canonicalBy(
  { isInclusive, prefixes }: Canonicalization,
  element: XmlElement,
  scope: XmlElement,
  without?: XmlElement,
): string {
  const rest = without === undefined ? {} : { without }
  if (!isInclusive) return canonical(element, { inclusive: prefixes, ...rest })
  if (element !== scope && isWithinXmlAttributes(element.parent, scope))
    refuse('canonicalisation', 'exclusive', 'inclusive, with xml: attributes around the signed element')
  return canonical(element, { scope, ...rest })
}

/**
 * Whether `xml:` attributes are in scope: versions of inclusive canonicalization inherit different
 * ones.
 */
function isWithinXmlAttributes(element: XmlElement | undefined, scope: XmlElement): boolean {
  for (let place = element; place !== undefined; place = place.parent) {
    if (place.attributes.some(({ name }) => name.startsWith('xml:'))) return true
    if (place === scope) break
  }
  return false
}

/** Whether it declares all prefixes it uses, so that it means the same alone. */
function isSelfContained(outer: XmlElement, element = outer): boolean {
  const isBound = (prefix: string, namespace: string) =>
    prefix === 'xml' || namespaceWithin(element, prefix, outer) === namespace
  return (
    isBound(element.prefix, element.namespace) &&
    element.attributes.every(({ name, local, namespace }) => name === local || isBound(prefixOf(name), namespace)) &&
    elementsIn(element).every((child) => isSelfContained(outer, child))
  )
}

const prefixOf = (name: string) => name.slice(0, name.indexOf(':'))

export function isMadeBy(publicKey: KeyObject, algorithm: SignatureAlgorithm, bytes: Buffer, value: Buffer): boolean {
  const { key, hash, pss } = algorithm
  if (publicKey.asymmetricKeyType !== key) return false
  // RFC 9231 2.3.6
  if (key === 'ec') return verify(hash, bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, value)
  const padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  return verify(hash, bytes, { key: publicKey, padding }, value)
}

/** Honest ones have at most 12. Limits the work before any key is checked. */
const maxSignedInfoElements = 20

function countOf(element: XmlElement): number {
  return elementsIn(element).reduce((sum, child) => sum + countOf(child), 1)
}

interface SignedInfo {
  readonly element: XmlElement
  readonly method: Canonicalization
}

interface Canonicalization {
  readonly isInclusive: boolean
  /** Prefixes of `InclusiveNamespaces` (exclusive canonicalization). */
  readonly prefixes: readonly string[]
}

function readSignature(signature: XmlElement): {
  readonly signedInfo: SignedInfo
  readonly algorithm: SignatureAlgorithm
  readonly value: Buffer
} {
  const layout = elementsIn(signature).map(({ local, namespace }) => (namespace === namespaces.signature ? local : '?'))
  if (!/^SignedInfo SignatureValue( KeyInfo)?$/.test(layout.join(' ')))
    refuse('layout of the signature', 'SignedInfo, SignatureValue, KeyInfo', 'another')
  const [element, valueElement] = elementsIn(signature)
  if (element !== undefined && countOf(element) > maxSignedInfoElements)
    refuse('elements in the SignedInfo', `at most ${maxSignedInfoElements}`, 'more')
  const method = only(element, 'SignatureMethod')
  const algorithm = signatureAlgorithms.get(attributeOf(method, 'Algorithm') ?? '')
  if (element === undefined || algorithm === undefined)
    return refuse('signature algorithm', acceptedSignatures, shortName(attributeOf(method, 'Algorithm')))
  const canonicalization = canonicalizationOf(only(element, 'CanonicalizationMethod'))
  const value = base64In(valueElement)
  if (value === undefined) return refuse('signature value', 'base64', 'empty or unreadable')
  return { signedInfo: { element, method: canonicalization }, algorithm, value }
}

function readReference({ element }: SignedInfo, signed: XmlElement) {
  const reference = only(element, 'Reference')
  const id = attributeOf(signed, 'ID')
  if (id === undefined || attributeOf(reference, 'URI') !== `#${id}`)
    refuse('reference of the signature', `the ${signed.local} it stands in`, 'something else')
  const transforms = elementsIn(only(reference, 'Transforms'))
  const [enveloped, last] = transforms
  const isUsual =
    transforms.length <= 2 &&
    transforms.every(({ local, namespace }) => local === 'Transform' && namespace === namespaces.signature) &&
    attributeOf(enveloped, 'Algorithm') === envelopedSignature
  if (!isUsual || enveloped === undefined)
    return refuse('transforms of the signature', 'enveloped-signature and canonicalization', 'others')
  checkTransformContent(enveloped, envelopedSignature)
  const method = last === undefined ? impliedCanonicalization : canonicalizationOf(last)
  const algorithm = attributeOf(only(reference, 'DigestMethod'), 'Algorithm')
  const hash = digestAlgorithms.get(algorithm ?? '')
  if (hash === undefined) return refuse('digest algorithm', acceptedDigests, shortName(algorithm))
  const digest = base64In(only(reference, 'DigestValue'))
  if (digest === undefined) return refuse('digest value', 'base64', 'empty or unreadable')
  return { digest, hash, method }
}

/** The default without transforms (XML Signature 4.4.3.2). */
const impliedCanonicalization: Canonicalization = { isInclusive: true, prefixes: [] }

function canonicalizationOf(method: XmlElement): Canonicalization {
  const algorithm = attributeOf(method, 'Algorithm') ?? ''
  const isInclusive = inclusiveCanonicalizations.includes(algorithm)
  if (!isInclusive && !exclusiveCanonicalizations.includes(algorithm))
    refuse('canonicalisation', 'exclusive or inclusive', shortName(algorithm))
  checkTransformContent(method, isInclusive ? undefined : exclusiveCanonicalizations[0])
  return { isInclusive, prefixes: isInclusive ? [] : inclusivePrefixes(method) }
}

/** A transform may only contain a list of prefixes (xml-crypto writes one in its own namespace). */
function checkTransformContent(transform: XmlElement, own: string | undefined): void {
  const isList = ({ local, namespace }: XmlElement) => local === 'InclusiveNamespaces' && namespace === own
  if (!elementsIn(transform).every(isList))
    refuse('transforms of the signature', 'enveloped-signature and canonicalization', 'something in them')
}

function inclusivePrefixes(method: XmlElement): readonly string[] {
  const list = attributeOf(elementsIn(method)[0], 'PrefixList') ?? ''
  const prefixes = list.split(/\s+/).filter((prefix) => prefix !== '')
  return prefixes.slice(0, 20).map((prefix) => (prefix === '#default' ? '' : prefix))
}

const only = (element: XmlElement | undefined, local: string) =>
  onlyChild(element, namespaces.signature, local, 'signature')

/** Whitespace is ignored. node-saml reads signatures and digests again, and requires padding. */
export function base64In(element: XmlElement | undefined, isPaddingOptional = false): Buffer | undefined {
  const text = textIn(element)?.replace(/\s+/g, '')
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  const isUnpadded = isPaddingOptional && !text.endsWith('=') && text.length % 4 !== 1
  if (text.length % 4 !== 0 && !isUnpadded) return undefined
  return Buffer.from(text, 'base64')
}
