/** Reads messages of services to the emulated identity provider. */
import { type Call, formOf } from '../../emulator/http.ts'
import { isLocalUri, type LocalApps } from '../../emulator/registered-uris.ts'
import { type MessageName, readRedirect } from '../logout/redirect-binding.ts'
import { trustedKey } from '../signature/certificates.ts'
import { signatureIn, verifySignature } from '../signature/signature.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, readXml, textIn, type XmlElement } from '../xml/xml.ts'
import type { SamlService } from './participants.ts'

export interface ReceivedMessage {
  readonly name: MessageName
  readonly root: XmlElement
  readonly id: string
  readonly service: SamlService
  readonly relayState: string | undefined
}

/** A message by HTTP-Redirect or HTTP-POST, or the reason why it is refused. */
export async function readMessage(
  { request, url }: Call,
  services: readonly SamlService[],
  { acceptsLocalUris = false }: LocalApps = {},
): Promise<ReceivedMessage | string> {
  const form = request.method === 'POST' ? await formOf(request) : undefined
  const parameters = form ?? url.searchParams
  const name = parameters.has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse'
  try {
    const redirected = form === undefined ? readRedirect(url.search.slice(1), name) : undefined
    const xml = redirected?.inflate() ?? Buffer.from(parameters.get(name) ?? '', 'base64').toString()
    const { root } = readXml(xml, { depth: 20, elements: 200, attributes: 400 })
    const issuer = textIn(childrenOf(root, namespaces.assertion, 'Issuer')[0])
    const service =
      services.find(({ entityId: known }) => known === issuer) ??
      (acceptsLocalUris ? localService(issuer, attributeOf(root, 'AssertionConsumerServiceURL')) : undefined)
    if (service === undefined) return `The service ${issuer} is not registered here.`
    if (attributeOf(root, 'Destination') !== url.origin + url.pathname) return 'It is for another identity provider.'
    if (service.certificate !== undefined) {
      const key = trustedKey(service.certificate)
      const signature = signatureIn(root)
      if (key === undefined) return 'The certificate of the service cannot be used.'
      if (redirected === undefined && signature === undefined) return 'The message is not signed.'
      redirected?.verify([key])
      if (redirected === undefined && signature !== undefined) verifySignature(signature, [key])
    }
    const relayState = parameters.get('RelayState') ?? undefined
    return { name, root, id: attributeOf(root, 'ID') ?? '', service, relayState }
  } catch {
    return 'It cannot be read, or the service did not sign it.'
  }
}

/** A service on this machine that is not registered; its URLs are those of the request. */
function localService(entityId: string | undefined, acs: string | undefined): SamlService | undefined {
  if (entityId === undefined || acs === undefined) return undefined
  return isLocalUri(entityId) && isLocalUri(acs) ? { entityId, acs } : undefined
}
