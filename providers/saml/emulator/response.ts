/** Writes responses from arbitrary facts, for the emulator and for attacks. */
import { type CipherGCM, constants, createCipheriv, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto'
import { statusXml } from '../logout/logout-request.ts'
import { base64Of } from '../signature/certificates.ts'
import { bearer, bindings, nameIdFormats, namespaces } from '../xml/names.ts'
import { element } from '../xml/write.ts'

/** Null leaves a fact out. Texts are inserted as XML. */
export interface ResponseFacts {
  readonly responseId: string
  readonly assertionId: string
  readonly version: string
  readonly issuer: string | null
  readonly responseIssuer: string | null
  readonly destination: string | null
  readonly responseInResponseTo: string | null
  readonly inResponseTo: string | null
  readonly recipient: string | null
  /** One AudienceRestriction per list. */
  readonly audiences: readonly (readonly string[])[]
  readonly issuedAt: Date
  readonly notBefore: Date | null
  readonly notOnOrAfter: Date | null
  readonly confirmedNotBefore: Date | null
  readonly confirmedUntil: Date | null
  readonly confirmationMethod: string
  readonly sessionUntil: Date | null
  readonly authenticatedAt: Date
  readonly authnContext: string
  readonly nameId: string | null
  readonly nameIdFormat: string
  readonly nameQualifier: string | null
  readonly spNameQualifier: string | null
  readonly attributes: Readonly<Record<string, readonly string[]>>
  readonly status: readonly string[]
}

const newId = (): string => `_${randomBytes(16).toString('hex')}`
const lifeMs = 5 * 60_000

export function defaultFacts(now: Date, changes: Partial<ResponseFacts> = {}): ResponseFacts {
  const { issuer = null, inResponseTo = null } = changes
  const end = new Date(now.getTime() + lifeMs)
  return {
    responseId: newId(),
    assertionId: newId(),
    version: '2.0',
    issuer,
    responseIssuer: issuer,
    destination: null,
    responseInResponseTo: inResponseTo,
    inResponseTo,
    recipient: null,
    audiences: [],
    issuedAt: now,
    notBefore: new Date(now.getTime() - 60_000),
    notOnOrAfter: end,
    confirmedNotBefore: null,
    confirmedUntil: end,
    confirmationMethod: bearer,
    sessionUntil: new Date(now.getTime() + 8 * 3600_000),
    authenticatedAt: now,
    authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    nameId: null,
    nameIdFormat: nameIdFormats.persistent,
    nameQualifier: null,
    spNameQualifier: null,
    attributes: {},
    status: ['Success'],
    ...changes,
  }
}

export function assertionXml(facts: ResponseFacts): string {
  const { nameId, nameIdFormat: Format, nameQualifier: NameQualifier, spNameQualifier: SPNameQualifier } = facts
  const { assertionId: ID, version: Version, issuedAt: IssueInstant, notBefore: NotBefore } = facts
  const about = { 'xmlns:saml': namespaces.assertion, ID, Version, IssueInstant }
  const confirmation = element('saml:SubjectConfirmationData', {
    NotBefore: facts.confirmedNotBefore,
    NotOnOrAfter: facts.confirmedUntil,
    Recipient: facts.recipient,
    InResponseTo: facts.inResponseTo,
  })
  const session = {
    AuthnInstant: facts.authenticatedAt,
    SessionIndex: `${ID}-session`,
    SessionNotOnOrAfter: facts.sessionUntil,
  }
  const name = nameId === null ? '' : element('saml:NameID', { Format, NameQualifier, SPNameQualifier }, nameId)
  const confirmed = element('saml:SubjectConfirmation', { Method: facts.confirmationMethod }, confirmation)
  const restrictions = facts.audiences.map((names) =>
    element('saml:AudienceRestriction', {}, ...names.map((audience) => element('saml:Audience', {}, audience))),
  )
  const context = element('saml:AuthnContextClassRef', {}, facts.authnContext)
  return element(
    'saml:Assertion',
    about,
    facts.issuer === null ? '' : element('saml:Issuer', {}, facts.issuer),
    element('saml:Subject', {}, name, confirmed),
    element('saml:Conditions', { NotBefore, NotOnOrAfter: facts.notOnOrAfter }, ...restrictions),
    element('saml:AuthnStatement', session, element('saml:AuthnContext', {}, context)),
    attributeStatement(facts.attributes),
  )
}

const typedText = {
  'xmlns:xs': 'http://www.w3.org/2001/XMLSchema',
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  'xsi:type': 'xs:string',
}

function attributeStatement(attributes: ResponseFacts['attributes']): string {
  const entries = Object.entries(attributes).map(([Name, values]) =>
    element('saml:Attribute', { Name }, ...values.map((value) => element('saml:AttributeValue', typedText, value))),
  )
  return entries.length === 0 ? '' : element('saml:AttributeStatement', {}, ...entries)
}

/** @param content after the status: assertions, plain or encrypted */
export function responseXml(facts: ResponseFacts, content: string): string {
  const { responseId: ID, version: Version, issuedAt: IssueInstant, destination: Destination } = facts
  const about = { 'xmlns:samlp': namespaces.protocol, ID, Version, IssueInstant, Destination }
  const { responseIssuer: issuer, responseInResponseTo: InResponseTo } = facts
  return element(
    'samlp:Response',
    { ...about, InResponseTo },
    issuer === null ? '' : element('saml:Issuer', { 'xmlns:saml': namespaces.assertion }, issuer),
    facts.status.length === 0 ? '' : statusXml(facts.status),
    content,
  )
}

export interface EncryptionOptions {
  readonly content?: 'aes128-gcm' | 'aes256-gcm' | 'aes128-cbc' | 'aes256-cbc'
  readonly transport?: 'rsa-oaep-mgf1p' | 'rsa-oaep' | 'rsa-1_5'
  /** Digest of RSA-OAEP. Default sha1 for rsa-oaep-mgf1p, sha256 for rsa-oaep. */
  readonly oaepHash?: 'sha1' | 'sha256'
}

export function encrypted(xml: string, publicKey: KeyObject, options: EncryptionOptions = {}): string {
  const { content = 'aes256-gcm', transport = 'rsa-oaep-mgf1p' } = options
  const { oaepHash = transport === 'rsa-oaep' ? 'sha256' : 'sha1' } = options
  const key = randomBytes(content.startsWith('aes128') ? 16 : 32)
  const isGcm = content.endsWith('gcm')
  const iv = randomBytes(isGcm ? 12 : 16)
  const cipher = createCipheriv(content.replace('aes', 'aes-'), key, iv)
  const sealed = [iv, cipher.update(xml), cipher.final()]
  const body = Buffer.concat(isGcm ? [...sealed, (cipher as CipherGCM).getAuthTag()] : sealed)
  const padding = transport === 'rsa-1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING
  const wrapped = publicEncrypt({ key: publicKey, padding, ...(transport !== 'rsa-1_5' && { oaepHash }) }, key)
  const { encryption, encryption11, signature } = namespaces
  const isSecond = transport === 'rsa-oaep'
  const hash = oaepHash === 'sha1' ? `${signature}sha1` : `${encryption}sha256`
  const mask = { 'xmlns:xenc11': encryption11, Algorithm: `${encryption11}mgf1${oaepHash}` }
  const method = (Algorithm: string, ...inner: readonly string[]) =>
    element('xenc:EncryptionMethod', { Algorithm }, ...inner)
  const value = (bytes: Buffer) =>
    element('xenc:CipherData', {}, element('xenc:CipherValue', {}, bytes.toString('base64')))
  const encryptedKey = element(
    'xenc:EncryptedKey',
    {},
    method(
      `${isSecond ? encryption11 : encryption}${transport}`,
      element('ds:DigestMethod', { Algorithm: hash }),
      isSecond ? element('xenc11:MGF', mask) : '',
    ),
    value(wrapped),
  )
  const data = element(
    'xenc:EncryptedData',
    { 'xmlns:xenc': encryption, Type: `${encryption}Element` },
    method(`${isGcm ? encryption11 : encryption}${content}`),
    element('ds:KeyInfo', { 'xmlns:ds': signature }, encryptedKey),
    value(body),
  )
  return element('saml:EncryptedAssertion', { 'xmlns:saml': namespaces.assertion }, data)
}

export function idpMetadata(facts: {
  readonly entityId: string
  readonly address: string
  readonly certificates: readonly string[]
  readonly validUntil?: Date
  readonly wantsSignedRequests?: boolean
  /** Endpoint for single logout by HTTP-Redirect. */
  readonly logoutAddress?: string
}): string {
  const keys = facts.certificates.map((pem) => {
    const data = element('ds:X509Data', {}, element('ds:X509Certificate', {}, base64Of(pem)))
    return element(
      'md:KeyDescriptor',
      { use: 'signing' },
      element('ds:KeyInfo', { 'xmlns:ds': namespaces.signature }, data),
    )
  })
  const services = [bindings.redirect, bindings.post].map((Binding) =>
    element('md:SingleSignOnService', { Binding, Location: facts.address }),
  )
  const logout = { Binding: bindings.redirect, Location: facts.logoutAddress }
  const role = {
    WantAuthnRequestsSigned: `${facts.wantsSignedRequests ?? false}`,
    protocolSupportEnumeration: namespaces.protocol,
  }
  const { entityId: entityID, validUntil } = facts
  return element(
    'md:EntityDescriptor',
    { 'xmlns:md': namespaces.metadata, ID: newId(), entityID, validUntil },
    element(
      'md:IDPSSODescriptor',
      role,
      ...keys,
      facts.logoutAddress === undefined ? '' : element('md:SingleLogoutService', logout),
      ...services,
    ),
  )
}
