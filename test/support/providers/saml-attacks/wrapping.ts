/** Signature wrapping. */
import { assertionXml, responseXml } from '../../../../providers/saml/emulator/response.ts'
import { signed } from '../../../../providers/saml/emulator/signature.ts'
import { responseSigned } from '../saml-forge.ts'
import {
  type Attack,
  attack,
  behindIssuer,
  changed,
  evil,
  evilResponse,
  into,
  signature,
  unreadable,
} from './attack.ts'

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
    'an element with two IDs',
    'IDs of an element',
    changed((xml) => xml.replace('<saml:Assertion ', '<saml:Assertion Id="_other" ')),
  ),
  attack(
    'SA-34',
    'an ID in another namespace',
    'IDs of an element',
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
    'an ID by a document type',
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
