/** What an identity provider says about itself in its metadata (SAML metadata 2.4.3), and what of it we take. */
import { GatehouseError } from '../../src/errors.ts'
import { isLoopbackHttp } from '../oidc/discovery.ts'
import { pemOf, trustedKey } from './certificates.ts'
import { bindings, namespaces } from './names.ts'
import { signatureIn, type TrustedKey, verifySignature } from './signature.ts'
import { attributeOf, childrenOf, readXml, textIn, type XmlElement, XmlFault } from './xml.ts'

export interface IdentityProvider {
  readonly entityId: string
  readonly singleSignOn: { readonly redirect?: string; readonly post?: string }
  /** Where it takes logout requests by HTTP-Redirect, and our answers to its own. */
  readonly singleLogout?: { readonly requests: string; readonly answers: string }
  readonly keys: readonly TrustedKey[]
  readonly wantsSignedRequests: boolean
}

export interface ReadMetadata extends IdentityProvider {
  /** True when the document as a whole is signed by one of these keys. */
  isSignedBy(keys: readonly TrustedKey[]): boolean
}

const largest = 2_000_000
const limits = { depth: 64, elements: 30_000, attributes: 60_000, lenient: true }

/** @param source where it came from, for messages. Throws `upstream_invalid`. */
export function readMetadata(text: string, source: string, entityId: string | undefined, now: Date): ReadMetadata {
  const root = rootOf(text, source)
  const entity = entityOf(root, source, entityId)
  const [descriptor, ...more] = childrenOf(entity, namespaces.metadata, 'IDPSSODescriptor')
  if (descriptor === undefined || more.length > 0)
    throw invalid(source, 'it describes no identity provider, or several')
  for (const element of [root, entity, descriptor]) judgeTime(element, source, now)
  const keys = keysOf(descriptor)
  if (keys.length === 0) throw invalid(source, 'it holds no RSA signing certificate of at least 2048 bits')
  const singleSignOn = {
    redirect: locationOf(descriptor, 'SingleSignOnService', bindings.redirect),
    post: locationOf(descriptor, 'SingleSignOnService', bindings.post),
  }
  if (singleSignOn.redirect === undefined && singleSignOn.post === undefined)
    throw invalid(source, 'it names no https address for HTTP-Redirect or HTTP-POST')
  const requests = locationOf(descriptor, 'SingleLogoutService', bindings.redirect)
  const answers = locationOf(descriptor, 'SingleLogoutService', bindings.redirect, 'ResponseLocation') ?? requests
  return {
    entityId: attributeOf(entity, 'entityID') ?? '',
    singleSignOn: {
      ...(singleSignOn.redirect !== undefined && { redirect: singleSignOn.redirect }),
      ...(singleSignOn.post !== undefined && { post: singleSignOn.post }),
    },
    ...(requests !== undefined && answers !== undefined && { singleLogout: { requests, answers } }),
    keys,
    wantsSignedRequests: /^(true|1)$/.test(attributeOf(descriptor, 'WantAuthnRequestsSigned') ?? ''),
    isSignedBy: (trusted) => isSigned(root, trusted),
  }
}

function rootOf(text: string, source: string): XmlElement {
  if (text.length > largest) throw invalid(source, 'it is larger than 2 MB')
  try {
    return readXml(text.replace(/^\uFEFF/, '').trimStart(), limits).root
  } catch (error) {
    if (error instanceof XmlFault) throw invalid(source, `it is not XML we read: ${error.what} ${error.got}`)
    throw error
  }
}

function entityOf(root: XmlElement, source: string, entityId: string | undefined): XmlElement {
  const isIdp = (element: XmlElement) => childrenOf(element, namespaces.metadata, 'IDPSSODescriptor').length > 0
  const alone = root.namespace === namespaces.metadata && root.local === 'EntityDescriptor' ? [root] : []
  const several =
    root.local === 'EntitiesDescriptor' ? childrenOf(root, namespaces.metadata, 'EntityDescriptor') : alone
  const idps = several.filter(isIdp)
  const entities = idps.filter((entity) => entityId === undefined || attributeOf(entity, 'entityID') === entityId)
  const [entity] = entities
  if (entity !== undefined && entities.length === 1 && attributeOf(entity, 'entityID')) return entity
  if (entityId === undefined || entities.length > 1)
    throw invalid(
      source,
      idps.length === 0 ? 'it describes no identity provider' : 'it describes several: set entityId',
    )
  const got = idps[0] && attributeOf(idps[0], 'entityID')
  const check = { name: 'entityID of the metadata', ok: false, expected: entityId, got: got ?? 'none' }
  throw new GatehouseError('upstream_invalid', `the metadata ${source} is of another identity provider`, { check })
}

function judgeTime(element: XmlElement, source: string, now: Date): void {
  const until = attributeOf(element, 'validUntil')
  if (until !== undefined && !(new Date(until).getTime() > now.getTime()))
    throw invalid(source, 'it is no longer valid')
}

function keysOf(descriptor: XmlElement): readonly TrustedKey[] {
  return childrenOf(descriptor, namespaces.metadata, 'KeyDescriptor')
    .filter((key) => (attributeOf(key, 'use') ?? 'signing') === 'signing')
    .flatMap((key) => childrenOf(key, namespaces.signature, 'KeyInfo'))
    .flatMap((info) => childrenOf(info, namespaces.signature, 'X509Data'))
    .flatMap((holder) => childrenOf(holder, namespaces.signature, 'X509Certificate'))
    .flatMap((certificate) => trustedKey(pemOf(textIn(certificate) ?? '')) ?? [])
    .slice(0, 10)
}

function locationOf(
  descriptor: XmlElement,
  service: 'SingleSignOnService' | 'SingleLogoutService',
  binding: string,
  attribute = 'Location',
): string | undefined {
  const endpoint = childrenOf(descriptor, namespaces.metadata, service).find(
    (candidate) => attributeOf(candidate, 'Binding') === binding,
  )
  const location = attributeOf(endpoint, attribute)
  return location !== undefined && isSafeAddress(location) ? location : undefined
}

/** https, or plain http on this very machine (an emulator). */
export function isSafeAddress(address: string): boolean {
  if (!URL.canParse(address) || /[\s#]/.test(address)) return false
  const { protocol, username, password } = new URL(address)
  return username === '' && password === '' && (protocol === 'https:' || isLoopbackHttp(address))
}

function isSigned(root: XmlElement, keys: readonly TrustedKey[]): boolean {
  try {
    const signature = signatureIn(root)
    return signature !== undefined && keys.length > 0 && verifySignature(signature, keys) !== undefined
  } catch {
    return false
  }
}

function invalid(source: string, why: string): GatehouseError {
  return new GatehouseError('upstream_invalid', `the metadata ${source} cannot be used: ${why}`)
}
