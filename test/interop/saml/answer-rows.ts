/** SAML responses: sessions, times, empty values, addresses, encryption and errors. */
import { deflateRawSync } from 'node:zlib'
import { assertionXml, responseXml } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import {
  callbackInvalid,
  encryptedXml,
  answerRow as row,
  type SamlLogin,
  type SamlRow,
  signedAssertion,
  signedResponse,
  status,
  withFacts,
} from './row.ts'

const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000)
const statement = (attributes: string) =>
  `<saml:AuthnStatement AuthnInstant="${ahead(-30).toISOString()}" ${attributes}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`
const timesLike = (write: (time: string) => string) =>
  signedAssertion((xml) =>
    xml.replace(
      /(NotBefore|NotOnOrAfter|IssueInstant|AuthnInstant|SessionNotOnOrAfter)="([^"]+)"/g,
      (_, name, time) => `${name}="${write(time)}"`,
    ),
  )

const plain = row('B7', 'signs the assertion and nothing else', 'Entra, Google Workspace', signedAssertion())

const sessions: readonly SamlRow[] = [
  row(
    'B5',
    'ends its session in ten minutes',
    'Sustainsys#1551, spring-security-saml#25',
    withFacts(() => ({ sessionUntil: ahead(600) })),
    { seconds: 600 },
  ),
  row(
    'B5',
    'has two statements, of which one ends earlier',
    'OpenLiberty#24024',
    signedAssertion((xml) =>
      xml.replace(
        '<saml:AuthnStatement',
        () => `${statement(`SessionNotOnOrAfter="${ahead(300).toISOString()}"`)}<saml:AuthnStatement`,
      ),
    ),
    { seconds: 300 },
  ),
  row(
    'B5',
    'ends its session with the assertion, to the microsecond',
    'Keycloak; PingFederate',
    signedAssertion((xml) =>
      xml.replace(
        /SessionNotOnOrAfter="[^"]*"/,
        `SessionNotOnOrAfter="${ahead(200).toISOString().replace('Z', '456Z')}"`,
      ),
    ),
    { seconds: 200 },
  ),
  row(
    'B5',
    'leaves the end of its session empty',
    'hand-made assertions',
    signedAssertion((xml) => xml.replace(/SessionNotOnOrAfter="[^"]*"/, 'SessionNotOnOrAfter=""')),
    { seconds: 30 * 86_400 },
  ),
  row(
    'B5',
    'sends an assertion of a session that is over',
    'Shibboleth behind a cache',
    withFacts(() => ({ sessionUntil: ahead(-5) })),
    callbackInvalid(/SessionNotOnOrAfter.*"ok":false/),
  ),
]

const times: readonly SamlRow[] = [
  row(
    'B7',
    'writes seven digits of a second',
    'Azure B2C; python3-saml#163, #275',
    timesLike((time) => time.replace('Z', '4956Z')),
  ),
  row(
    'B7',
    'writes nine digits of a second',
    'jellyfin-plugin-sso#677',
    timesLike((time) => time.replace('Z', '456789Z')),
  ),
  row(
    'B7',
    'writes an offset instead of Z',
    'Oracle Access Manager',
    timesLike((time) => time.replace('Z', '+00:00')),
  ),
  row(
    'B7',
    'leaves out the time zone, as SAML core 1.3.3 can be read',
    'spid-sp-test#74',
    timesLike((time) => time.replace('Z', '')),
  ),
  row(
    'B7',
    'is 45 seconds ahead',
    'gosaml2#101',
    withFacts(() => ({ notBefore: ahead(45), issuedAt: ahead(45) })),
  ),
  row(
    'B7',
    'is two minutes ahead',
    'a machine without NTP',
    withFacts(() => ({ notBefore: ahead(120) })),
    callbackInvalid(/NotBefore of the Conditions","ok":false/),
  ),
]

const empty: readonly SamlRow[] = [
  row(
    'B8',
    'leaves the qualifiers of the name empty',
    'python3-saml#177, test_observer#368',
    withFacts(() => ({ nameQualifier: '', spNameQualifier: '' })),
  ),
  row(
    'B8',
    'leaves Destination and InResponseTo of the unsigned response empty',
    'crewjam#213, elasticsearch#31175',
    withFacts(() => ({ destination: '', responseInResponseTo: '' })),
  ),
  row(
    'B8',
    'leaves the Issuer of the response empty',
    'php-saml#21',
    withFacts(() => ({ responseIssuer: '' })),
  ),
  row(
    'B8',
    'writes the default port into Destination and Recipient, and the host in capitals',
    'Entra; moodle-auth_saml2#307',
    withFacts(({ destination, recipient }) => ({
      destination: `${destination}`.replace('.test/', '.test:443/'),
      recipient: `${recipient}`.replace('https://login', 'https://LOGIN'),
    })),
  ),
  row(
    'B8',
    'answers to another port',
    'python3-saml#61',
    withFacts(({ destination }) => ({ destination: `${destination}`.replace('.test/', '.test:8443/') })),
    callbackInvalid(/"name":"Destination","ok":false/),
  ),
  row(
    'B8',
    'leaves the audience empty',
    'ruby-saml#622',
    withFacts(() => ({ audiences: [['']] })),
    callbackInvalid(/"name":"audience","ok":false/),
  ),
]

const inner = (login: SamlLogin) => signed(assertionXml(login.facts), 'Assertion', login.idp)
const wrap = (login: SamlLogin, content: string) => responseXml(login.facts, content)
const besides = (xml: string) => {
  const key = /<xenc:EncryptedKey>[\s\S]*<\/xenc:EncryptedKey>/.exec(xml)?.[0] ?? ''
  const named = key.replace(
    '<xenc:EncryptedKey>',
    '<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="_key">',
  )
  return xml
    .replace(key, '<ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" URI="#_key"/>')
    .replace('</saml:EncryptedAssertion>', () => `${named}</saml:EncryptedAssertion>`)
}

const encryption: readonly SamlRow[] = [
  row('K2', 'signs the response and encrypts the assertion', 'Keycloak: Encrypt assertions', (login) =>
    signed(wrap(login, encryptedXml(assertionXml(login.facts), login)), 'Response', login.idp),
  ),
  row(
    'K2',
    'does that by AES-CBC',
    'ADFS',
    (login) =>
      signed(
        wrap(login, encryptedXml(assertionXml(login.facts), login, { content: 'aes256-cbc' })),
        'Response',
        login.idp,
      ),
    {},
    { signed: 'response' },
  ),
  row(
    'K2',
    'does that where a signature inside is demanded',
    'a stricter connection',
    (login) => signed(wrap(login, encryptedXml(assertionXml(login.facts), login)), 'Response', login.idp),
    callbackInvalid(/signature of the Assertion.*one inside the encryption/),
    { signed: 'assertion' },
  ),
  row(
    'K2',
    'encrypts and signs nothing',
    'a faulty proxy',
    (login) => wrap(login, encryptedXml(assertionXml(login.facts), login)),
    callbackInvalid(/encrypted assertion/),
  ),
  row(
    'B7',
    'puts the encrypted key beside the content, found by reference',
    'Okta; Clever/saml2#83, samlify#85',
    (login) => wrap(login, besides(encryptedXml(inner(login), login))),
  ),
  row('B7', 'wraps the content key by RSA-OAEP with SHA-256', 'NemLog-in; ITfoxtec#140, python3-saml#316', (login) =>
    wrap(login, encryptedXml(inner(login), login, { transport: 'rsa-oaep', oaepHash: 'sha256' })),
  ),
  row(
    'B7',
    'wraps the content key by PKCS#1 v1.5',
    'old Java stacks',
    (login) => wrap(login, encryptedXml(inner(login), login, { transport: 'rsa-1_5' })),
    callbackInvalid(/key transport algorithm/),
  ),
  row('B7', 'signs the response and not the assertion', 'Okta, OneLogin, Keycloak', signedResponse()),
]

const refusals: readonly SamlRow[] = [
  row(
    'B7',
    'says AuthnFailed with a message',
    'Entra',
    status(['Responder', 'AuthnFailed'], 'AADSTS50105: not assigned to a role'),
    { refused: 'user_denied', says: /AuthnFailed: AADSTS50105/, page: /did not sign you in/ },
  ),
  row('B7', 'says RequestDenied', 'Keycloak', status(['Responder', 'RequestDenied']), {
    refused: 'user_denied',
    says: /RequestDenied/,
    page: /may not have access to this app/,
  }),
  row('B7', 'says NoAuthnContext', 'ADFS', status(['Requester', 'NoAuthnContext']), {
    refused: 'sign_in_refused',
    says: /NoAuthnContext/,
    page: /method that is required/,
  }),
  row('B7', 'says NoPassive', 'Shibboleth', status(['Responder', 'NoPassive']), {
    refused: 'sign_in_refused',
    says: /NoPassive/,
    page: /must ask you something first/,
  }),
  row(
    'B7',
    'says InvalidNameIDPolicy',
    'ADFS; moodle-auth_saml2#27, laravel-saml2#157',
    status(['Requester', 'InvalidNameIDPolicy']),
    { refused: 'sign_in_refused', says: /InvalidNameIDPolicy/, page: /kind of name/ },
  ),
  row('K5', 'answers by artifact', 'Keycloak: Force artifact binding', () => ({ SAMLart: 'AAQAADWNEw5VT47wcO4zX' }), {
    refused: 'callback_malformed',
    says: /HTTP-Artifact \(SAMLart\)/,
    page: /answered by HTTP-Artifact.*HTTP-POST/s,
  }),
  row(
    'K5',
    'answers by HTTP-Redirect',
    'Oracle, by configuration',
    (login) => new Uint8Array(deflateRawSync(signedAssertion()(login))),
    { refused: 'callback_malformed', says: /HTTP-Redirect \(a deflated message\)/, page: /answered by HTTP-Redirect/ },
  ),
]

export const answerRows: readonly SamlRow[] = [plain, ...sessions, ...times, ...empty, ...encryption, ...refusals]
