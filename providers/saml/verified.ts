/** From what the browser brought to what somebody with our pinned keys signed. */

import { notOpened, openAssertion } from './decryption.ts'
import { refuse } from './failure.ts'
import type { IdentityProvider } from './idp-metadata.ts'
import { type ReceivedResponse, readStrictly, structureOf } from './response.ts'
import { signatureIn, type TrustedKey, verifySignature } from './signature.ts'
import type { Upstream } from './upstream.ts'
import type { XmlElement } from './xml.ts'

export interface Verified {
  readonly opened: ReceivedResponse
  readonly keys: readonly TrustedKey[]
}

/** With the keys known, or else with those that the identity provider publishes since. */
export async function verifiedByAnyKey(
  received: ReceivedResponse,
  upstream: Upstream,
  known: IdentityProvider,
): Promise<Verified> {
  try {
    return verified(received, upstream, known)
  } catch (error) {
    const newer = await upstream.idp.newerThan(known)
    if (newer.keys === known.keys || newer.entityId !== known.entityId) throw error
    return verified(received, upstream, newer)
  }
}

/** Every signature that is there must hold, and those the connection wants must be there. */
function verified(received: ReceivedResponse, upstream: Upstream, idp: IdentityProvider): Verified {
  const { responseSignature, encryptedAssertion } = received
  const responseKey = responseSignature && verifySignature(responseSignature, idp.keys)
  const { signed } = upstream.config
  if (responseKey === undefined && (signed === 'response' || signed === 'both'))
    refuse('signature of the Response', 'one', 'none')
  if (encryptedAssertion !== undefined) return decrypted(received, upstream, idp)
  const signature = received.assertion && signatureIn(received.assertion)
  const assertionKey = signature && verifySignature(signature, idp.keys)
  if (assertionKey === undefined && signed !== 'response' && (signed !== 'either' || responseKey === undefined))
    refuse('signature of the Assertion', 'one', 'none')
  judgeUnsigned(received)
  return { opened: received, keys: [...(responseKey ? [responseKey] : []), ...(assertionKey ? [assertionKey] : [])] }
}

/**
 * The decrypted assertion in the place of the encrypted one. The response's own signature was over the encrypted text, has been
 * checked, and is taken out; what counts from here is the signature inside, always demanded (SA-88).
 */
function decrypted(received: ReceivedResponse, upstream: Upstream, idp: IdentityProvider): Verified {
  const { document, encryptedAssertion, responseSignature } = received
  if (encryptedAssertion === undefined) throw notOpened()
  const { text, weak } = openAssertion(encryptedAssertion, upstream.privateKey)
  try {
    readStrictly(text) // by itself: it closes every element it opens, and declares its own prefixes
    const pieces = [{ ...encryptedAssertion, text }, ...(responseSignature ? [{ ...responseSignature, text: '' }] : [])]
    const opened = structureOf(readStrictly(replaced(document.text, pieces)))
    const signature = opened.assertion && signatureIn(opened.assertion)
    if (signature === undefined) throw notOpened()
    const keys = [verifySignature(signature, idp.keys)]
    judgeUnsigned(opened)
    if (weak) upstream.seen.weakEncryption = true
    return { opened, keys }
  } catch {
    throw notOpened()
  }
}

/** What no signature covers has to be small: node-saml builds several DOMs of it, at half a second for what the size cap lets through. */
const unsignedLimits = { elements: 80, attributes: 200, characters: 48 * 1024 }

function judgeUnsigned({ document, response, responseSignature, assertion }: ReceivedResponse): void {
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
