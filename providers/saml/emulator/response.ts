/** Writes responses from arbitrary facts, for the emulator and for attacks. */
import { constants, createCipheriv, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto'
import { base64Of } from '../signature/certificates.ts'
import { bearer, bindings, nameIdFormats, namespaces, statusPrefix } from '../xml/names.ts'

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
  const issuer = changes.issuer ?? null
  return {
    ...{ responseId: newId(), assertionId: newId(), version: '2.0', issuer, responseIssuer: issuer, destination: null },
    ...{
      responseInResponseTo: changes.inResponseTo ?? null,
      inResponseTo: null,
      recipient: null,
      audiences: [],
      issuedAt: now,
    },
    ...{ notBefore: new Date(now.getTime() - 60_000), notOnOrAfter: new Date(now.getTime() + lifeMs) },
    ...{ confirmedNotBefore: null, confirmedUntil: new Date(now.getTime() + lifeMs), confirmationMethod: bearer },
    ...{ sessionUntil: new Date(now.getTime() + 8 * 3600_000), authenticatedAt: now, nameId: null },
    authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    ...{ nameIdFormat: nameIdFormats.persistent, nameQualifier: null, spNameQualifier: null, attributes: {} },
    status: ['Success'],
    ...changes,
  }
}

export function assertionXml(facts: ResponseFacts): string {
  const confirmation = element('saml:SubjectConfirmationData', {
    NotBefore: instant(facts.confirmedNotBefore),
    NotOnOrAfter: instant(facts.confirmedUntil),
    Recipient: facts.recipient,
    InResponseTo: facts.inResponseTo,
  })
  const name =
    facts.nameId === null
      ? ''
      : element(
          'saml:NameID',
          { Format: facts.nameIdFormat, NameQualifier: facts.nameQualifier, SPNameQualifier: facts.spNameQualifier },
          facts.nameId,
        )
  const restrictions = facts.audiences.map((names) =>
    element('saml:AudienceRestriction', {}, names.map((audience) => element('saml:Audience', {}, audience)).join('')),
  )
  const statement = element(
    'saml:AuthnStatement',
    {
      AuthnInstant: instant(facts.authenticatedAt),
      SessionIndex: `${facts.assertionId}-session`,
      SessionNotOnOrAfter: instant(facts.sessionUntil),
    },
    `<saml:AuthnContext><saml:AuthnContextClassRef>${facts.authnContext}</saml:AuthnContextClassRef></saml:AuthnContext>`,
  )
  return element(
    'saml:Assertion',
    {
      'xmlns:saml': namespaces.assertion,
      ID: facts.assertionId,
      Version: facts.version,
      IssueInstant: instant(facts.issuedAt),
    },
    [
      facts.issuer === null ? '' : element('saml:Issuer', {}, facts.issuer),
      `<saml:Subject>${name}<saml:SubjectConfirmation Method="${facts.confirmationMethod}">${confirmation}</saml:SubjectConfirmation></saml:Subject>`,
      element(
        'saml:Conditions',
        { NotBefore: instant(facts.notBefore), NotOnOrAfter: instant(facts.notOnOrAfter) },
        restrictions.join(''),
      ),
      statement,
      statementOf(facts.attributes),
    ].join(''),
  )
}

function statementOf(attributes: ResponseFacts['attributes']): string {
  const entries = Object.entries(attributes).map(([name, values]) => {
    const typed = values.map(
      (value) =>
        `<saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml:AttributeValue>`,
    )
    return element('saml:Attribute', { Name: name }, typed.join(''))
  })
  return entries.length === 0 ? '' : element('saml:AttributeStatement', {}, entries.join(''))
}

/** @param content after the status: assertions, plain or encrypted */
export function responseXml(facts: ResponseFacts, content: string): string {
  const status = facts.status.reduceRight(
    (inner, word) => element('samlp:StatusCode', { Value: statusPrefix + word }, inner),
    '',
  )
  return element(
    'samlp:Response',
    {
      'xmlns:samlp': namespaces.protocol,
      ID: facts.responseId,
      Version: facts.version,
      IssueInstant: instant(facts.issuedAt),
      Destination: facts.destination,
      InResponseTo: facts.responseInResponseTo,
    },
    [
      facts.responseIssuer === null
        ? ''
        : element('saml:Issuer', { 'xmlns:saml': namespaces.assertion }, facts.responseIssuer),
      facts.status.length === 0 ? '' : element('samlp:Status', {}, status),
      content,
    ].join(''),
  )
}

function instant(moment: Date | null): string | null {
  return moment === null ? null : moment.toISOString()
}

function element(name: string, attributes: Readonly<Record<string, string | null>>, content = ''): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === null ? [] : [` ${key}="${value.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;')}"`],
  )
  return `<${name}${written.join('')}>${content}</${name}>`
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
  const iv = randomBytes(content.endsWith('gcm') ? 12 : 16)
  const body = Buffer.concat([
    iv,
    ...(content.endsWith('gcm') ? gcm(content, key, iv, xml) : cbc(content, key, iv, xml)),
  ])
  const padding = transport === 'rsa-1_5' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING
  const wrapped = publicEncrypt({ key: publicKey, padding, ...(transport !== 'rsa-1_5' && { oaepHash }) }, key)
  const hash = oaepHash === 'sha1' ? `${namespaces.signature}sha1` : `${namespaces.encryption}sha256`
  const mask =
    transport === 'rsa-oaep'
      ? `<xenc11:MGF xmlns:xenc11="${namespaces.encryption11}" Algorithm="${namespaces.encryption11}mgf1${oaepHash}"/>`
      : ''
  const method = `${transport === 'rsa-oaep' ? namespaces.encryption11 : namespaces.encryption}${transport}`
  const contentMethod = `${content.endsWith('gcm') ? namespaces.encryption11 : namespaces.encryption}${content}`
  const value = (bytes: Buffer) =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`
  return [
    `<saml:EncryptedAssertion xmlns:saml="${namespaces.assertion}"><xenc:EncryptedData xmlns:xenc="${namespaces.encryption}" Type="${namespaces.encryption}Element">`,
    `<xenc:EncryptionMethod Algorithm="${contentMethod}"/><ds:KeyInfo xmlns:ds="${namespaces.signature}"><xenc:EncryptedKey>`,
    `<xenc:EncryptionMethod Algorithm="${method}"><ds:DigestMethod Algorithm="${hash}"/>${mask}</xenc:EncryptionMethod>${value(wrapped)}`,
    `</xenc:EncryptedKey></ds:KeyInfo>${value(body)}</xenc:EncryptedData></saml:EncryptedAssertion>`,
  ].join('')
}

function gcm(content: string, key: Buffer, iv: Buffer, text: string): readonly Buffer[] {
  const cipher = createCipheriv(content.startsWith('aes128') ? 'aes-128-gcm' : 'aes-256-gcm', key, iv)
  return [cipher.update(text), cipher.final(), cipher.getAuthTag()]
}

function cbc(content: string, key: Buffer, iv: Buffer, text: string): readonly Buffer[] {
  const cipher = createCipheriv(content.startsWith('aes128') ? 'aes-128-cbc' : 'aes-256-cbc', key, iv)
  return [cipher.update(text), cipher.final()]
}

export function idpMetadata(facts: {
  readonly entityId: string
  readonly address: string
  readonly certificates: readonly string[]
  readonly validUntil?: Date
  readonly wantsSignedRequests?: boolean
  /** For single logout by HTTP-Redirect. */
  readonly logoutAddress?: string
}): string {
  const keys = facts.certificates.map(
    (pem) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="${namespaces.signature}"><ds:X509Data><ds:X509Certificate>${base64Of(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  )
  const services = ['HTTP-Redirect', 'HTTP-POST'].map((binding) =>
    element('md:SingleSignOnService', {
      Binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}`,
      Location: facts.address,
    }),
  )
  const logout =
    facts.logoutAddress === undefined
      ? []
      : [element('md:SingleLogoutService', { Binding: bindings.redirect, Location: facts.logoutAddress })]
  return element(
    'md:EntityDescriptor',
    {
      'xmlns:md': namespaces.metadata,
      ID: newId(),
      entityID: facts.entityId,
      validUntil: instant(facts.validUntil ?? null),
    },
    element(
      'md:IDPSSODescriptor',
      {
        WantAuthnRequestsSigned: `${facts.wantsSignedRequests ?? false}`,
        protocolSupportEnumeration: namespaces.protocol,
      },
      [...keys, ...logout, ...services].join(''),
    ),
  )
}
