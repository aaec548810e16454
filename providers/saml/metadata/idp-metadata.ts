/** Reads an identity provider's metadata (SAML metadata 2.4.3). */
import { GatehouseError } from '../../../src/errors.ts'
import { isSafeUrl } from '../../oidc/discovery.ts'
import { signatureIn, type TrustedKey, verifySignature } from '../signature/signature.ts'
import { XmlFault } from '../xml/characters.ts'
import { bindings, namespaces } from '../xml/names.ts'
import { momentOf } from '../xml/time.ts'
import { attributeOf, childrenOf, elementsIn, readXml, type XmlElement } from '../xml/xml.ts'
import { signingKeysOf } from './metadata-keys.ts'

export interface IdentityProvider {
  readonly entityId: string
  readonly singleSignOn: { readonly redirect?: string; readonly post?: string }
  /** URLs for logout requests and for our responses, by HTTP-Redirect. */
  readonly singleLogout?: { readonly requests: string; readonly answers: string }
  readonly keys: readonly TrustedKey[]
  readonly wantsSignedRequests: boolean
}

export interface ReadMetadata extends IdentityProvider {
  /** Skipped certificates with the reason: "a certificate with a DSA key". */
  readonly skipped: readonly string[]
  /** The earliest of the identity provider and its enclosing elements. */
  readonly validUntil: Date | undefined
  /** Whether one of these keys signed the whole document. */
  isSignedBy(keys: readonly TrustedKey[]): boolean
}

const maxMetadataLength = 2_000_000
const limits = { depth: 64, elements: 30_000, attributes: 60_000, lenient: true }

/** @param source for messages. Throws `upstream_invalid`. */
export function readMetadata(text: string, source: string, entityId: string | undefined, now: Date): ReadMetadata {
  const root = rootOf(text, source)
  const entity = entityOf(root, source, entityId)
  const { descriptor, keys, skipped, singleSignOn } = descriptorOf(entity, source)
  const validUntil = checkValidUntil(descriptor, source, now)
  const requests = locationOf(descriptor, 'SingleLogoutService', bindings.redirect)
  const answers = locationOf(descriptor, 'SingleLogoutService', bindings.redirect, 'ResponseLocation') ?? requests
  return {
    entityId: entityIdOf(entity) ?? '',
    singleSignOn,
    ...(requests !== undefined && answers !== undefined && { singleLogout: { requests, answers } }),
    keys,
    skipped,
    validUntil,
    wantsSignedRequests: /^\s*(true|1)\s*$/.test(attributeOf(descriptor, 'WantAuthnRequestsSigned') ?? ''),
    isSignedBy: (trusted) => isSigned(root, trusted),
  }
}

function rootOf(text: string, source: string): XmlElement {
  if (text.length > maxMetadataLength) throw invalid(source, 'it is larger than 2 MB')
  const trimmed = text.replace(/^\uFEFF/, '').trimStart()
  const other = otherFormat(trimmed)
  if (other !== undefined) throw invalid(source, other)
  try {
    return readXml(trimmed, limits).root
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error
    if (/<html[\s>]/i.test(trimmed.slice(0, 2000))) throw invalid(source, webPage)
    throw invalid(source, `it is not XML we read: ${error.what} ${error.got}`)
  }
}

const webPage =
  'it is a web page (HTML), not metadata: save the XML that the identity provider publishes, not a page around it'

/** Names a format that is often confused with metadata. */
function otherFormat(text: string): string | undefined {
  if (/^<(!doctype\s+html|html)[\s>]/i.test(text)) return webPage
  if (/^[{[]/.test(text)) return 'it is JSON, not SAML metadata; for an OpenID Connect issuer use kind: oidc'
  if (/^-----BEGIN/.test(text))
    return 'it is a PEM file, not metadata; a certificate goes to certificates, with entityId and singleSignOnUrl'
  if (/^https?:\/\/\S+$/.test(text)) return 'it is an address: write it as metadataUrl'
  if (/^[\w./-]+\.xml$/i.test(text)) return 'it is a file name: write file: before it'
  if (/^(This XML file does not|- ?<)/.test(text)) return 'it is what a browser shows of the file: save the file itself'
  if (text.startsWith('&lt;')) return 'it is escaped: it begins with &lt; instead of <'
  if (/^[A-Za-z0-9+/=\s]{64,}$/.test(text)) return 'it is base64: decode it, or write it in certificates if it is one'
  return text === '' ? 'it is empty' : undefined
}

function entityOf(root: XmlElement, source: string, entityId: string | undefined): XmlElement {
  const entities = entitiesIn(root)
  const idps = entities.filter((entity) => childrenOf(entity, namespaces.metadata, 'IDPSSODescriptor').length > 0)
  if (idps.length === 0) throw invalid(source, missingIdpMessage(root, entities))
  const names = [...new Set(idps.map(entityIdOf))]
  if (entityId === undefined && names.length > 1) throw invalid(source, 'it describes several: set entityId')
  const wanted = entityId ?? names[0]
  const entity = idps.find((each) => entityIdOf(each) === wanted)
  if (wanted === undefined) throw invalid(source, 'it has no entityID')
  if (entity !== undefined) return entity
  const got = names.slice(0, 3).join(', ') || 'none'
  const check = { name: 'entityID of the metadata', ok: false, expected: wanted, got }
  const message = `the metadata ${source} is of another identity provider: its entityID is ${got}, not ${wanted}`
  throw new GatehouseError('upstream_invalid', message, { check })
}

/** EntitiesDescriptors may be nested (SAML metadata 2.3.1). */
function entitiesIn(element: XmlElement): readonly XmlElement[] {
  if (element.namespace !== namespaces.metadata) return []
  if (element.local === 'EntityDescriptor') return [element]
  return element.local === 'EntitiesDescriptor' ? elementsIn(element).flatMap(entitiesIn) : []
}

function missingIdpMessage(root: XmlElement, entities: readonly XmlElement[]): string {
  const none = 'it describes no identity provider (IDPSSODescriptor)'
  if (entities.length === 0) {
    const place = root.local.startsWith('Entit') ? `, in the namespace "${root.namespace.slice(0, 100)}"` : ''
    return root.local === 'html' ? webPage : `${none}: its root is ${root.local.slice(0, 60)}${place}`
  }
  const isService = entities.some((entity) => childrenOf(entity, namespaces.metadata, 'SPSSODescriptor').length > 0)
  if (isService)
    return `${none}, but a service provider: take the metadata of the identity provider, not ours or another app's`
  return none
}

function entityIdOf(entity: XmlElement): string | undefined {
  const name = attributeOf(entity, 'entityID')?.trim() ?? ''
  return name === '' ? undefined : name
}

/** The first usable role: another may be SAML 1.1. */
function descriptorOf(entity: XmlElement, source: string) {
  const all = childrenOf(entity, namespaces.metadata, 'IDPSSODescriptor')
  const descriptors = all.filter((each) => {
    const protocols = attributeOf(each, 'protocolSupportEnumeration')?.trim() ?? ''
    return protocols === '' || protocols.split(/\s+/).includes(namespaces.protocol)
  })
  if (descriptors.length === 0) throw invalid(source, 'its identity provider does not speak SAML 2.0')
  const read = descriptors.map((descriptor) => ({
    descriptor,
    ...signingKeysOf(descriptor),
    singleSignOn: singleSignOnOf(descriptor),
  }))
  const withKeys = read.filter(({ keys }) => keys.length > 0)
  if (withKeys.length === 0) {
    const skipped = [...new Set(read.flatMap((each) => each.skipped))]
    const why = skipped.length === 0 ? '' : `; skipped: ${skipped.slice(0, 5).join(', ')}`
    const wanted = 'no RSA signing certificate of at least 2048 bits, nor one on P-256, P-384 or P-521'
    throw invalid(source, `it holds ${wanted}${why}`)
  }
  const usable = withKeys.find(({ singleSignOn }) => Object.keys(singleSignOn).length > 0)
  if (usable === undefined) throw invalid(source, 'it names no https address for HTTP-Redirect or HTTP-POST')
  return usable
}

function singleSignOnOf(descriptor: XmlElement): IdentityProvider['singleSignOn'] {
  const redirect = locationOf(descriptor, 'SingleSignOnService', bindings.redirect)
  const post = locationOf(descriptor, 'SingleSignOnService', bindings.post)
  return { ...(redirect !== undefined && { redirect }), ...(post !== undefined && { post }) }
}

/** Checks the role, its entity and all enclosing groups. */
function checkValidUntil(descriptor: XmlElement, source: string, now: Date): Date | undefined {
  const expiries: Date[] = []
  for (let element: XmlElement | undefined = descriptor; element !== undefined; element = element.parent) {
    const until = attributeOf(element, 'validUntil')?.trim() ?? ''
    if (until === '') continue
    const moment = momentOf(/^\d{4}-\d\d-\d\dZ?$/.test(until) ? `${until.slice(0, 10)}T00:00:00Z` : until)
    if (moment === undefined) throw invalid(source, 'its validUntil is no time')
    if (moment.getTime() <= now.getTime())
      throw invalid(source, `it is no longer valid since ${moment.toISOString()} (validUntil): get a new copy`)
    expiries.push(moment)
  }
  return expiries.toSorted((one, other) => one.getTime() - other.getTime())[0]
}

function locationOf(
  descriptor: XmlElement,
  service: 'SingleSignOnService' | 'SingleLogoutService',
  binding: string,
  attribute = 'Location',
): string | undefined {
  return childrenOf(descriptor, namespaces.metadata, service)
    .filter((candidate) => attributeOf(candidate, 'Binding')?.trim() === binding)
    .map((endpoint) => attributeOf(endpoint, attribute)?.trim() ?? '')
    .find(isSafeUrl)
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
