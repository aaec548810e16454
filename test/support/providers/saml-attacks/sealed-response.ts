/** Encrypted assertions in a signed response. */
import {
  assertionXml,
  encrypted,
  type ResponseFacts,
  responseXml,
} from '../../../../providers/saml/emulator/response.ts'
import { signed } from '../../../../providers/saml/emulator/signature.ts'
import { type Config, type Keys, piece } from '../saml-forge.ts'
import { type Attack, attack, evil, evilResponse, type Forge, into, signature } from './attack.ts'
import { keyed, sealed, withKey } from './encryption.ts'

const signedAround = (xml: string, { idp }: Keys) => signed(xml, 'Response', idp)
const sealedByAnyone = (facts: ResponseFacts, { ours }: Keys, xml = evil(facts)) => encrypted(xml, ours.publicKey)
/** The form of K2: the response signed, its assertion encrypted and not signed itself. */
const onlyAround: Forge = (facts, keys) => signedAround(String(sealed({}, assertionXml)(facts, keys)), keys)
const only =
  (signedPart: 'assertion' | 'response' | 'both') =>
  (keys: Keys): Config => ({ ...withKey(keys), signed: signedPart })
const sealedPiece = (xml: string) => piece(xml, 'EncryptedAssertion')

/** Attacks with a seen signed response, encrypted assertion, and our certificate. */
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
