/** B6: metadata as identity providers, federations and the tools of administrators write it. */
import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { idpMetadata } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import { readMetadata } from '../../../providers/saml/metadata/idp-metadata.ts'
import { base64Of } from '../../../providers/saml/signature/certificates.ts'
import { testRecorder } from '../../contract/context.ts'
import { type Keys, open, sharedKeys, state } from '../../support/providers/saml-forge.ts'

const now = new Date('2026-01-01T00:00:00Z')
const entityId = 'https://idp.acme.test/metadata'
let keys: Keys
beforeAll(async () => {
  keys = await sharedKeys()
})

type Changes = Partial<Parameters<typeof idpMetadata>[0]>
const written = (changes: Changes = {}) =>
  idpMetadata({ entityId, address: 'https://idp.acme.test/sso', certificates: [keys.idp.certificate], ...changes })
const read = (text: string, wanted?: string) => readMetadata(text, 'in a test', wanted, now)
const subjectsOf = (text: string) => read(text).keys.map(({ pem }) => new X509Certificate(pem).subject)

const keyDescriptor = (content: string, use = ' use="signing"') =>
  `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${content}</ds:KeyInfo></md:KeyDescriptor>`
const x509 = (...certificates: readonly string[]) =>
  `<ds:X509Data>${certificates.map((text) => `<ds:X509Certificate>${text}</ds:X509Certificate>`).join('')}</ds:X509Data>`
const withKeys = (descriptors: string) =>
  written().replace(/<md:KeyDescriptor[\s\S]*<\/md:KeyDescriptor>/, () => descriptors)
const tooShort =
  'MIIBgTCCASugAwIBAgIUGzXl4Z3QkZ2zJxFyLpV0oI4vHwYwDQYJKoZIhvcNAQELBQAwFTETMBEGA1UEAwwKc2hvcnQudGVzdDAeFw0yNTAxMDEwMDAwMDBaFw0zNTAxMDEwMDAwMDBaMBUx'

describe('B6 certificates', () => {
  const base64 = () => base64Of(keys.idp.certificate)
  const next = () => base64Of(keys.next.certificate)
  it.each<[string, () => string, number]>([
    ['with the lines of a PEM file', () => keyDescriptor(x509(keys.idp.certificate)), 1],
    ['with CRLF and indentation', () => keyDescriptor(x509(keys.idp.certificate.replace(/\n/g, '\r\n        '))), 1],
    ['with CR written as a reference', () => keyDescriptor(x509(base64().replace(/.{64}/g, '$&&#13;\n'))), 1],
    ['with a space every four characters', () => keyDescriptor(x509(base64().replace(/.{4}/g, '$& '))), 1],
    ['of which one element holds two', () => keyDescriptor(x509(keys.idp.certificate + keys.next.certificate)), 2],
    ['of which one X509Data holds two', () => keyDescriptor(x509(base64(), next())), 2],
    ['in two KeyDescriptors', () => keyDescriptor(x509(base64())) + keyDescriptor(x509(next())), 2],
    ['twice the same', () => keyDescriptor(x509(base64())) + keyDescriptor(x509(base64())), 1],
    ['without use', () => keyDescriptor(x509(base64()), ''), 1],
    ['with an empty use', () => keyDescriptor(x509(base64()), ' use=""'), 1],
    ['in CDATA', () => keyDescriptor(x509(`<![CDATA[${base64()}]]>`)), 1],
    [
      'beside one for encryption',
      () => keyDescriptor(x509(next()), ' use="encryption"') + keyDescriptor(x509(base64())),
      1,
    ],
    ['beside a KeyName', () => keyDescriptor(`<ds:KeyName>sig</ds:KeyName>${x509(base64())}`), 1],
    ['beside an unreadable one', () => keyDescriptor(x509(tooShort)) + keyDescriptor(x509(base64())), 1],
    ['beside an empty one', () => keyDescriptor(x509('', base64())), 1],
    [
      'beside a key of a name alone',
      () => keyDescriptor('<ds:KeyName>k</ds:KeyName>') + keyDescriptor(x509(base64())),
      1,
    ],
    [
      'beside one on a curve we do not take',
      () => keyDescriptor(x509(base64Of(keys.curves.secp256k1.certificate), base64())),
      1,
    ],
  ])('B6: are read %s', (_, descriptors, count) => {
    expect(subjectsOf(withKeys(descriptors()))[0]).toBe('CN=idp')
    expect(subjectsOf(withKeys(descriptors()))).toHaveLength(count)
  })

  it.each<[string, () => string, RegExp]>([
    ['an unreadable one', () => keyDescriptor(x509(tooShort)), /skipped: an unreadable certificate/],
    ['an empty one', () => keyDescriptor(x509('')), /skipped: an empty certificate/],
    [
      'a name alone',
      () => keyDescriptor('<ds:KeyName>k</ds:KeyName>'),
      /skipped: a key without a certificate \(KeyName\)/,
    ],
    [
      'a curve we do not take',
      () => keyDescriptor(x509(base64Of(keys.curves.secp256k1.certificate))),
      /on the curve secp256k1/,
    ],
    ['one for encryption', () => keyDescriptor(x509(base64()), ' use="encryption"'), /no RSA signing certificate/],
  ])('B6: says what is wrong where there is only %s', (_, descriptors, why) => {
    expect(() => read(withKeys(descriptors()))).toThrow(why)
  })

  it('B6: notes in health what was skipped', async () => {
    const metadata = withKeys(keyDescriptor(x509(tooShort, base64()))).replaceAll(
      'https://idp.acme.test/sso',
      'http://127.0.0.1:9/sso',
    )
    const health = await open({ metadata }).health(AbortSignal.timeout(5000))
    expect(health.checks).toContainEqual({
      name: 'certificates',
      ok: true,
      warning: true,
      detail: 'the metadata has an unreadable certificate, which is skipped',
    })
  })
})

describe('B6 documents', () => {
  const several = (...entities: readonly string[]) =>
    `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entities.join('')}</md:EntitiesDescriptor>`
  const service = () => written({ entityId: 'https://sp.test' }).replaceAll('IDPSSODescriptor', 'SPSSODescriptor')
  const roleOf = (protocols: string) =>
    /<md:IDPSSODescriptor[\s\S]*<\/md:IDPSSODescriptor>/
      .exec(written({ address: 'https://idp.acme.test/other' }))?.[0]
      .replace(/protocolSupportEnumeration="[^"]*"/, `protocolSupportEnumeration="${protocols}"`) ?? ''
  const withRole = (role: string) => written().replace('<md:IDPSSODescriptor', () => `${role}<md:IDPSSODescriptor`)

  it.each<[string, () => string]>([
    ['with more spaces in the declaration', () => `<?xml  version = "1.0"   encoding = "US-ASCII"  ?>\n${written()}`],
    ['with single quotes and standalone', () => `<?xml version='1.0' encoding='utf-8' standalone='yes'?>${written()}`],
    ['with another encoding declared, once it is text', () => `<?xml version="1.0" encoding="utf-16"?>${written()}`],
    [
      'with a stylesheet before the root',
      () =>
        `<?xml version="1.0"?>\n<?xml-stylesheet type="text/xsl" href="m.xsl"?>\n<!-- x -->\n${written()}\n<!-- y -->\n`,
    ],
    ['below blank lines', () => `\n\n<?xml version="1.0"?>${written()}`],
    ['with the default namespace', () => written().replaceAll('md:', '').replace('xmlns:md=', 'xmlns=')],
    [
      'with unknown extensions and mdui',
      () =>
        written().replace(
          /(<md:IDPSSODescriptor[^>]*>)/,
          '$1<md:Extensions><shibmd:Scope xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" regexp="false">acme.test</shibmd:Scope><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="de">Anmeldung der Häuser</mdui:DisplayName></mdui:UIInfo></md:Extensions>',
        ),
    ],
    [
      'with an odd cacheDuration',
      () => written().replace('<md:EntityDescriptor ', '<md:EntityDescriptor cacheDuration="PT0S x" '),
    ],
    [
      'with an empty validUntil',
      () => written().replace('<md:EntityDescriptor ', '<md:EntityDescriptor validUntil="" '),
    ],
    [
      'of an identity provider that is a service provider too',
      () =>
        written().replace(
          '</md:IDPSSODescriptor>',
          '</md:IDPSSODescriptor><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>',
        ),
    ],
    ['beside service providers', () => several(service(), written(), service())],
    ['in nested groups', () => several(service(), several(several(written())))],
    ['with a role of SAML 1.1 beside', () => withRole(roleOf('urn:oasis:names:tc:SAML:1.1:protocol'))],
    [
      'with a second role without keys',
      () =>
        withRole(
          roleOf('urn:oasis:names:tc:SAML:2.0:protocol').replace(/<md:KeyDescriptor[\s\S]*<\/md:KeyDescriptor>/, ''),
        ),
    ],
    [
      'with an http address before the https one',
      () =>
        written().replace(
          '<md:SingleSignOnService',
          '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="http://idp.acme.test/sso"/><md:SingleSignOnService',
        ),
    ],
    [
      'with a signature by an unknown algorithm',
      () =>
        signed(written(), 'EntityDescriptor', keys.idp).replace('xmldsig-more#rsa-sha256', 'xmldsig-more#rsa-sha999'),
    ],
    [
      'with spaces around the addresses',
      () => written().replaceAll('Location="', 'Location=" ').replace('entityID="', 'entityID=" '),
    ],
  ])('B6: are read %s', (_, text) => {
    const found = read(text())
    expect([found.entityId, found.singleSignOn.redirect]).toEqual([entityId, 'https://idp.acme.test/sso'])
    expect(found.keys).toHaveLength(1)
  })

  it('B6: a nested identity provider is found by its entity ID, and the group’s validUntil counts', () => {
    const other = written({ entityId: 'https://other.test' })
    const nested = several(other, several(written()))
    expect(read(nested, entityId).entityId).toBe(entityId)
    expect(() => read(nested)).toThrow('describes several: set entityId')
    const past = nested.replace('<md:EntitiesDescriptor ', '<md:EntitiesDescriptor validUntil="2025-01-01T00:00:00Z" ')
    expect(() => read(past, entityId)).toThrow('no longer valid since 2025-01-01')
  })

  it.each<[string, () => string, string]>([
    ['a web page', () => '<!DOCTYPE html>\n<html><body>Sign in</body></html>', 'a web page (HTML)'],
    ['a web page after a comment', () => '<!-- saved --><html><body><br></body></html>', 'a web page (HTML)'],
    ['JSON', () => '{"issuer": "https://idp.acme.test"}', 'it is JSON, not SAML metadata'],
    ['a certificate', () => keys.idp.certificate, 'it is a PEM file'],
    ['an address', () => 'https://idp.acme.test/metadata.xml', 'write it as metadataUrl'],
    ['a file name', () => 'acme/idp.xml', 'write file: before it'],
    ['an empty file', () => ' \n', 'it is empty'],
    ['a service provider', service, 'but a service provider'],
    ['other XML', () => '<rss version="2.0"/>', 'its root is rss'],
    ['SAML 1.1 alone', () => written().replace('SAML:2.0:protocol', 'SAML:1.1:protocol'), 'does not speak SAML 2.0'],
    ['a document type', () => `<?xml version="1.0"?><!DOCTYPE md>${written()}`, 'document type present'],
    ['no entityID', () => written().replace(/ entityID="[^"]*"/, ''), 'it has no entityID'],
    [
      'a validUntil that is no time',
      () => written().replace('<md:EntityDescriptor ', '<md:EntityDescriptor validUntil="soon" '),
      'validUntil is no time',
    ],
    [
      'another entity',
      () => written({ entityId: 'https://other.test' }),
      `its entityID is https://other.test, not ${entityId}`,
    ],
  ])('B6: says what is wrong with %s', (what, text, why) => {
    expect(() => read(text(), what === 'another entity' ? entityId : undefined)).toThrow(why)
  })

  it.each<[string, (text: string) => Uint8Array, string?]>([
    ['UTF-16 with a mark', (text) => Buffer.from(`\uFEFF<?xml version="1.0" encoding="utf-16"?>${text}`, 'utf16le')],
    ['UTF-16 big-endian', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['ISO-8859-1', (text) => Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${text}`, 'latin1')],
    ['ISO-8859-1 by the Content-Type alone', (text) => Buffer.from(text, 'latin1'), 'text/xml; charset=ISO-8859-1'],
  ])('B6: are read from an address that answers in %s', async (_, encode, type = 'application/samlmetadata+xml') => {
    const text = written().replace(
      '</md:IDPSSODescriptor>',
      '</md:IDPSSODescriptor><md:Organization><md:OrganizationName xml:lang="de">Zoë</md:OrganizationName></md:Organization>',
    )
    const fetch = async () => new Response(Buffer.from(encode(text)), { headers: { 'content-type': type } })
    const challenge = await open({ metadataUrl: `${entityId}.xml` }, { fetch }).begin({ state, record: testRecorder() })
    expect(challenge.step === 'redirect' && challenge.url.origin).toBe('https://idp.acme.test')
  })

  it('B6: an address that answers in an encoding we do not know is named with it', async () => {
    const fetch = async () => new Response(`<?xml version="1.0" encoding="EBCDIC-US"?>${written()}`)
    const { checks } = await open({ metadataUrl: `${entityId}.xml` }, { fetch }).health(AbortSignal.timeout(5000))
    expect(checks[0]?.detail).toContain('it is encoded as EBCDIC-US, which is not supported')
  })
})
