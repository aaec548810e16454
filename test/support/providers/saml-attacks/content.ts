/** Signed assertions with wrong content. */
import { assertionXml, responseXml } from '../../../../providers/saml/emulator/response.ts'
import { signed } from '../../../../providers/saml/emulator/signature.ts'
import { assertionSigned, piece, responseSigned } from '../saml-forge.ts'
import { type Attack, attack, future, into, past, stated } from './attack.ts'

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
    'our audience and another, both demanded',
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
    'an unsolicited response',
    'InResponseTo',
    stated(() => ({ inResponseTo: null, responseInResponseTo: null })),
  ),
  attack(
    'SA-66',
    'an unsolicited response, where the tenant accepts it',
    'InResponseTo',
    stated(() => ({ inResponseTo: null, responseInResponseTo: null })),
    { config: () => ({ allowIdpInitiated: true }) },
  ),
  attack(
    'SA-67',
    'an unsolicited response, relabeled outside',
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
  attack('SA-77', 'an unknown condition', 'Conditions', (facts, { idp }) =>
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
