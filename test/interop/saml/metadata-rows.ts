/** Metadata of identity providers and federations. */
import { base64Of } from '../../../providers/saml/signature/certificates.ts'
import type { SamlKeys, SamlRow } from './row.ts'

type Metadata = NonNullable<SamlRow['metadata']>
const row = (name: string, source: string, metadata: Metadata, expected: SamlRow['expected'] = {}): SamlRow => ({
  id: 'B6',
  name,
  source,
  metadata,
  expected,
})
const certificate = (text: string) => (entity: string) =>
  entity.replace(/(<ds:X509Certificate>)[^<]*/, (_, tag) => `${tag}${text}`)
const inside = (more: string) => (entity: string) => entity.replace(/(<md:IDPSSODescriptor[^>]*>)/, `$1${more}`)
const around = (...entities: readonly string[]) =>
  `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" Name="members">${entities.join('')}</md:EntitiesDescriptor>`
const keyValueOf = ({ publicKey }: SamlKeys['idp']) => {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  const [modulus, exponent] = [n, e].map((number) => Buffer.from(number, 'base64url').toString('base64'))
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${modulus}</ds:Modulus><ds:Exponent>${exponent}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`
}
const unusable = (says: RegExp): SamlRow['expected'] => ({ refused: 'upstream_invalid', says })

/** As ADFS describes itself beside: WS-Federation, with types of its own. */
const adfsRoles =
  '<md:RoleDescriptor xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="fed:ApplicationServiceType" protocolSupportEnumeration="http://schemas.xmlsoap.org/ws/2005/02/trust"><fed:TargetScopes><EndpointReference xmlns="http://www.w3.org/2005/08/addressing"><Address>https://adfs.test/</Address></EndpointReference></fed:TargetScopes></md:RoleDescriptor>'

export const metadataRows: readonly SamlRow[] = [
  row('publishes the lines of a PEM file', 'simplesamlphp#999, moodle-auth_saml2#272', (entity, { idp }) =>
    certificate(idp.certificate)(entity),
  ),
  row('breaks the certificate with &#13;', 'ory/saml20#599', (entity, { idp }) =>
    certificate(base64Of(idp.certificate).replace(/.{64}/g, '$&&#13;\n'))(entity),
  ),
  row('publishes an old and a new certificate in one KeyDescriptor', 'Rocket.Chat#41481', (entity, { idp, next }) =>
    certificate(`${base64Of(next.certificate)}</ds:X509Certificate><ds:X509Certificate>${base64Of(idp.certificate)}`)(
      entity,
    ),
  ),
  row('publishes the signing key of the future first', 'Entra; FusionAuth#1213, wso2#15271', (entity, { next }) =>
    inside(
      /<md:KeyDescriptor[\s\S]*<\/md:KeyDescriptor>/.exec(certificate(base64Of(next.certificate))(entity))?.[0] ?? '',
    )(entity),
  ),
  row('publishes a key by its name alone beside the certificate', 'Shibboleth IdP 2', (entity) =>
    inside(
      '<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyName>idp</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>',
    )(entity),
  ),
  row('publishes its key as KeyValue alone', 'SAML metadata interoperability profile', (entity, { idp }) =>
    entity.replace(/<ds:X509Data>[\s\S]*?<\/ds:X509Data>/, () => keyValueOf(idp)),
  ),
  row('leaves out the padding of the certificate', 'hand-made metadata', (entity, { idp }) =>
    certificate(base64Of(idp.certificate).replace(/=+$/, ''))(entity),
  ),
  row('writes the use of its key in capitals', 'hand-made metadata', (entity) =>
    entity.replace('use="signing"', 'use=" SIGNING"'),
  ),
  row('declares XML 1.1', 'Java writers', (entity) => `<?xml version="1.1" encoding="UTF-8"?>${entity}`),
  row(
    'answers with what a browser shows of the file',
    'support tickets everywhere',
    (entity) => `This XML file does not appear to have any style information.\n${entity}`,
    unusable(/what a browser shows/),
  ),
  row(
    'answers with escaped XML',
    'a copy out of a web page',
    (entity) => entity.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    unusable(/&lt;/),
  ),
  row(
    'answers with base64',
    'configuration exported from other products',
    (entity) => Buffer.from(entity).toString('base64'),
    unusable(/it is base64/),
  ),
  row('answers in UTF-16, as Windows saves it', 'cloudfoundry/uaa#3993', (entity) =>
    Buffer.from(`\uFEFF<?xml version="1.0" encoding="utf-16"?>${entity}`, 'utf16le'),
  ),
  row(
    'calls itself UTF-16, and is UTF-8',
    'a .NET StringWriter',
    (entity) => `<?xml version="1.0" encoding="utf-16"?>${entity}`,
  ),
  row('answers in ISO-8859-1', 'cloudfoundry/uaa#3993', (entity) =>
    Buffer.from(
      `<?xml version="1.0" encoding="ISO-8859-1"?>${entity.replace('</md:IDPSSODescriptor>', '</md:IDPSSODescriptor><md:Organization><md:OrganizationName xml:lang="fr">Université</md:OrganizationName></md:Organization>')}`,
      'latin1',
    ),
  ),
  row(
    'answers in an unknown encoding',
    'a mainframe',
    (entity) => `<?xml version="1.0" encoding="EBCDIC-US"?>${entity}`,
    unusable(/encoded as EBCDIC-US/),
  ),
  row(
    'writes more spaces and US-ASCII into the declaration',
    'uaa#3993',
    (entity) => `<?xml version="1.0"  encoding="US-ASCII" ?>\n${entity}`,
  ),
  row(
    'begins with a stylesheet and a comment',
    'SURFconext, SWITCHaai',
    (entity) =>
      `<?xml version="1.0"?>\n<?xml-stylesheet type="text/xsl" href="/m.xsl"?>\n<!-- ${'generated '.repeat(50)}-->\n${entity}`,
  ),
  row('stands in nested groups beside others', 'ruby-saml#346; eduGAIN', (entity) =>
    around(entity.replace(/entityID="[^"]*"/, 'entityID="https://other.test"'), around(entity)),
  ),
  row('describes WS-Federation beside', 'ADFS, Entra', (entity) =>
    entity.replace('<md:IDPSSODescriptor', () => `${adfsRoles}<md:IDPSSODescriptor`),
  ),
  row('has scopes, logos and names in several languages', 'eduGAIN, Shibboleth', (entity) =>
    inside(
      '<md:Extensions><shibmd:Scope xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" regexp="false">corp.test</shibmd:Scope><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="de">Universität</mdui:DisplayName><mdui:Logo height="16" width="16">data:image/png;base64,iVBORw0KGgo=</mdui:Logo></mdui:UIInfo></md:Extensions>',
    )(entity),
  ),
  row(
    'answers with its sign-in page',
    'uaa#3994, simplesamlphp#999',
    () => '<!DOCTYPE html><html><body>Sign in</body></html>',
    unusable(/a web page \(HTML\)/),
  ),
  row(
    'answers with the metadata of a service provider',
    'support tickets everywhere',
    (entity) => entity.replaceAll('IDPSSO', 'SPSSO'),
    unusable(/but a service provider/),
  ),
  row(
    'publishes metadata that has expired',
    'InCommon, ADFS',
    (entity) => entity.replace('<md:EntityDescriptor ', '<md:EntityDescriptor validUntil="2024-02-29T00:00:00Z" '),
    unusable(/no longer valid since 2024-02-29/),
  ),
  ...['2044-02-29T00:00:00+0000', '2044-02-29', '2044-02-29Z'].map((until) =>
    row(`is valid until ${until}`, 'Java SimpleDateFormat; hand-made metadata', (entity) =>
      entity.replace('<md:EntityDescriptor ', `<md:EntityDescriptor validUntil="${until}" `),
    ),
  ),
  row(
    'was valid until a day',
    'the check stays',
    (entity) => entity.replace('<md:EntityDescriptor ', '<md:EntityDescriptor validUntil="2024-02-29" '),
    unusable(/no longer valid since 2024-02-29/),
  ),
  row(
    'begins with a comment before the declaration',
    'files edited by hand',
    (entity) => `<!-- exported -->\n<?xml version="1.0" encoding="UTF-8"?>\n${entity}`,
  ),
  row('names an odd cacheDuration', 'hashicorp/cap#102', (entity) =>
    entity.replace('<md:EntityDescriptor ', '<md:EntityDescriptor cacheDuration="P0Y0M0DT0H" '),
  ),
]
