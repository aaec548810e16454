/** Parses the received message without building a DOM. Nothing is verified here. */
import { inflateRawSync } from 'node:zlib'
import { GatehouseError } from '../../../src/errors.ts'
import { malformedError, refuse, unreadable } from '../failure.ts'
import { signatureIn } from '../signature/signature.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, elementsIn, readXml, textIn, type XmlDocument, type XmlElement } from '../xml/xml.ts'

/** Maximum length of a response, in characters of base64. */
export const maxResponseLength = 256 * 1024
const limits = { depth: 64, elements: 2500, attributes: 6000 }

export interface ReceivedResponse {
  readonly document: XmlDocument
  readonly response: XmlElement
  readonly responseSignature: XmlElement | undefined
  /** Exactly one of the two, or none for an error status. */
  readonly assertion: XmlElement | undefined
  readonly encryptedAssertion: XmlElement | undefined
}

/**
 * @param message the SAMLResponse parameter. Throws `callback_malformed` if unreadable,
 * `callback_invalid` for structures that no honest IdP sends.
 */
export function readResponse(message: string): ReceivedResponse {
  return structureOf(readStrictly(decoded(message)))
}

/** Parses with the limits for responses and decrypted text. */
export function readStrictly(text: string): XmlDocument {
  try {
    return readXml(text.replace(/^[\uFEFF \t\r\n]+/, ''), limits)
  } catch (error) {
    throw unreadable(error)
  }
}

/** Decodes a message by HTTP-POST. @param name of its parameter */
export function decoded(message: string, name = 'SAMLResponse'): string {
  if (message.length > maxResponseLength)
    throw malformedError('size', `at most ${maxResponseLength} characters`, 'more')
  const compact = compactBase64(message)
  if (!isBase64(compact)) throw malformedError(name, 'base64', notBase64(message))
  const bytes = Buffer.from(compact, 'base64')
  if (isDeflated(bytes)) throw wrongBinding('HTTP-Redirect (a deflated message)')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) // without a byte order mark
  } catch {
    throw malformedError('characters', 'UTF-8', 'another encoding')
  }
}

/** Accepts lines and base64url; a space was an unencoded +. */
export function compactBase64(message: string): string {
  const lines = message.split(/[\r\n\t]+/).map((line) => line.trim())
  return lines.join('').replaceAll(' ', '+').replaceAll('-', '+').replaceAll('_', '/')
}

function notBase64(message: string): string {
  if (message.trim() === '') return 'empty'
  if (/%(?:2B|2F|3D|0D|0A)/i.test(message)) return 'percent-encoded text: it was encoded twice'
  return /^\s*</.test(message) ? 'XML' : 'something else'
}

/** Padding is optional. */
export function isBase64(text: string): boolean {
  const hasPadding = text.endsWith('=')
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && (hasPadding ? text.length % 4 === 0 : text.length % 4 !== 1)
}

/** HTTP-Redirect deflates (SAML bindings 3.4.4.1). */
function isDeflated(bytes: Buffer): boolean {
  if (/^[\xef\xbb\xbf\xfe\xff\0\s]*</.test(bytes.subarray(0, 20).toString('latin1'))) return false
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxResponseLength }).subarray(0, 200).includes('<')
  } catch {
    return false
  }
}

/** The error for a response by an unsupported binding. */
export function wrongBinding(got: string): GatehouseError {
  const check = { name: 'binding', ok: false, expected: 'HTTP-POST', got }
  const fix = 'At the identity provider, set the binding of the assertion consumer service (ACS URL) to HTTP-POST.'
  const binding = got.split(' ', 1)[0]
  const text = `The identity provider answered by ${binding}, which is not supported here. Its administrator can fix this: the answer must be sent by HTTP-POST.`
  const message = `the identity provider answered by ${got}, not by HTTP-POST. ${fix}`
  return new GatehouseError('callback_malformed', message, { check, text })
}

const partsOfResponse = ['Issuer', 'Signature', 'Extensions', 'Status', 'Assertion', 'EncryptedAssertion']

/** Refuses the parts of signature wrapping (XSW): second assertions, duplicate IDs. */
export function structureOf(document: XmlDocument): ReceivedResponse {
  const response = document.root
  if (response.local !== 'Response' || response.namespace !== namespaces.protocol)
    refuse('message', 'a SAML 2.0 Response', response.local)
  const parts = elementsIn(response)
  for (const part of parts)
    if (!partsOfResponse.includes(part.local)) refuse('parts of the Response', partsOfResponse.join(', '), part.local)
  for (const local of partsOfResponse) {
    const count = parts.filter((part) => part.local === local).length
    if (count > 1) refuse(`${local} elements`, 'one at most', `${count}`)
  }
  const assertion = childrenOf(response, namespaces.assertion, 'Assertion')[0]
  const encryptedAssertion = childrenOf(response, namespaces.assertion, 'EncryptedAssertion')[0]
  if (assertion !== undefined && encryptedAssertion !== undefined)
    refuse('assertions', 'one', 'a plain and an encrypted one')
  checkElementPlaces(document, [response, assertion])
  checkIds(document, [response, assertion])
  return { document, response, responseSignature: signatureIn(response), assertion, encryptedAssertion }
}

/** Assertions, responses and signatures are only where they belong. */
function checkElementPlaces({ elements }: XmlDocument, signable: readonly (XmlElement | undefined)[]): void {
  const [response, assertion] = signable
  const allowed: Readonly<Record<string, (element: XmlElement) => boolean>> = {
    Response: (element) => element === response,
    Assertion: (element) => element === assertion,
    EncryptedAssertion: (element) => element.parent === response && element.namespace === namespaces.assertion,
    Signature: (element) =>
      element.namespace === namespaces.signature && element.parent !== undefined && signable.includes(element.parent),
    Object: () => false,
  }
  for (const element of elements)
    if (Object.hasOwn(allowed, element.local) && allowed[element.local]?.(element) === false)
      refuse(`place of ${element.local}`, 'its own', `inside ${element.parent?.local ?? 'nothing'}`)
}

/** An XML name, number, base64 or URN, without characters that end an XPath string. */
const usableId = /^[\w.:+/=~-]{1,256}$/

/** Unique in any spelling and namespace: parsers differ in which they follow (SA-34). */
export function checkIds({ elements }: XmlDocument, signable: readonly (XmlElement | undefined)[]): void {
  const seen = new Set<string>()
  for (const element of elements) {
    const ids = element.attributes.filter(({ local }) => local.toLowerCase() === 'id')
    if (ids.length > 1) refuse('IDs of an element', 'one at most', `${ids.length}`)
    for (const { value } of ids) {
      if (seen.has(value)) refuse('ids', 'each of its own', 'one that is there twice')
      seen.add(value)
    }
  }
  for (const element of signable) {
    const id = attributeOf(element, 'ID')
    if (element === undefined || usableId.test(id ?? '')) continue
    // an unsigned Response needs no ID: only a signature refers to it
    if (id === undefined && element.local === 'Response' && signatureIn(element) === undefined) continue
    const got = id === undefined ? 'none' : 'something else'
    refuse(`ID of the ${element.local}`, 'letters, digits and . _ : + / = ~ -', got)
  }
}

export function issuerOf(element: XmlElement): string | undefined {
  const issuers = childrenOf(element, namespaces.assertion, 'Issuer')
  return issuers.length === 1 ? textIn(issuers[0]) : undefined
}
