/** Forms of messages, decrypted content and attribute names. */
import { assertionXml, responseXml } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import {
  callbackInvalid,
  encryptedXml,
  answerRow as row,
  type SamlLogin,
  type SamlRow,
  signedAssertion,
  withFacts,
} from './row.ts'

const namespace = ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
const signedOf = (login: SamlLogin) => signed(assertionXml(login.facts), 'Assertion', login.idp)
const sealedAs = (change: (assertion: string) => string) => (login: SamlLogin) =>
  responseXml(login.facts, encryptedXml(change(signedOf(login)), login))
const form = (change: (base64: string) => string) => (login: SamlLogin) => ({
  SAMLResponse: change(Buffer.from(signedAssertion()(login)).toString('base64')),
})
const confirmedFrom = (seconds: number) =>
  signedAssertion((xml) =>
    xml.replace(
      '<saml:SubjectConfirmationData ',
      `<saml:SubjectConfirmationData NotBefore="${new Date(Date.now() + seconds * 1000).toISOString()}" `,
    ),
  )

export const formRows: readonly SamlRow[] = [
  row(
    'B7',
    'begins the message with empty lines',
    'templates of hand-made identity providers',
    (login) => `\r\n\n <?xml version="1.0" encoding="UTF-8"?>\n${signedAssertion()(login)}`,
  ),
  row(
    'B7',
    'declares UTF-16, and is UTF-8',
    'a .NET StringWriter',
    (login) => `<?xml version="1.0" encoding="utf-16"?>${signedAssertion()(login)}`,
  ),
  row(
    'B7',
    'declares ISO-8859-1, and is ASCII',
    'Java writers',
    (login) => `<?xml version="1.0" encoding="ISO-8859-1"?>${signedAssertion()(login)}`,
  ),
  row(
    'B7',
    'declares ISO-8859-1, and is not ASCII',
    'ambiguous: the bytes are UTF-8',
    (login) =>
      `<?xml version="1.0" encoding="ISO-8859-1"?>${withFacts(() => ({ attributes: { displayName: ['Zoë'] } }))(login)}`,
    { refused: 'callback_malformed', says: /encoding/ },
  ),
  row('B7', 'leaves out the padding of encrypted content', 'hand-made encryption', (login) =>
    sealedAs((xml) => xml)(login).replace(/=+<\/xenc:CipherValue>/g, '</xenc:CipherValue>'),
  ),
  row('B7', 'declares XML 1.1', 'Java writers', (login) => `<?xml version="1.1"?>${signedAssertion()(login)}`),
  row(
    'B7',
    'writes base64url',
    'JavaScript identity providers',
    form((base64) => base64.replaceAll('+', '-').replaceAll('/', '_')),
  ),
  row(
    'B7',
    'does not encode the + of base64 in its form',
    'samlify, passport-saml support threads',
    form((base64) => base64.replaceAll('+', ' ')),
  ),
  row(
    'B11',
    'encodes twice',
    'samlify, passport-saml support threads',
    form((base64) => encodeURIComponent(`${base64}==`)),
    {
      refused: 'callback_malformed',
      says: /it was encoded twice/,
    },
  ),
  row(
    'B7',
    'encrypts a document with its XML declaration',
    'OneLogin, .NET; ruby-saml#312',
    sealedAs((xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`),
  ),
  row(
    'B7',
    'encrypts a piece that uses prefixes of the document around it',
    'ruby-saml: undefined namespace prefix; samlify#85',
    sealedAs((xml) => xml.replace(namespace, '')),
  ),
  row(
    'B7',
    'encrypts two assertions that use prefixes of the document around them',
    'an attack',
    (login) =>
      responseXml(
        login.facts,
        encryptedXml(`${signedOf(login)}${assertionXml(login.facts)}`.replaceAll(namespace, ''), login),
      ),
    callbackInvalid(/encrypted assertion/),
  ),
  row('B7', 'dates the confirmation from a minute ago', 'WSO2, OpenSSO; ruby-saml checks it too', confirmedFrom(-60)),
  row(
    'B7',
    'dates the confirmation ahead',
    'a clock that is off',
    confirmedFrom(600),
    callbackInvalid(/NotBefore of the subject confirmation/),
  ),
  row(
    'B7',
    'writes the usual attribute names in another case',
    'PingFederate, OneLogin; grafana and mattermost threads',
    withFacts(() => ({
      attributes: { EMAIL: ['upper@corp.test'], DisplayName: ['Ada L.'], 'User.FirstName': ['Ada'] },
    })),
    { profile: { email: 'upper@corp.test', given_name: 'Ada' } },
  ),
  row(
    'B7',
    'writes a name in two cases',
    'directories with attributes of two systems',
    withFacts(() => ({ attributes: { Mail: ['other@corp.test'], mail: ['exact@corp.test'], displayName: ['Ada'] } })),
    { profile: { email: 'exact@corp.test' } },
  ),
  ...['', ' \n '].map((nameId) =>
    row(
      'B8',
      `sends an empty NameID (${JSON.stringify(nameId)}) beside the subject attribute`,
      'ADFS without a rule for the name',
      withFacts(() => ({ nameId, attributes: { uid: ['ada-uid'], displayName: ['Ada'] } })),
      { identity: 'ada-uid' },
      { subjectAttribute: 'uid' },
    ),
  ),
  row(
    'B11',
    'sends an empty NameID alone',
    'ADFS without a rule for the name',
    withFacts(() => ({ nameId: '' })),
    callbackInvalid(/"NameID","ok":false,"expected":"one, or set subjectAttribute"/),
  ),
  row(
    'B11',
    'sends the subject attribute under another name',
    'the error lists the names',
    withFacts(() => ({ attributes: { UID: ['ada-uid'], displayName: ['Ada'] } })),
    callbackInvalid(/"one value of uid","got":"none; the assertion has UID, displayName"/),
    { subjectAttribute: 'uid' },
  ),
  row('B8', 'gives its response no ID, where the assertion is signed', 'hand-made messages', (login) =>
    signedAssertion()(login).replace(/ ID="[^"]*"/, ''),
  ),
  row(
    'B7',
    'gives its signed response no ID',
    'the check stays',
    (login) =>
      signed(responseXml(login.facts, assertionXml(login.facts)), 'Response', login.idp).replace(/ ID="[^"]*"/, ''),
    callbackInvalid(/ID of the Response/),
  ),
  row(
    'B7',
    'sends values with character references',
    'XML writers',
    withFacts(() => ({ nameId: 'ada-references', attributes: { displayName: ['A &amp; &#66;'] } })),
    { profile: { name: 'A & B' } },
  ),
]
