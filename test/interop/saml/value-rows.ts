/** Names, attributes, ids, audiences, canonicalization and signatures of assertions. */
import { callbackInvalid, answerRow as row, type SamlRow, signedAssertion, withAttribute, withFacts } from './row.ts'

const attribute = (name: string, ...values: readonly string[]) =>
  `<saml:Attribute ${name}>${values.map((value) => `<saml:AttributeValue${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`
const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

export const valueRows: readonly SamlRow[] = [
  row(
    'B7',
    'puts a NameID into eduPersonTargetedID, beside a transient name',
    'passport-saml#245, pysaml2#171, crewjam#393',
    (login) =>
      signedAssertion(
        withAttribute(
          attribute(
            'Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10"',
            '><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">opaque-77</saml:NameID>',
          ),
        ),
      )({
        ...login,
        facts: {
          ...login.facts,
          nameId: '_transient',
          nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
        },
      }),
    { identity: 'opaque-77' },
    { subjectAttribute: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.10' },
  ),
  row(
    'B7',
    'has no NameID, only an attribute',
    'ADFS; zitadel#10251, simplesamlphp#143',
    withFacts(() => ({ nameId: null, attributes: { displayName: ['Ada'], upn: ['ada-upn'] } })),
    { identity: 'ada-upn' },
    { subjectAttribute: 'upn' },
  ),
  ...[
    'urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress',
    'urn:oasis:names:tc:SAML:2.0:nameid-format:email',
    'urn:oasis:names:tc:SAML:1.1:nameid-format:email',
  ].map((nameIdFormat) =>
    row(
      'B7',
      `sends the email as a name of the format ${nameIdFormat.slice(-16)}`,
      'keycloak#31780; Google, OneLogin forms',
      withFacts(() => ({ nameId: 'name@corp.test', nameIdFormat, attributes: { displayName: ['Ada'] } })),
      { profile: { email: 'name@corp.test' } },
    ),
  ),
  row(
    'B7',
    'sends a transient name of version 1.1',
    'hand-made identity providers: each sign-in would be a new user',
    withFacts(() => ({ nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:transient' })),
    callbackInvalid(/transient/),
  ),
  row(
    'B7',
    'names attributes as Shibboleth 1 did',
    'university federations',
    withFacts(() => ({
      attributes: {
        'urn:mace:dir:attribute-def:mail': ['mace@corp.test'],
        'urn:mace:dir:attribute-def:sn': ['Byron'],
      },
    })),
    { profile: { email: 'mace@corp.test', family_name: 'Byron' } },
  ),
  row(
    'B7',
    'writes spaces around the confirmation method',
    'xs:anyURI collapses them',
    withFacts(() => ({ confirmationMethod: '\n urn:oasis:names:tc:SAML:2.0:cm:bearer ' })),
  ),
  row(
    'B7',
    'writes time zones as +0000 and -0130',
    'Java SimpleDateFormat',
    signedAssertion((xml) =>
      xml
        .replace(/(NotOnOrAfter|IssueInstant|AuthnInstant)="([^"]+)Z"/g, '$1="$2+0000"')
        .replace(
          /NotBefore="([^"]+)"/,
          (_, time) => `NotBefore="${new Date(Date.parse(time) - 90 * 60_000).toISOString().replace('Z', '-0130')}"`,
        ),
    ),
  ),
  row(
    'B7',
    'sends nil, empty and missing values',
    'FusionAuth#3190, Clever/saml2#38, node-saml#227',
    signedAssertion((xml) =>
      withAttribute(
        attribute('Name="nickname"', ` ${xsi} xsi:nil="true">`) +
          attribute('Name="mail"', '>') +
          attribute('Name="employee_id"'),
      )(xml),
    ),
    { profile: { name: 'Ada', email: 'ada@corp.test' } },
  ),
  row(
    'B7',
    'sends an empty email before the one under another name',
    'openedx#20005',
    signedAssertion((xml) =>
      xml.replace(
        /(<saml:Attribute Name="email">)[\s\S]*?(<\/saml:Attribute>)/,
        `$1<saml:AttributeValue/>$2${attribute('Name="urn:oid:0.9.2342.19200300.100.1.3"', '>ada@corp.test')}`,
      ),
    ),
    { profile: { email: 'ada@corp.test' } },
  ),
  row(
    'B7',
    'writes types of its own and xs:anyType',
    'Sustainsys#1009, Shibboleth',
    signedAssertion((xml) => xml.replaceAll('xsi:type="xs:string"', 'xsi:type="xs:anyType"')),
  ),
  row(
    'B7',
    'breaks an address by &#13; in a signed value',
    'Sustainsys#1009, passport-saml#82',
    signedAssertion(withAttribute(attribute('Name="street"', '>123 Maple Ln&#13;\n#300'))),
  ),
  row('B7', 'ends its lines by CRLF', 'Clever/saml2#255, simplesamlphp on Windows', (login) =>
    signedAssertion((xml) => xml.replaceAll('><', '>\n<'))(login).replaceAll('\n', '\r\n'),
  ),
  row(
    'B7',
    'gives IDs that begin with a digit and hold plus signs',
    'pysaml2#374, apereo/cas#1827',
    withFacts(() => ({ assertionId: '1ORZ+LQ7YktMlk7RMJR+N.foo-bar', responseId: '4312518550351640530' })),
  ),
  row(
    'B7',
    'begins its message with a byte order mark',
    'a .NET encoder',
    (login) => `\uFEFF<?xml version="1.0" encoding="UTF-8"?>${signedAssertion()(login)}`,
  ),
  row('B7', 'leaves out the padding of base64, and breaks its lines', 'a hand-made form', (login) => ({
    SAMLResponse: Buffer.from(signedAssertion()(login))
      .toString('base64')
      .replace(/=+$/, '')
      .replace(/.{76}/g, '$&\r\n'),
  })),
  row(
    'B7',
    'says Consent, Extensions, Advice and the format of its name',
    'OneLogin, ADFS',
    signedAssertion((xml) =>
      xml
        .replace('<saml:Issuer>', '<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">')
        .replace(
          '<saml:AuthnStatement',
          '<saml:Advice><saml:AssertionURIRef>https://idp.interop.test/a</saml:AssertionURIRef></saml:Advice><saml:AuthnStatement',
        ),
    ),
  ),
  row(
    'B7',
    'names several audiences, with line breaks around them',
    'node-saml#339',
    signedAssertion((xml) =>
      xml.replace(
        /<saml:Audience>([^<]*)<\/saml:Audience>/,
        '<saml:Audience>\n  acadeum\n</saml:Audience><saml:Audience>\n  $1\n</saml:Audience>',
      ),
    ),
  ),
  row(
    'B7',
    'demands another audience too',
    'jellyfin-plugin-sso#238',
    withFacts(({ audiences }) => ({ audiences: [...audiences, ['https://other.test']] })),
    callbackInvalid(/"name":"audience","ok":false/),
  ),
  row(
    'B7',
    'canonicalizes inclusively',
    'passport-saml#139, pysaml2#864',
    signedAssertion(undefined, { canonicalization: inclusive, transforms: [enveloped, inclusive] }),
  ),
  row(
    'B7',
    'canonicalizes with comments',
    'ITfoxtec#42',
    signedAssertion(undefined, {
      canonicalization: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
      transforms: [enveloped, 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'],
    }),
  ),
  row(
    'B7',
    'signs by SHA-1',
    'old ADFS, SimpleSAMLphp',
    signedAssertion(undefined, { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
    callbackInvalid(/signature algorithm.*rsa-sha1/),
  ),
]
