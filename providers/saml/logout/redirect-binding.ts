/**
 * SAML logout messages by HTTP-Redirect (bindings 3.4), ours and the identity provider's: a
 * deflated message in a signed query.
 */
import { constants, type KeyObject, sign } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { malformedError, refuse } from '../failure.ts'
import { compactBase64, isBase64 } from '../response/response.ts'
import { isMadeBy, type TrustedKey } from '../signature/signature.ts'
import { acceptedSignatures, shortName, signatureAlgorithms } from '../xml/names.ts'

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const deflate = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE'
const maxMessageLength = 64 * 1024

export type MessageName = 'SAMLRequest' | 'SAMLResponse'

/** The URL that carries our message. */
export function signedRedirect(
  address: string,
  name: MessageName,
  message: { readonly xml: string; readonly relayState?: string | undefined; readonly privateKey: KeyObject },
): URL {
  const { xml, relayState, privateKey } = message
  const parts = [
    [name, deflateRawSync(xml).toString('base64')],
    ...(relayState === undefined ? [] : [['RelayState', relayState]]),
    ['SigAlg', rsaSha256],
  ]
  const content = parts.map(([key, value = '']) => `${key}=${encodeURIComponent(value)}`).join('&')
  const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING }
  const signature = encodeURIComponent(sign('sha256', Buffer.from(content), key).toString('base64'))
  const url = new URL(address)
  url.search = `${url.search === '' ? '' : `${url.search}&`}${content}&Signature=${signature}`
  return url
}

export interface RedirectMessage {
  readonly relayState: string | undefined
  /** Throws `callback_invalid` unless one of the keys signed it. */
  verify(keys: readonly TrustedKey[]): void
  /** The XML. Call `verify` first, so that only the upstream can make us inflate. */
  inflate(): string
}

/** @param query the raw query: its exact encoding is signed (SAML bindings 3.4.4.1). */
export function readRedirect(query: string, name: MessageName): RedirectMessage {
  const raw = (key: string) => rawValue(query, key)
  const [message, relayState, algorithm, signature] = [raw(name), raw('RelayState'), raw('SigAlg'), raw('Signature')]
  if (message === undefined) throw malformedError(name, 'one', 'none')
  const encoding = raw('SAMLEncoding')
  if (encoding !== undefined && percentDecoded(encoding, 'SAMLEncoding') !== deflate)
    throw malformedError('SAMLEncoding', 'DEFLATE', 'another')
  const bytes = base64Of(message, name)
  const decodedRelayState = relayState === undefined ? undefined : percentDecoded(relayState, 'RelayState')
  return {
    relayState: decodedRelayState,
    verify(keys) {
      if (signature === undefined || algorithm === undefined)
        return refuse('signature of the query', 'one', signature === undefined ? 'none' : 'one without SigAlg')
      const uri = percentDecoded(algorithm, 'SigAlg')
      const known = signatureAlgorithms.get(uri)
      if (known === undefined) return refuse('signature algorithm', acceptedSignatures, shortName(uri))
      const state = relayState === undefined ? '' : `&RelayState=${relayState}`
      const signed = Buffer.from(`${name}=${message}${state}&SigAlg=${algorithm}`)
      const value = base64Of(signature, 'Signature')
      if (!keys.some(({ publicKey }) => isMadeBy(publicKey, known, signed, value)))
        refuse('signature of the query', 'made by a key of this connection', 'another key made it, or it was changed')
    },
    inflate() {
      try {
        const text = inflateRawSync(bytes, { maxOutputLength: maxMessageLength })
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
      } catch {
        throw malformedError(name, `deflated UTF-8 of at most ${maxMessageLength} bytes`, 'something else')
      }
    },
  }
}

function rawValue(query: string, key: string): string | undefined {
  const found = query.split('&').filter((part) => part === key || part.startsWith(`${key}=`))
  if (found.length > 1) throw malformedError(key, 'once', 'several times')
  return found[0]?.slice(key.length + 1)
}

function percentDecoded(raw: string, key: string): string {
  try {
    return decodeURIComponent(raw.replace(/\+/g, ' '))
  } catch {
    throw malformedError(key, 'percent-encoded text', 'something else')
  }
}

function base64Of(raw: string, key: string): Buffer {
  const text = compactBase64(percentDecoded(raw, key))
  if (!isBase64(text)) throw malformedError(key, 'base64', text === '' ? 'nothing' : 'something else')
  return Buffer.from(text, 'base64')
}
