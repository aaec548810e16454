/** Verifies the signatures of a response with pinned keys. */

import { signatureRules } from '../config.ts'
import { contentOf, decryptElement, decryptionError } from '../encryption/decryption.ts'
import { refuse } from '../failure.ts'
import { loadNodeSaml } from '../load-node-saml.ts'
import type { IdentityProvider } from '../metadata/idp-metadata.ts'
import type { SignedMessage } from '../node-saml.ts'
import { signatureIn, type Verification, verifySignature } from '../signature/signature.ts'
import type { Upstream } from '../upstream.ts'
import type { XmlElement } from '../xml/xml.ts'
import { type ReceivedResponse, readStrictly, structureOf } from './response.ts'

/** The assertion from bytes that node-saml verified, decrypted if necessary. */
export async function signedAssertionOf(verified: SignedMessage, upstream: Upstream): Promise<string> {
  const { signedBytes } = await loadNodeSaml()
  const bytes = await signedBytes(verified, upstream)
  if (!verified.isEncrypted) return bytes
  const signed = structureOf(readStrictly(bytes))
  const { assertion, document } = opened(signed, upstream).received
  if (assertion === undefined) throw decryptionError()
  return document.text.slice(assertion.start, assertion.end)
}

/** All present signatures must be valid, and the required ones present. */
export function verifiedMessage(received: ReceivedResponse, upstream: Upstream, idp: IdentityProvider): SignedMessage {
  const { responseSignature, encryptedAssertion, assertion, document } = received
  const response = responseSignature && verifySignature(responseSignature, idp.keys)
  const rules = signatureRules[upstream.config.signed]
  if (response === undefined && rules.needsResponse) refuse('signature of the Response', 'one', 'none')
  if (encryptedAssertion !== undefined) return verifiedInside(received, response, upstream, idp)
  const signature = assertion && signatureIn(assertion)
  const inner = signature && verifySignature(signature, idp.keys)
  if (inner === undefined && (rules.needsAssertion || response === undefined))
    refuse('signature of the Assertion', 'one', 'none')
  checkUnsignedContent(received)
  if (inner?.isDetached === true && assertion !== undefined) return detachedAssertion(received, assertion, inner)
  return signedMessage(document.text, { response, assertion: inner })
}

function signedMessage(
  message: string,
  by: { readonly response?: Verification | undefined; readonly assertion?: Verification | undefined },
  isEncrypted = false,
): SignedMessage {
  const signs = { response: by.response !== undefined, assertion: by.assertion !== undefined }
  const keys = [by.response, by.assertion].flatMap((each) => each?.key ?? [])
  return { message, signs, keys, isEncrypted }
}

/** The assertion in a bare root, as its signer canonicalized it. It declares its own prefixes. */
function detachedAssertion(
  { document }: ReceivedResponse,
  { start, end }: XmlElement,
  by: Verification,
): SignedMessage {
  return signedMessage(`<Response>${document.text.slice(start, end)}</Response>`, { assertion: by })
}

/**
 * Verifies the signature of the response before decryption if there is no inner one (K2). Then
 * decrypts the assertion again from the bytes that node-saml verified.
 */
function verifiedInside(
  received: ReceivedResponse,
  response: Verification | undefined,
  upstream: Upstream,
  idp: IdentityProvider,
): SignedMessage {
  const { received: inside, weak } = opened(received, upstream)
  const signature = inside.assertion && signatureIn(inside.assertion)
  if (signature === undefined) {
    if (response === undefined) throw decryptionError()
    if (signatureRules[upstream.config.signed].needsAssertion)
      refuse('signature of the Assertion', 'one inside the encryption', 'none')
    checkUnsignedContent(received)
    if (weak) upstream.seen.weakEncryption = true
    return signedMessage(received.document.text, { response }, true)
  }
  try {
    const inner = verifySignature(signature, idp.keys)
    checkUnsignedContent(inside)
    if (weak) upstream.seen.weakEncryption = true
    if (inner.isDetached && inside.assertion !== undefined) return detachedAssertion(inside, inside.assertion, inner)
    return signedMessage(inside.document.text, { assertion: inner })
  } catch {
    throw decryptionError()
  }
}

/** Puts the decrypted assertion in place. The response's signature covers the encrypted text. */
function opened(
  { document, encryptedAssertion, responseSignature }: ReceivedResponse,
  upstream: Upstream,
): { readonly received: ReceivedResponse; readonly weak: boolean } {
  if (encryptedAssertion === undefined) throw decryptionError()
  const { text: decrypted, weak } = decryptElement(encryptedAssertion, upstream.decryptionKey)
  try {
    const text = contentOf(decrypted, encryptedAssertion)
    const pieces = [{ ...encryptedAssertion, text }, ...(responseSignature ? [{ ...responseSignature, text: '' }] : [])]
    const received = structureOf(readStrictly(replaced(document.text, pieces)))
    if (received.assertion === undefined) throw decryptionError()
    return { received, weak }
  } catch {
    throw decryptionError()
  }
}

/** Unsigned content must be small: node-saml builds several DOMs of it. */
const unsignedLimits = { elements: 80, attributes: 200, characters: 48 * 1024 }

function checkUnsignedContent({ document, response, responseSignature, assertion }: ReceivedResponse): void {
  const covered = responseSignature === undefined && assertion !== undefined ? assertion : response
  const signature = signatureIn(covered)
  const isUnsigned = (element: XmlElement) => !isInside(element, covered) || isInside(element, signature)
  const unsigned = document.elements.filter(isUnsigned)
  const characters = document.text.length - lengthOf(covered) + lengthOf(signature)
  const attributes = unsigned.reduce((sum, element) => sum + element.attributes.length + element.declared.size, 0)
  const isSmall =
    unsigned.length <= unsignedLimits.elements &&
    attributes <= unsignedLimits.attributes &&
    characters <= unsignedLimits.characters
  if (!isSmall) refuse('unsigned part of the response', 'a small one', 'a large one')
}

function isInside(element: XmlElement, outer: XmlElement | undefined): boolean {
  return outer !== undefined && element.start >= outer.start && element.end <= outer.end
}

function lengthOf(element: XmlElement | undefined): number {
  return element === undefined ? 0 : element.end - element.start
}

function replaced(
  text: string,
  pieces: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  const fromTheEnd = pieces.toSorted((one, other) => other.start - one.start)
  return fromTheEnd.reduce((whole, piece) => whole.slice(0, piece.start) + piece.text + whole.slice(piece.end), text)
}
