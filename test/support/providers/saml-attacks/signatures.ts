/** Attacks on signatures. */

import { createHmac, createSign } from 'node:crypto'
import { assertionXml, type ResponseFacts, responseXml } from '../../../../providers/saml/emulator/response.ts'
import { assertionSigned, bothSigned, type Keys, piece, responseSigned } from '../saml-forge.ts'
import { type Attack, attack, byCurve, changed, rsaSha1, sha1, signature, unreadable } from './attack.ts'

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
  attack('SA-18', 'an unknown canonicalization of nothing', 'canonicalisation', (facts, keys) =>
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
