/** Reads AuthnRequests by HTTP-Redirect or HTTP-POST. */
import { verify } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { trustedKey } from '../signature/certificates.ts'
import { signatureIn, verifySignature } from '../signature/signature.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, readXml, textIn } from '../xml/xml.ts'
import type { SamlService } from './participants.ts'

export interface ReceivedRequest {
  readonly id: string
  readonly service: SamlService
  readonly relayState: string | null
}

export interface RequestMessage {
  readonly binding: 'redirect' | 'post'
  readonly parameters: URLSearchParams
  readonly rawQuery: string
}

/** Returns the request, or the reason why it is refused. Throws for unreadable messages. */
export function readAuthnRequest(
  { parameters: asked, binding, rawQuery }: RequestMessage,
  services: readonly SamlService[],
  url: string,
): ReceivedRequest | string {
  const bytes = Buffer.from(asked.get('SAMLRequest') ?? '', 'base64')
  const xml = binding === 'redirect' ? inflateRawSync(bytes, { maxOutputLength: 100_000 }) : bytes
  const { root } = readXml(xml.toString(), { depth: 20, elements: 200, attributes: 400 })
  const issuer = textIn(childrenOf(root, namespaces.assertion, 'Issuer')[0])
  const service = services.find(({ entityId: known }) => known === issuer)
  if (service === undefined) return `The service ${issuer} is not registered here.`
  if (attributeOf(root, 'AssertionConsumerServiceURL') !== service.acs)
    return 'The AssertionConsumerServiceURL is not registered.'
  if (attributeOf(root, 'Destination') !== `${url}/sso`) return 'The request is for another identity provider.'
  if (service.certificate !== undefined) {
    const trusted = trustedKey(service.certificate)
    const signature = signatureIn(root)
    if (trusted === undefined) return 'The certificate of the service cannot be used.'
    if (binding === 'post' && signature === undefined) return 'The request is not signed.'
    if (binding === 'post' && signature !== undefined) verifySignature(signature, [trusted])
    const content = rawQuery.replace(/&Signature=.*/, '')
    const isSigned = () =>
      verify('sha256', Buffer.from(content), trusted.publicKey, Buffer.from(asked.get('Signature') ?? '', 'base64'))
    if (binding === 'redirect' && !isSigned()) return 'The request is not signed by the key of the service.'
  }
  return { id: attributeOf(root, 'ID') ?? '', service, relayState: asked.get('RelayState') }
}
