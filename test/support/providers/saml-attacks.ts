/** The attacks of the catalogue (security.md 1.3) on a SAML login, each as the answer it makes of an honest one. */
import { createHmac, createSign } from 'node:crypto'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { assertionSigned, bothSigned, type Config, type Keys, piece, responseSigned } from './saml-forge.ts'

export interface Attack {
  readonly id: string
  readonly name: string
  readonly forge: (facts: ResponseFacts, keys: Keys) => string | Buffer
  readonly check: string
  /** Default callback_invalid. */
  readonly code?: ErrorCode
  readonly config?: (keys: Keys) => Config
}

type Forge = Attack['forge']

const attack = (id: string, name: string, check: string, forge: Forge, more: Partial<Attack> = {}): Attack => ({
  ...{ id, name, check, forge },
  ...more,
})
/** A connection that pins a key on a curve beside the RSA key. */
const byCurve: Partial<Attack> = {
  config: ({ idp, curves }) => ({ certificates: [idp.certificate, curves['P-256'].certificate] }),
}
const unreadable = { code: 'callback_malformed' } as const

/** The honest answer, its assertion signed, changed as text. */
const changed =
  (change: (xml: string, facts: ResponseFacts, keys: Keys) => string): Forge =>
  (facts, keys) =>
    change(assertionSigned(facts, keys.idp), facts, keys)

/** The honest answer with other facts, signed by the IdP itself. */
const stated =
  (changes: (facts: ResponseFacts) => Partial<ResponseFacts>): Forge =>
  (facts, keys) =>
    assertionSigned({ ...facts, ...changes(facts) }, keys.idp)

const signature = (xml: string) => piece(xml, 'Signature')
const evil = (facts: ResponseFacts, id = '_evil') =>
  assertionXml({ ...facts, assertionId: id, nameId: 'victim', attributes: { email: ['victim@acme.test'] } })
const evilResponse = (facts: ResponseFacts, inside = '') =>
  responseXml({ ...facts, responseId: '_evil-response' }, evil(facts) + inside)
const into = (xml: string, endSession: string, more: string) => {
  const at = xml.lastIndexOf(endSession)
  return xml.slice(0, at) + more + xml.slice(at)
}
const behindIssuer = (assertion: string, more: string) => assertion.replace('</saml:Issuer>', `</saml:Issuer>${more}`)
const past = (seconds: number) => new Date(Date.now() - seconds * 1000)
const future = (seconds: number) => new Date(Date.now() + seconds * 1000)

const rsaSha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1'

/** A SignedInfo changed and signed anew: by HMAC with the certificate as its key. */
function hmacSigned(facts: ResponseFacts, { idp }: Keys): string {
  const algorithm = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'
  const xml = assertionSigned(facts, idp).replace(
    /SignatureMethod Algorithm="[^"]+"/,
    `SignatureMethod Algorithm="${algorithm}"`,
  )
  const info = piece(xml, 'SignedInfo').replace(
    '<ds:SignedInfo',
    '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
  )
  const value = createHmac('sha256', idp.certificate).update(info).digest('base64')
  return xml.replace(/(<ds:SignatureValue>)[^<]+/, `$1${value}`)
}

/** A SignedInfo changed and signed anew by the stranger, as if he had been asked. */
function resigned(xml: string, { stranger }: Keys): string {
  const info = piece(xml, 'SignedInfo').replace(
    '<ds:SignedInfo',
    '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"',
  )
  return xml.replace(
    /(<ds:SignatureValue>)[^<]+/,
    `$1${createSign('sha256').update(info).sign(stranger.privateKey, 'base64')}`,
  )
}

export const signatureAttacks: readonly Attack[] = [
  attack('SA-01', 'no signature at all', 'signature of the Assertion', (facts) =>
    responseXml(facts, assertionXml(facts)),
  ),
  attack(
    'SA-01',
    'no signature, where the response has to be signed',
    'signature of the Response',
    (facts, { idp }) => assertionSigned(facts, idp),
    { config: () => ({ signed: 'response' }) },
  ),
  attack(
    'SA-01',
    'only the response signed, where the assertion has to be',
    'signature of the Assertion',
    (facts, { idp }) => responseSigned(facts, idp),
    { config: () => ({ signed: 'assertion' }) },
  ),
  attack(
    'SA-01',
    'only the assertion signed, where both have to be',
    'signature of the Response',
    (facts, { idp }) => assertionSigned(facts, idp),
    { config: () => ({ signed: 'both' }) },
  ),
  attack(
    'SA-02',
    'the signature stripped',
    'signature of the Assertion',
    changed((xml) => xml.replace(signature(xml), '')),
  ),
  attack(
    'SA-03',
    'the signature value emptied',
    'signature value',
    changed((xml) => xml.replace(/(<ds:SignatureValue>)[^<]+/, '$1')),
  ),
  attack(
    'SA-04',
    'an empty signature element',
    'layout of the signature',
    changed((xml) => xml.replace(signature(xml), '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>')),
  ),
  attack(
    'SA-05',
    'the name changed',
    'digest of the Assertion',
    changed((xml) => xml.replace('>ada<', '>victim<')),
  ),
  attack(
    'SA-06',
    'an attribute changed',
    'digest of the Assertion',
    changed((xml) => xml.replace(/SessionIndex="[^"]+"/, 'SessionIndex="x"')),
  ),
  attack('SA-07', 'the name changed under a signed response', 'digest of the Response', (facts, { idp }) =>
    responseSigned(facts, idp).replace('>ada<', '>victim<'),
  ),
  attack(
    'SA-07',
    'the response changed under its signature, the assertion not',
    'digest of the Response',
    (facts, { idp }) => bothSigned(facts, idp).replace('<samlp:Status>', '<samlp:Status A="">'),
  ),
  attack(
    'SA-08',
    'the digest changed with the name',
    'signature of the Assertion',
    changed((xml) => xml.replace('>ada<', '>victim<').replace(/(<ds:DigestValue>)[^<]+/, '$1AAAA')),
  ),
  attack('SA-09', 'a stranger’s key, with his certificate', 'signature of the Assertion', (facts, { stranger }) =>
    assertionSigned(facts, stranger),
  ),
  attack('SA-09', 'a stranger’s key over response and assertion', 'signature of the Response', (facts, { stranger }) =>
    bothSigned(facts, stranger),
  ),
  attack(
    'SA-10',
    'a stranger’s key, with the certificate of the IdP',
    'signature of the Assertion',
    (facts, { idp, stranger }) => assertionSigned(facts, { ...stranger, certificate: idp.certificate }),
  ),
  attack('SA-11', 'HMAC with the certificate as key', 'signature algorithm', hmacSigned),
  attack('SA-12', 'RSA with SHA-1', 'signature algorithm', (facts, { idp }) =>
    assertionSigned(facts, idp, { signatureAlgorithm: rsaSha1 }),
  ),
  attack('SA-12', 'a SHA-1 digest', 'digest algorithm', (facts, { idp }) =>
    assertionSigned(facts, idp, { digestAlgorithm: sha1 }),
  ),
  attack(
    'SA-12',
    'ECDSA by a key that is not pinned',
    'signature of the Assertion',
    (facts, { curves }) => assertionSigned(facts, curves['P-384']),
    byCurve,
  ),
  attack(
    'SA-12',
    'a signature by RSA that calls itself ECDSA',
    'signature of the Assertion',
    changed((xml) => xml.replace('xmldsig-more#rsa-sha256', 'xmldsig-more#ecdsa-sha256')),
    byCurve,
  ),
  attack(
    'SA-12',
    'a signature by ECDSA that calls itself RSA',
    'signature of the Assertion',
    (facts, { curves }) =>
      assertionSigned(facts, curves['P-256']).replace('xmldsig-more#ecdsa-sha256', 'xmldsig-more#rsa-sha256'),
    byCurve,
  ),
  ...(['', 'AAAA', 'A'.repeat(88), 'A'.repeat(4000)] as const).map((value) =>
    attack(
      'SA-12',
      `a signature by ECDSA of ${value.length} characters`,
      value === '' ? 'signature value' : 'signature of the Assertion',
      (facts, { curves }) =>
        assertionSigned(facts, curves['P-256']).replace(/(<ds:SignatureValue>)[^<]+/, `$1${value}`),
      byCurve,
    ),
  ),
  attack(
    'SA-12',
    'ECDSA with SHA-1',
    'signature algorithm',
    (facts, { curves }) =>
      assertionSigned(facts, curves['P-256']).replace('xmldsig-more#ecdsa-sha256', 'xmldsig-more#ecdsa-sha1'),
    byCurve,
  ),
  attack(
    'SA-12',
    'RSA with MD5',
    'signature algorithm',
    changed((xml) => xml.replace(/xmldsig-more#rsa-sha256/, 'xmldsig-more#rsa-md5')),
  ),
  attack(
    'SA-13',
    'no Reference',
    'Reference of the signature',
    changed((xml) => xml.replace(piece(xml, 'Reference'), '')),
  ),
  attack(
    'SA-13',
    'two References',
    'Reference of the signature',
    changed((xml) => xml.replace(piece(xml, 'Reference'), `${piece(xml, 'Reference')}${piece(xml, 'Reference')}`)),
  ),
  attack(
    'SA-14',
    'a Reference to the whole document',
    'reference of the signature',
    changed((xml) => xml.replace(/URI="[^"]+"/, 'URI=""')),
  ),
  attack(
    'SA-14',
    'a Reference to another element',
    'reference of the signature',
    changed((xml) => xml.replace(/URI="[^"]+"/, 'URI="#_other"')),
  ),
  attack(
    'SA-15',
    'two SignedInfo',
    'layout of the signature',
    changed((xml) => xml.replace(piece(xml, 'SignedInfo'), `${piece(xml, 'SignedInfo')}${piece(xml, 'SignedInfo')}`)),
  ),
  attack(
    'SA-16',
    'a comment in the digest',
    'comments',
    changed((xml) => xml.replace('<ds:DigestValue>', '<ds:DigestValue><!-- AAAA -->')),
    unreadable,
  ),
  attack(
    'SA-16',
    'a second digest',
    'DigestValue of the signature',
    changed((xml) => xml.replace('<ds:DigestValue>', '<ds:DigestValue>AAAA</ds:DigestValue><ds:DigestValue>')),
  ),
  attack(
    'SA-17',
    'an XSLT transform',
    'transforms of the signature',
    changed((xml) =>
      xml.replace(
        /Transform Algorithm="[^"]+enveloped-signature"/,
        'Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"',
      ),
    ),
  ),
  attack(
    'SA-17',
    'an XPath transform more',
    'transforms of the signature',
    changed((xml) =>
      xml.replace(
        '</ds:Transforms>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>/</ds:XPath></ds:Transform></ds:Transforms>',
      ),
    ),
  ),
  attack(
    'SA-17',
    'something within a transform',
    'transforms of the signature',
    changed((xml) =>
      xml.replace(
        /(<ds:Transform Algorithm="[^"]+enveloped-signature")\/>/,
        '$1><ds:XPath>/</ds:XPath></ds:Transform>',
      ),
    ),
  ),
  attack('SA-18', 'a canonicalisation nobody knows, over nothing', 'canonicalisation', (facts, keys) =>
    resigned(
      assertionSigned(facts, keys.idp)
        .replace(/CanonicalizationMethod Algorithm="[^"]+"/, 'CanonicalizationMethod Algorithm="urn:void"')
        .replace(/(<ds:DigestValue>)[^<]+/, '$147DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='),
      keys,
    ),
  ),
  attack(
    'SA-18',
    'another canonicalization than was signed',
    'signature of the Assertion',
    changed((xml) =>
      xml.replace(
        /CanonicalizationMethod Algorithm="[^"]+"/,
        'CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"',
      ),
    ),
  ),
]

/** XSW 1 to 8 as SAML Raider numbers them, and more of their kind. */
export const wrappingAttacks: readonly Attack[] = [
  attack(
    'SA-19',
    'XSW 1: the signed response inside the signature of a forged one',
    'place of Response',
    (facts, { idp }) => {
      const honest = responseSigned(facts, idp)
      return into(evilResponse(facts, signature(honest)), '</ds:Signature>', honest.replace(signature(honest), ''))
    },
  ),
  attack(
    'SA-20',
    'XSW 2: the signed response before the signature of a forged one',
    'parts of the Response',
    (facts, { idp }) => {
      const honest = responseSigned(facts, idp)
      return evilResponse(facts, honest.replace(signature(honest), '') + signature(honest))
    },
  ),
  attack('SA-21', 'XSW 3: a forged assertion before the signed one', 'Assertion elements', (facts, { idp }) =>
    responseXml(facts, evil(facts) + signed(assertionXml(facts), 'Assertion', idp)),
  ),
  attack('SA-22', 'XSW 4: the signed assertion inside a forged one', 'place of Assertion', (facts, { idp }) =>
    responseXml(facts, into(evil(facts), '</saml:Assertion>', signed(assertionXml(facts), 'Assertion', idp))),
  ),
  attack(
    'SA-23',
    'XSW 5: the signature in a forged assertion, the signed one behind it',
    'Assertion elements',
    (facts, { idp }) => {
      const honest = signed(assertionXml(facts), 'Assertion', idp)
      return responseXml(facts, behindIssuer(evil(facts), signature(honest)) + honest.replace(signature(honest), ''))
    },
  ),
  attack(
    'SA-24',
    'XSW 6: the signed assertion inside its signature inside a forged one',
    'place of Assertion',
    (facts, { idp }) => {
      const honest = signed(assertionXml(facts), 'Assertion', idp)
      const wrapped = into(signature(honest), '</ds:Signature>', honest.replace(signature(honest), ''))
      return responseXml(facts, behindIssuer(evil(facts), wrapped))
    },
  ),
  attack('SA-25', 'XSW 7: a forged assertion in Extensions', 'place of Assertion', (facts, { idp }) => {
    const honest = signed(assertionXml(facts), 'Assertion', idp)
    return responseXml(facts, `<samlp:Extensions>${evil(facts, facts.assertionId)}</samlp:Extensions>${honest}`)
  }),
  attack(
    'SA-26',
    'XSW 8: the signed assertion in an Object of the signature of a forged one',
    'place of Object',
    (facts, { idp }) => {
      const honest = signed(assertionXml(facts), 'Assertion', idp)
      const object = `<ds:Object>${honest.replace(signature(honest), '')}</ds:Object>`
      return responseXml(
        facts,
        behindIssuer(evil(facts, facts.assertionId), into(signature(honest), '</ds:Signature>', object)),
      )
    },
  ),
  attack('SA-27', 'a forged assertion last', 'Assertion elements', (facts, { idp }) =>
    responseXml(facts, signed(assertionXml(facts), 'Assertion', idp) + evil(facts)),
  ),
  attack(
    'SA-28',
    'a forged element of the same ID',
    'ids',
    changed((xml, facts) => xml.replace('<samlp:Status>', `<samlp:Status ID="${facts.assertionId}">`)),
  ),
  attack(
    'SA-29',
    'a forged assertion in StatusDetail',
    'place of Assertion',
    changed((xml, facts) =>
      xml.replace('</samlp:Status>', `<samlp:StatusDetail>${evil(facts)}</samlp:StatusDetail></samlp:Status>`),
    ),
  ),
  attack('SA-30', 'the signed assertion in the Advice of a forged one', 'place of Assertion', (facts, { idp }) =>
    responseXml(
      facts,
      into(
        evil(facts),
        '</saml:Assertion>',
        `<saml:Advice>${signed(assertionXml(facts), 'Assertion', idp)}</saml:Advice>`,
      ),
    ),
  ),
  attack('SA-31', 'a genuine signature around a forged assertion', 'reference of the signature', (facts, { idp }) =>
    responseXml(facts, behindIssuer(evil(facts), signature(signed(assertionXml(facts), 'Assertion', idp)))),
  ),
  attack('SA-32', 'a forged assertion in a signed error response', 'digest of the Response', (facts, { idp }) => {
    const refusal = signed(responseXml({ ...facts, status: ['Responder'] }, ''), 'Response', idp)
    return into(refusal, '</samlp:Response>', evil(facts)).replace('status:Responder', 'status:Success')
  }),
  attack(
    'SA-33',
    'the signature of an error response on a forged assertion',
    'reference of the signature',
    (facts, { idp }) => {
      const refusal = signed(responseXml({ ...facts, status: ['Responder'] }, ''), 'Response', idp)
      return responseXml({ ...facts, responseId: '_other' }, behindIssuer(evil(facts), signature(refusal)))
    },
  ),
  attack(
    'SA-34',
    'an element with two ids',
    'ids of an element',
    changed((xml) => xml.replace('<saml:Assertion ', '<saml:Assertion Id="_other" ')),
  ),
  attack(
    'SA-34',
    'an id in another namespace',
    'ids of an element',
    changed((xml) => xml.replace('<saml:Assertion ', '<saml:Assertion xmlns:x="urn:x" x:ID="_other" ')),
  ),
  attack(
    'SA-34',
    'an attribute twice under two prefixes',
    'XML',
    changed((xml) => xml.replace('<saml:Assertion ', '<saml:Assertion xmlns:x="urn:x" xmlns:y="urn:x" x:a="" y:a="" ')),
    unreadable,
  ),
  attack(
    'SA-35',
    'an id by a document type',
    'document type',
    changed((xml) => `<!DOCTYPE r [<!ATTLIST Assertion Foo ID #IMPLIED>]>${xml}`),
    unreadable,
  ),
  attack(
    'SA-36',
    'a second signature of another namespace',
    'place of Signature',
    changed((xml) => xml.replace('</saml:Issuer><ds:Sig', '</saml:Issuer><Signature xmlns="urn:x"/><ds:Sig')),
  ),
  attack(
    'SA-36',
    'two signatures in one element',
    'signatures in the Assertion',
    changed((xml) => xml.replace(signature(xml), signature(xml) + signature(xml))),
  ),
  attack(
    'SA-36',
    'an assertion of another namespace before the signed one',
    'Assertion elements',
    changed((xml) => xml.replace('</samlp:Status>', '</samlp:Status><Assertion xmlns="urn:x"/>')),
  ),
]

export const readingAttacks: readonly Attack[] = [
  attack(
    'SA-37',
    'a comment in the name, before signing',
    'comments',
    stated(() => ({ nameId: 'victim<!-- -->.evil' })),
    unreadable,
  ),
  attack(
    'SA-38',
    'a comment in the name, after signing',
    'comments',
    changed((xml) => xml.replace('>ada<', '>a<!-- -->da<')),
    unreadable,
  ),
  attack(
    'SA-39',
    'a processing instruction in the name',
    'processing instructions',
    stated(() => ({ nameId: 'victim<?x y?>.evil' })),
    unreadable,
  ),
  attack(
    'SA-40',
    'CDATA in the name',
    'CDATA sections',
    changed((xml) => xml.replace('>ada<', '><![CDATA[ada]]><')),
    unreadable,
  ),
  attack(
    'SA-41',
    'an element in the name',
    'NameID',
    stated(() => ({ nameId: 'victim<b/>.evil' })),
  ),
  attack(
    'SA-41',
    'two names',
    'NameID',
    stated(() => ({ nameId: 'ada</saml:NameID><saml:NameID>victim' })),
  ),
  attack(
    'SA-41',
    'an empty name',
    'NameID',
    stated(() => ({ nameId: ' ' })),
  ),
  attack(
    'SA-43',
    'a document type',
    'document type',
    changed((xml) => `<!DOCTYPE samlp:Response>${xml}`),
    unreadable,
  ),
  attack(
    'SA-44',
    'an entity that is a file',
    'document type',
    changed(
      (xml) =>
        `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${xml.replace('>ada<', '>&x;<')}`,
    ),
    unreadable,
  ),
  attack(
    'SA-45',
    'an entity that is an address',
    'document type',
    changed((xml) => `<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/canary">]>${xml.replace('>ada<', '>&x;<')}`),
    unreadable,
  ),
  attack(
    'SA-46',
    'a parameter entity',
    'document type',
    changed((xml) => `<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/canary"> %x;]>${xml}`),
    unreadable,
  ),
  attack(
    'SA-47',
    'a billion laughs',
    'document type',
    changed((xml) => `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>${xml.replace('>ada<', '>&b;<')}`),
    unreadable,
  ),
  attack(
    'SA-48',
    'a quadratic blow-up',
    'document type',
    changed(
      (xml) => `<!DOCTYPE r [<!ENTITY a "${'x'.repeat(50_000)}">]>${xml.replace('>ada<', `>${'&a;'.repeat(1000)}<`)}`,
    ),
    unreadable,
  ),
  attack(
    'SA-48',
    'an entity nobody declared',
    'XML',
    changed((xml) => xml.replace('>ada<', '>&x;<')),
    unreadable,
  ),
  attack(
    'SA-49',
    '20 000 elements deep',
    'depth',
    changed((xml) => into(xml, '</samlp:Response>', `${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}`)),
    unreadable,
  ),
  attack(
    'SA-50',
    '50 000 attributes',
    'attributes of one element',
    changed((xml) =>
      xml.replace('<samlp:Status>', `<samlp:Status ${Array.from({ length: 10_000 }, (_, n) => `a${n}=""`).join(' ')}>`),
    ),
    unreadable,
  ),
  attack(
    'SA-50',
    'many elements',
    'elements',
    changed((xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(20_000)}`)),
    unreadable,
  ),
  attack(
    'SA-50',
    'many attributes on many elements',
    'attributes',
    changed((xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a b="" c="" d="" e=""/>'.repeat(2000)}`)),
    unreadable,
  ),
  attack(
    'SA-50',
    'much that no signature covers',
    'unsigned part of the response',
    changed((xml) => xml.replace('<samlp:Status>', `<samlp:Status>${'<a/>'.repeat(1000)}`)),
  ),
  attack(
    'SA-51',
    '500 signatures',
    'size',
    changed((xml) => into(xml, '</samlp:Response>', signature(xml).repeat(500))),
    unreadable,
  ),
  attack(
    'SA-51',
    '20 signatures',
    'Signature elements',
    changed((xml) => into(xml, '</samlp:Response>', signature(xml).repeat(20))),
  ),
  attack(
    'SA-52',
    '8 MB',
    'size',
    changed((xml) => into(xml, '</samlp:Response>', ' '.repeat(8_000_000))),
    unreadable,
  ),
  attack(
    'SA-53',
    'UTF-16',
    'characters',
    (facts, { idp }) => Buffer.from(`\uFEFF${assertionSigned(facts, idp)}`, 'utf16le'),
    unreadable,
  ),
  attack(
    'SA-53',
    'another encoding declared',
    'encoding',
    changed((xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`),
    unreadable,
  ),
  attack(
    'SA-54',
    'two roots',
    'root elements',
    changed((xml) => `${xml}<x/>`),
    unreadable,
  ),
  attack(
    'SA-54',
    'text behind the root',
    'XML',
    changed((xml) => `${xml}x`),
    unreadable,
  ),
  attack('SA-54', 'no XML', 'XML', () => 'hello', unreadable),
  attack('SA-54', 'nothing', 'SAMLResponse', () => '', unreadable),
  attack('SA-54', 'a web page', 'document type', () => '<!doctype html><html></html>', unreadable),
]

export const contentAttacks: readonly Attack[] = [
  attack(
    'SA-55',
    'another issuer of the assertion',
    'issuer of the assertion',
    stated(() => ({ issuer: 'https://evil.example' })),
  ),
  attack(
    'SA-55',
    'no issuer of the assertion',
    'issuer of the assertion',
    stated(() => ({ issuer: null })),
  ),
  attack(
    'SA-56',
    'another issuer of the response',
    'issuer of the response',
    stated(() => ({ responseIssuer: 'https://evil.example' })),
  ),
  attack(
    'SA-56',
    'an element in the issuer',
    'issuer of the assertion',
    stated(({ issuer }) => ({ issuer: `${issuer}<b/>` })),
  ),
  attack(
    'SA-57',
    'another audience',
    'audience',
    stated(() => ({ audiences: [['https://other.example']] })),
  ),
  attack(
    'SA-58',
    'no audience',
    'audience',
    stated(() => ({ audiences: [] })),
  ),
  attack(
    'SA-59',
    'us and somebody else, both demanded',
    'audience',
    stated(({ audiences }) => ({ audiences: [...audiences, ['https://other.example']] })),
  ),
  attack(
    'SA-60',
    'an audience that begins like us',
    'audience',
    stated(({ audiences }) => ({ audiences: [[`${audiences[0]?.[0]}/more`]] })),
  ),
  attack(
    'SA-60',
    'another tenant’s audience',
    'audience',
    stated(() => ({ audiences: [['https://gatehouse.test/t/other/gate/metadata']] })),
  ),
  attack(
    'SA-61',
    'another recipient',
    'Recipient',
    stated(() => ({ recipient: 'https://gatehouse.test/t/other/gate/callback' })),
  ),
  attack(
    'SA-62',
    'no recipient',
    'Recipient',
    stated(() => ({ recipient: null })),
  ),
  attack(
    'SA-63',
    'another Destination',
    'Destination',
    stated(() => ({ destination: 'https://gatehouse.test/t/other/gate/callback' })),
  ),
  attack(
    'SA-64',
    'no Destination in an unsigned response, and an assertion for another Recipient',
    'Recipient',
    (facts, { idp }) => assertionSigned({ ...facts, destination: null, recipient: 'https://other.test/acs' }, idp),
  ),
  attack('SA-64', 'no Destination in a signed response', 'Destination', (facts, { idp }) =>
    responseSigned({ ...facts, destination: null }, idp),
  ),
  attack(
    'SA-65',
    'the answer to another request',
    'InResponseTo',
    stated(() => ({ inResponseTo: '_other', responseInResponseTo: null })),
  ),
  attack(
    'SA-66',
    'an answer nobody asked for',
    'InResponseTo',
    stated(() => ({ inResponseTo: null, responseInResponseTo: null })),
  ),
  attack(
    'SA-66',
    'an answer nobody asked for, where the tenant welcomes it',
    'InResponseTo',
    stated(() => ({ inResponseTo: null, responseInResponseTo: null })),
    { config: () => ({ allowIdpInitiated: true }) },
  ),
  attack(
    'SA-67',
    'an answer nobody asked for, relabelled outside',
    'InResponseTo',
    stated(() => ({ inResponseTo: null })),
  ),
  attack(
    'SA-68',
    'the answer to another request, outside',
    'InResponseTo of the response',
    stated(() => ({ responseInResponseTo: '_other' })),
  ),
  attack(
    'SA-69',
    'expired',
    'NotOnOrAfter of the Conditions',
    stated(() => ({ notOnOrAfter: past(70) })),
  ),
  attack(
    'SA-69',
    'issued an hour ago',
    'IssueInstant',
    stated(() => ({ issuedAt: past(3600) })),
  ),
  attack(
    'SA-69',
    'issued in the future',
    'IssueInstant',
    stated(() => ({ issuedAt: future(120) })),
  ),
  attack(
    'SA-70',
    'not yet valid',
    'NotBefore of the Conditions',
    stated(() => ({ notBefore: future(70) })),
  ),
  attack(
    'SA-71',
    'its confirmation expired',
    'NotOnOrAfter of the subject confirmation',
    stated(() => ({ confirmedUntil: past(70) })),
  ),
  attack(
    'SA-72',
    'its confirmation without an end',
    'NotOnOrAfter of the subject confirmation',
    stated(() => ({ confirmedUntil: null })),
  ),
  attack(
    'SA-73',
    'its confirmation with a beginning ahead',
    'NotBefore of the subject confirmation',
    stated(() => ({ confirmedNotBefore: future(70) })),
  ),
  attack('SA-74', 'no confirmation', 'method of the subject confirmation', (facts, { idp }) => {
    const bare = assertionXml(facts)
    return responseXml(facts, signed(bare.replace(piece(bare, 'SubjectConfirmation'), ''), 'Assertion', idp))
  }),
  attack('SA-75', 'an empty confirmation', 'Recipient', (facts, { idp }) =>
    responseXml(
      facts,
      signed(
        assertionXml(facts).replace(/<saml:SubjectConfirmationData[\s\S]*<\/saml:SubjectConfirmationData>/, ''),
        'Assertion',
        idp,
      ),
    ),
  ),
  attack(
    'SA-76',
    'holder of key',
    'method of the subject confirmation',
    stated(() => ({ confirmationMethod: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' })),
  ),
  attack(
    'SA-77',
    'a session that has ended',
    'SessionNotOnOrAfter',
    stated(() => ({ sessionUntil: past(70) })),
  ),
  attack('SA-77', 'no Conditions', 'Conditions of the Assertion', (facts, { idp }) => {
    const bare = assertionXml(facts)
    return responseXml(facts, signed(bare.replace(piece(bare, 'Conditions'), ''), 'Assertion', idp))
  }),
  attack('SA-77', 'a condition nobody knows', 'Conditions', (facts, { idp }) =>
    responseXml(facts, signed(into(assertionXml(facts), '</saml:Conditions>', '<saml:Condition/>'), 'Assertion', idp)),
  ),
  attack('SA-77', 'a time that is none', 'NotOnOrAfter of the Conditions', (facts, { idp }) =>
    responseXml(
      facts,
      signed(assertionXml(facts).replace(/(Conditions [^>]*NotOnOrAfter=")[^"]+/, '$1tomorrow'), 'Assertion', idp),
    ),
  ),
  attack(
    'SA-78',
    'status Responder with an assertion',
    'status',
    stated(() => ({ status: ['Responder'] })),
  ),
  attack(
    'SA-78',
    'no status',
    'status',
    stated(() => ({ status: [] })),
  ),
  attack(
    'SA-78',
    'status Responder without an assertion',
    'status',
    (facts) => responseXml({ ...facts, status: ['Responder'] }, ''),
    { code: 'sign_in_refused' },
  ),
  attack(
    'SA-78',
    'the person said no',
    'status',
    (facts) => responseXml({ ...facts, status: ['Responder', 'AuthnFailed'] }, ''),
    { code: 'user_denied' },
  ),
  attack(
    'SA-78',
    'the request was denied',
    'status',
    (facts) => responseXml({ ...facts, status: ['Responder', 'RequestDenied'] }, ''),
    { code: 'user_denied' },
  ),
  attack(
    'SA-79',
    'version 1.1',
    'version of the response',
    stated(() => ({ version: '1.1' })),
  ),
  attack('SA-80', 'success without an assertion', 'assertion', (facts) => responseXml(facts, '')),
  attack('SA-80', 'an unsigned success without an assertion, the response signed', 'assertion', (facts, { idp }) =>
    signed(responseXml(facts, ''), 'Response', idp),
  ),
  attack('SA-81', 'a LogoutResponse', 'message', (facts, { idp }) =>
    assertionSigned(facts, idp).replaceAll('samlp:Response', 'samlp:LogoutResponse'),
  ),
  attack('SA-81', 'a bare assertion', 'message', (facts, { idp }) => signed(assertionXml(facts), 'Assertion', idp)),
  attack('SA-82', 'two signed assertions', 'Assertion elements', (facts, { idp }) =>
    responseXml(
      facts,
      [facts, { ...facts, assertionId: '_two' }].map((one) => signed(assertionXml(one), 'Assertion', idp)).join(''),
    ),
  ),
  attack(
    'SA-82',
    'a name that changes every time',
    'format of the NameID',
    stated(() => ({ nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' })),
  ),
  attack(
    'SA-82',
    'no name',
    'NameID',
    stated(() => ({ nameId: null })),
  ),
  attack(
    'SA-82',
    'a name for another service',
    'SPNameQualifier of the NameID',
    stated(() => ({ spNameQualifier: 'https://other.example' })),
  ),
  attack('SA-82', 'no statement of a sign-in', 'AuthnStatement of the Assertion', (facts, { idp }) => {
    const bare = assertionXml(facts)
    return responseXml(facts, signed(bare.replace(piece(bare, 'AuthnStatement'), ''), 'Assertion', idp))
  }),
  attack('SA-82', 'a weaker sign-in than demanded', 'AuthnContext', (facts, { idp }) => assertionSigned(facts, idp), {
    config: () => ({ requiredAuthnContext: ['urn:oasis:names:tc:SAML:2.0:ac:classes:X509'] }),
  }),
]

const withKey = ({ ours }: Keys): Config => ({
  privateKey: ours.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  certificate: ours.certificate,
})
const keyed = { config: withKey }

const sealed =
  (
    options: Parameters<typeof encrypted>[2],
    inside: (facts: ResponseFacts, keys: Keys) => string = (facts, { idp }) =>
      signed(assertionXml(facts), 'Assertion', idp),
    change: (xml: string) => string = (xml) => xml,
  ): Forge =>
  (facts, keys) =>
    change(responseXml(facts, encrypted(inside(facts, keys), keys.ours.publicKey, options)))

/** The last cipher value, its bytes changed. */
const flipped = (at: number) => (xml: string) => {
  const values = [...xml.matchAll(/<xenc:CipherValue>([^<]+)/g)]
  const value = values.at(-1)?.[1] ?? ''
  const bytes = Buffer.from(value, 'base64')
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = (bytes[place] ?? 0) ^ 1
  return xml.replace(value, bytes.toString('base64'))
}

export const encryptionAttacks: readonly Attack[] = [
  attack('SA-88', 'key transport by PKCS#1 v1.5', 'key transport algorithm', sealed({ transport: 'rsa-1_5' }), keyed),
  attack(
    'SA-88',
    '3DES',
    'encryption algorithm',
    sealed({}, undefined, (xml) => xml.replace(/xmlenc11#aes256-gcm/, 'xmlenc#tripledes-cbc')),
    keyed,
  ),
  attack('SA-88', 'an unsigned assertion inside', 'encrypted assertion', sealed({}, assertionXml), keyed),
  attack(
    'SA-88',
    'an unsigned assertion inside AES-CBC',
    'encrypted assertion',
    sealed({ content: 'aes128-cbc' }, assertionXml),
    keyed,
  ),
  attack(
    'SA-88',
    'an assertion of a stranger inside',
    'encrypted assertion',
    sealed({}, (facts, { stranger }) => signed(assertionXml(facts), 'Assertion', stranger)),
    keyed,
  ),
  attack(
    'SA-88',
    'a CBC block changed',
    'encrypted assertion',
    sealed({ content: 'aes256-cbc' }, undefined, flipped(40)),
    keyed,
  ),
  attack(
    'SA-88',
    'the CBC padding changed',
    'encrypted assertion',
    sealed({ content: 'aes256-cbc' }, undefined, flipped(-17)),
    keyed,
  ),
  attack(
    'SA-88',
    'the last CBC block changed',
    'encrypted assertion',
    sealed({ content: 'aes256-cbc' }, undefined, flipped(-1)),
    keyed,
  ),
  attack('SA-88', 'the GCM tag changed', 'encrypted assertion', sealed({}, undefined, flipped(-1)), keyed),
  attack(
    'SA-88',
    'the wrapped key changed',
    'encrypted assertion',
    (facts, keys) =>
      responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', keys.idp), keys.stranger.publicKey)),
    keyed,
  ),
  attack(
    'SA-88',
    'a document type inside',
    'encrypted assertion',
    sealed({}, (facts, { idp }) => `<!DOCTYPE a>${signed(assertionXml(facts), 'Assertion', idp)}`),
    keyed,
  ),
  attack(
    'SA-88',
    'a comment in the name inside',
    'encrypted assertion',
    sealed({}, (facts, { idp }) => signed(assertionXml({ ...facts, nameId: 'a<!-- -->da' }), 'Assertion', idp)),
    keyed,
  ),
  attack(
    'SA-88',
    'SHA-1 inside',
    'encrypted assertion',
    sealed({}, (facts, { idp }) => signed(assertionXml(facts), 'Assertion', idp, { signatureAlgorithm: rsaSha1 })),
    keyed,
  ),
  attack(
    'SA-88',
    'text that breaks out of its place',
    'encrypted assertion',
    sealed({}, (facts) => `${assertionXml(facts)}</samlp:Response><samlp:Response>`),
    keyed,
  ),
  attack(
    'SA-88',
    'a plain assertion beside the encrypted one',
    'assertions',
    (facts, { idp, ours }) =>
      responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', idp), ours.publicKey) + evil(facts)),
    keyed,
  ),
  attack(
    'SA-88',
    'a response changed after it was signed',
    'digest of the Response',
    (facts, keys) =>
      signed(sealed({})(facts, keys).toString(), 'Response', keys.idp).replace(
        'status:Success"',
        'status:Success" A=""',
      ),
    keyed,
  ),
  attack('SA-88', 'an encrypted assertion for a connection without a key', 'encrypted assertion', sealed({})),
]

const signedAround = (xml: string, { idp }: Keys) => signed(xml, 'Response', idp)
const sealedByAnyone = (facts: ResponseFacts, { ours }: Keys, xml = evil(facts)) => encrypted(xml, ours.publicKey)
/** The form of K2: the response signed, its assertion encrypted and not signed itself. */
const onlyAround: Forge = (facts, keys) => signedAround(String(sealed({}, assertionXml)(facts, keys)), keys)
const only =
  (signedPart: 'assertion' | 'response' | 'both') =>
  (keys: Keys): Config => ({ ...withKey(keys), signed: signedPart })
const sealedPiece = (xml: string) => piece(xml, 'EncryptedAssertion')

/** What an attacker can do who sees a signed response with an encrypted assertion, and knows our certificate. */
export const sealedResponseAttacks: readonly Attack[] = [
  attack(
    'SA-90',
    'an encrypted assertion that nobody signed, in an unsigned response',
    'encrypted assertion',
    (facts, keys) => responseXml(facts, sealedByAnyone(facts, keys)),
    keyed,
  ),
  attack(
    'SA-90',
    'an encrypted assertion that nobody signed, in a response whose signature was taken out',
    'encrypted assertion',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      return xml.replace(signature(xml), '')
    },
    keyed,
  ),
  attack(
    'SA-90',
    'an encrypted assertion that nobody signed, in a response signed by a stranger',
    'signature of the Response',
    (facts, keys) => signed(String(sealed({}, assertionXml)(facts, keys)), 'Response', keys.stranger),
    keyed,
  ),
  attack(
    'SA-91',
    'a forged encrypted assertion in the place of the signed one',
    'digest of the Response',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      return xml.replace(sealedPiece(xml), sealedByAnyone(facts, keys))
    },
    keyed,
  ),
  attack(
    'SA-91',
    'a forged key and content in the signed encrypted assertion',
    'digest of the Response',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      return xml.replace(piece(xml, 'EncryptedData'), piece(sealedByAnyone(facts, keys), 'EncryptedData'))
    },
    keyed,
  ),
  attack(
    'SA-91',
    'a key of its own beside the signed content',
    'digest of the Response',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      const key = piece(sealedByAnyone(facts, keys), 'EncryptedKey').replace(
        '<xenc:EncryptedKey',
        `<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"`,
      )
      return xml.replace('</saml:EncryptedAssertion>', `${key}</saml:EncryptedAssertion>`)
    },
    keyed,
  ),
  attack(
    'SA-92',
    'two encrypted assertions, the forged one first',
    'EncryptedAssertion elements',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      return xml.replace(sealedPiece(xml), sealedByAnyone(facts, keys) + sealedPiece(xml))
    },
    keyed,
  ),
  attack(
    'SA-92',
    'two encrypted assertions, the forged one last, both signed',
    'EncryptedAssertion elements',
    (facts, keys) => {
      const both = sealedByAnyone(facts, keys, assertionXml(facts)) + sealedByAnyone(facts, keys)
      return signedAround(responseXml(facts, both), keys)
    },
    keyed,
  ),
  attack(
    'SA-93',
    'a plain assertion beside the signed encrypted one',
    'assertions',
    (facts, keys) => into(String(onlyAround(facts, keys)), '</samlp:Response>', evil(facts)),
    keyed,
  ),
  attack(
    'SA-93',
    'a plain assertion in the place of the signed encrypted one',
    'digest of the Response',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      return xml.replace(sealedPiece(xml), evil(facts))
    },
    keyed,
  ),
  attack(
    'SA-94',
    'the signed encrypted assertion moved to Extensions, a forged one in its place',
    'place of EncryptedAssertion',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      const moved = `<samlp:Extensions>${sealedPiece(xml)}</samlp:Extensions>`
      return xml.replace(sealedPiece(xml), moved + sealedByAnyone(facts, keys))
    },
    keyed,
  ),
  attack(
    'SA-94',
    'the signed encrypted assertion moved into the forged one',
    'place of EncryptedAssertion',
    (facts, keys) => {
      const xml = String(onlyAround(facts, keys))
      const forged = into(sealedByAnyone(facts, keys), '</saml:EncryptedAssertion>', sealedPiece(xml))
      return xml.replace(sealedPiece(xml), forged)
    },
    keyed,
  ),
  attack(
    'SA-95',
    'the whole signed response in Extensions of a forged one with an encrypted assertion',
    'place of Response',
    (facts, keys) => {
      const honest = String(onlyAround(facts, keys))
      const around = responseXml({ ...facts, responseId: '_evil-response' }, sealedByAnyone(facts, keys))
      return around.replace('<samlp:Status>', () => `<samlp:Extensions>${honest}</samlp:Extensions><samlp:Status>`)
    },
    keyed,
  ),
  attack(
    'SA-95',
    'the signature of the signed response in a forged one of the same ID',
    'digest of the Response',
    (facts, keys) => {
      const honest = signature(String(onlyAround(facts, keys)))
      return responseXml(facts, sealedByAnyone(facts, keys)).replace('</saml:Issuer>', () => `</saml:Issuer>${honest}`)
    },
    keyed,
  ),
  attack(
    'SA-96',
    'a response signature over an inner element alone',
    'reference of the signature',
    (facts, keys) => {
      const status = '<samlp:Status'
      const xml = responseXml(facts, sealedByAnyone(facts, keys)).replace(status, `${status} ID="_inner"`)
      const honest = signature(String(onlyAround(facts, keys))).replace(/URI="[^"]+"/, 'URI="#_inner"')
      return xml.replace('</saml:Issuer>', () => `</saml:Issuer>${honest}`)
    },
    keyed,
  ),
  attack(
    'SA-96',
    'a genuine signature over an assertion, moved up to the response around a forged encrypted one',
    'reference of the signature',
    (facts, keys) => {
      const honest = signature(signed(assertionXml(facts), 'Assertion', keys.idp))
      const xml = responseXml(facts, sealedByAnyone(facts, keys))
      return xml.replace('</saml:Issuer>', () => `</saml:Issuer>${honest}`)
    },
    keyed,
  ),
  attack(
    'SA-97',
    'an encrypted assertion that holds a whole response',
    'encrypted assertion',
    (facts, keys) => signedAround(responseXml(facts, sealedByAnyone(facts, keys, evilResponse(facts))), keys),
    keyed,
  ),
  attack(
    'SA-97',
    'an encrypted assertion that holds a second one in its Advice',
    'encrypted assertion',
    (facts, keys) => {
      const inside = into(assertionXml(facts), '</saml:Assertion>', `<saml:Advice>${evil(facts)}</saml:Advice>`)
      return signedAround(responseXml(facts, sealedByAnyone(facts, keys, inside)), keys)
    },
    keyed,
  ),
  attack(
    'SA-97',
    'an encrypted assertion with the ID of the response',
    'encrypted assertion',
    (facts, keys) => signedAround(responseXml(facts, sealedByAnyone(facts, keys, evil(facts, facts.responseId))), keys),
    keyed,
  ),
  attack(
    'SA-97',
    'a stranger’s signature inside a signed response',
    'encrypted assertion',
    (facts, keys) =>
      signedAround(
        responseXml(facts, sealedByAnyone(facts, keys, signed(assertionXml(facts), 'Assertion', keys.stranger))),
        keys,
      ),
    keyed,
  ),
  ...(['assertion', 'both'] as const).map((setting) =>
    attack(
      'SA-98',
      `an assertion without a signature of its own in a signed response, where signed is ${setting}`,
      'signature of the Assertion',
      onlyAround,
      { config: only(setting) },
    ),
  ),
  attack('SA-98', 'a signature inside alone, where signed is response', 'signature of the Response', sealed({}), {
    config: only('response'),
  }),
  attack(
    'SA-99',
    'a prefix bound anew around an assertion with an inclusive signature',
    'digest of the Assertion',
    (facts, { idp }) => {
      const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
      const bare = assertionXml(facts).replace(' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"', '')
      const around = responseXml(facts, bare).replace(
        '<samlp:Response ',
        '<samlp:Response xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:y="urn:y" ',
      )
      const xml = signed(around, 'Assertion', idp, {
        transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', inclusive],
      })
      return xml.replace('xmlns:y="urn:y"', 'xmlns:y="urn:z"')
    },
  ),
  attack(
    'SA-99',
    'an xml: attribute around an assertion with an inclusive signature',
    'digest of the Assertion',
    (facts, { idp }) => {
      const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
      const transforms = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', inclusive]
      const xml = signed(responseXml(facts, assertionXml(facts)), 'Assertion', idp, { transforms })
      return xml.replace('<samlp:Response ', '<samlp:Response xml:lang="en" ')
    },
  ),
]
