/** B9: errors that need no network are reported by `gatehouse check` and at startup. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { certifiedKey } from '../../providers/saml/emulator/certificate.ts'
import { idpMetadata } from '../../providers/saml/emulator/response.ts'
import { reportOf } from '../../src/config/check.ts'
import { loadConfig } from '../../src/config/load.ts'
import { gatehouse, load, writeFolder } from '../support/gatehouse/config-folder.ts'
import { acmeYaml, oktaFor } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const entityId = 'https://idp.acme.test'
let certificate = ''
let other = ''
let key = ''
beforeAll(async () => {
  const [idp, next] = await Promise.all([certifiedKey('idp'), certifiedKey('next')])
  certificate = idp.certificate
  other = next.certificate
  key = String(idp.privateKey.export({ format: 'pem', type: 'pkcs8' }))
})

type Changes = Partial<Parameters<typeof idpMetadata>[0]>
const metadata = (changes: Changes = {}) =>
  idpMetadata({ entityId, address: `${entityId}/sso`, certificates: [certificate], ...changes })
const tenant = (more = '') =>
  `tenant: acme\nname: Acme\nconnections:\n  saml:\n    metadata: file:acme/idp.xml\n${more}  password: {}\n`
const files = (idp: string, more = '') => ({
  'gatehouse.yaml': gatehouse,
  'tenants/acme.yaml': tenant(more),
  'tenants/acme/idp.xml': idp,
  'tenants/acme/saml.key': key,
  'tenants/acme/other.crt': other,
  'tenants/acme/bad.pem': 'nothing',
})
const at = 'tenants/acme.yaml:5:5: connections.saml.metadata: the metadata in the config cannot be used:'

describe('B9 SAML metadata in the config', () => {
  it.each<[string, () => string, string]>([
    ['a web page', () => '<html>Sign in to download the metadata</html>', `${at} it is a web page (HTML)`],
    ['a service provider', () => metadata().replaceAll('IDPSSO', 'SPSSO'), `${at} it describes no identity provider`],
    ['without a usable certificate', () => metadata({ certificates: [] }), `${at} it holds no RSA signing certificate`],
    ['past its time', () => metadata({ validUntil: new Date('2025-01-01') }), `${at} it is no longer valid since 2025`],
    ['nothing', () => '<a/>', `${at} it describes no identity provider`],
  ])('B9: that is %s is reported at its line, and stops no process', async (_, idp, expected) => {
    const { loaded, unusable } = await load(files(idp()))
    expect(loaded.ok).toBe(true)
    expect(unusable).toEqual([expect.stringContaining(expected)])
  })

  it('B9: with another entity ID is an error at entityId that names both', async () => {
    const { unusable } = await load(files(metadata(), '    entityId: https://other.test\n'))
    expect(unusable).toEqual([
      expect.stringMatching(
        /acme\.yaml:6:5: connections\.saml\.entityId: .*https:\/\/idp\.acme\.test, not https:\/\/other\.test/,
      ),
    ])
  })

  it('B9: causes no error if correct, in UTF-16 too', async () => {
    expect((await load(files(metadata()))).unusable).toEqual([])
    const wide = Buffer.from(`\uFEFF<?xml version="1.0" encoding="utf-16"?>${metadata()}`, 'utf16le')
    const { loaded, unusable } = await load({ ...files(''), 'tenants/acme/idp.xml': wide })
    expect([loaded.ok, unusable]).toEqual([true, []])
  })

  it('B9: of a shared connection is reported once, where it is written', async () => {
    const shared = 'connections:\n  saml:\n    metadata: "<html></html>"\n'
    const using = (id: string) => `tenant: ${id}\nname: ${id}\nconnections:\n  saml: shared\n  password: {}\n`
    const { unusable } = await load({
      'gatehouse.yaml': gatehouse + shared,
      'tenants/acme.yaml': using('acme'),
      'tenants/beta.yaml': using('beta'),
    })
    expect(unusable).toEqual([expect.stringContaining('gatehouse.yaml:6:5: connections.saml.metadata')])
  })

  it('B9: `gatehouse check` counts it as an error', async () => {
    const directory = writeFolder(files('<html></html>'))
    const { ok, text } = reportOf(await loadConfig({ directory, environment: {}, providers }))
    expect(ok).toBe(false)
    expect(text).toMatch(/metadata: the metadata in the config cannot be used: it is a web page.*\n1 fault$/s)
  })
})

describe('B9 keys, certificates and images in the config', () => {
  const pair = (privateKey: string, cert: string) =>
    `    privateKey: file:acme/${privateKey}\n    certificate: file:acme/${cert}\n`
  it.each([
    [
      'a private key that cannot be read',
      pair('bad.pem', 'other.crt'),
      'privateKey: must be an RSA private key as PEM',
    ],
    ['a certificate that cannot be read', pair('saml.key', 'bad.pem'), 'certificate: must be a certificate as PEM'],
    [
      'a certificate of another key',
      pair('saml.key', 'other.crt'),
      'certificate: must be the PEM certificate of privateKey, and it is that of another key',
    ],
    ['a key alone', '    privateKey: file:acme/saml.key\n', 'certificate: privateKey and certificate belong together'],
  ])('B9: SAML: %s', async (_, more, expected) => {
    const { faults } = await load(files(metadata(), more))
    expect(faults).toEqual([expect.stringContaining(`connections.saml.${expected}`)])
  })

  it('B9: SAML: a certificate in place of the key and the reverse are errors', async () => {
    const { faults } = await load(files(metadata(), pair('other.crt', 'other.crt')))
    expect(faults).toEqual([expect.stringContaining('must be an RSA private key as PEM, and it is a certificate')])
    const swapped = await load(files(metadata(), pair('saml.key', 'saml.key')))
    expect(swapped.faults).toEqual([expect.stringContaining('must be a certificate as PEM, and it is a private key')])
  })

  it('B9: SAML: expired and expiring certificates of both sides cause warnings', async () => {
    const day = 24 * 3600_000
    const [old, soon] = await Promise.all([
      certifiedKey('old', { from: new Date(Date.now() - 9 * day), until: new Date(Date.now() - day) }),
      certifiedKey('soon', { until: new Date(Date.now() + 5 * day) }),
    ])
    const { loaded, unusable, warnings } = await load({
      ...files(metadata({ certificates: [soon.certificate] }), pair('old.key', 'old.crt')),
      'tenants/acme/old.key': String(old.privateKey.export({ format: 'pem', type: 'pkcs8' })),
      'tenants/acme/old.crt': old.certificate,
    })
    expect([loaded.ok, unusable]).toEqual([true, []])
    expect(warnings).toEqual([
      expect.stringMatching(/:5:5: connections\.saml\.metadata: the certificate ends on .*: ask the identity provider/),
      expect.stringMatching(/:7:5: connections\.saml\.certificate: the certificate ended on .*: make a new one/),
    ])
    const both = await load(files(metadata({ certificates: [soon.certificate, certificate] })))
    expect(both.warnings).toEqual([])
  })

  it('B9: SAML: expiring metadata causes a warning', async () => {
    const validUntil = new Date(Date.now() + 3 * 24 * 3600_000)
    const { unusable, warnings } = await load(files(metadata({ validUntil })))
    expect(unusable).toEqual([])
    expect(warnings).toEqual([
      expect.stringContaining(`it is valid until ${validUntil.toISOString().slice(0, 10)} only`),
    ])
  })

  it.each([
    ['DER', [0x30, 0x82, 1, 2, 0xff], 'it is DER, not text: convert it to PEM'],
    ['gzip', [0x1f, 0x8b, 8, 0], 'it is compressed (gzip)'],
  ])('B11: a file in %s is reported as such', async (_, bytes, expected) => {
    const { faults } = await load({ ...files(''), 'tenants/acme/idp.xml': Uint8Array.from(bytes) })
    expect(faults).toEqual([expect.stringContaining(expected)])
  })

  it.each([
    ['the discovery document', 'https://idp.test/.well-known/openid-configuration', 'must be the issuer alone'],
    ['Entra ID for all', 'https://login.microsoftonline.com/common/v2.0', 'must hold the ID of the directory'],
  ])('B9: OpenID Connect: %s as issuer', async (_, issuer, expected) => {
    const yaml = `tenant: acme\nname: Acme\nconnections:\n  oidc:\n    issuer: ${issuer}\n    clientId: '1'\n    clientSecret: a-secret-of-acme-alone\n`
    const { faults } = await load({ ...files(''), 'tenants/acme.yaml': yaml })
    expect(faults).toEqual([expect.stringContaining(`connections.oidc.issuer: ${expected}`)])
  })

  it('B9: SAML: a private key with a passphrase is an error', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const locked = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'canary' })
    const { faults } = await load({
      ...files(metadata(), pair('locked.key', 'other.crt')),
      'tenants/acme/locked.key': String(locked),
    })
    expect(faults).toEqual([expect.stringContaining('privateKey: is protected by a passphrase; remove it')])
  })

  it('B9: SAML: an unreadable certificate of the identity provider is an error', async () => {
    const byHand = `tenant: acme\nname: Acme\nconnections:\n  saml:\n    entityId: x\n    singleSignOnUrl: https://idp.acme.test/sso\n    certificates: ['file:acme/bad.pem']\n`
    const { faults } = await load({ ...files(''), 'tenants/acme.yaml': byHand })
    expect(faults).toEqual([expect.stringContaining('certificates[0]: must be a PEM certificate')])
  })

  it.each([
    [
      'a private key that cannot be read',
      '{ privateKey: file:acme/bad.pem }',
      'clientKey.privateKey: must be a private key in PEM',
    ],
    [
      'a certificate that cannot be read',
      '{ privateKey: file:acme/saml.key, certificate: file:acme/bad.pem }',
      'clientKey.certificate: must be a certificate',
    ],
    [
      'a certificate of another key',
      '{ privateKey: file:acme/saml.key, certificate: file:acme/other.crt }',
      'clientKey.certificate: must be the certificate of privateKey',
    ],
    [
      'an algorithm of another kind of key',
      '{ privateKey: file:acme/saml.key, alg: ES256 }',
      'clientKey.alg: does not fit the key',
    ],
  ])('B9: OpenID Connect: %s', async (_, clientKey, expected) => {
    const yaml = `tenant: acme\nname: Acme\nconnections:\n  oidc:\n    issuer: https://issuer.test\n    clientId: one\n    clientKey: ${clientKey}\n`
    const { faults } = await load({ ...files(''), 'tenants/acme.yaml': yaml })
    expect(faults).toEqual([expect.stringContaining(`connections.oidc.${expected}`)])
  })

  it('B9: Apple: a key that is not a .p8 file is an error', async () => {
    const yaml =
      'tenant: acme\nname: Acme\nconnections:\n  apple:\n    clientId: com.acme\n    teamId: ABCDE12345\n    keyId: ABCDE12345\n    privateKey: file:acme/saml.key\n'
    const { faults } = await load({ ...files(''), 'tenants/acme.yaml': yaml })
    expect(faults).toEqual([expect.stringContaining('connections.apple.privateKey: must be the text of the .p8 file')])
  })

  it.each([
    ['a logo that is no image', '    logoUri: file:key.pem\n', 'apps.shop.logoUri: must be a PNG'],
    ['a public key that cannot be read', '    keys: [{ publicKey: file:key.pem }]\n', 'apps.shop.keys[0].publicKey'],
  ])('B9: an app: %s', async (_, more, expected) => {
    const app = `apps:\n  shop:\n    name: Shop\n    kind: web\n    redirectUris: ['https://shop.test/callback']\n    tenants: [acme]\n${more}`
    const { faults } = await load({ ...files(metadata()), 'gatehouse.yaml': gatehouse + app, 'key.pem': 'nothing' })
    expect(faults).toEqual([expect.stringContaining(expected)])
  })
})

describe('B9 start of the process', () => {
  let server: TestGatehouse
  beforeAll(async () => {
    const okta = await oktaFor()
    const yaml = acmeYaml(okta).replace('  password:', '  saml:\n    metadata: "<html>Sign in</html>"\n  password:')
    server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': yaml } })
  })
  afterAll(async () => {
    await server.stop()
    await server.okta.close()
  })

  it('B9: logs an unusable connection as an error with its line and serves the others', () => {
    const lines = server.logged.map((line): Record<string, unknown> => JSON.parse(line))
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 50,
        path: 'connections.saml.metadata',
        msg: expect.stringContaining('logins of this connection fail: the metadata in the config cannot be used'),
      }),
    )
    expect(server.port).toBeGreaterThan(0)
  })
})

describe('the end of a client secret', () => {
  const withEnd = (days: number) => {
    const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const okta = `    issuer: https://a.okta.com\n    clientId: a\n    clientSecret: \${ACME_SECRET}\n    secretExpires: ${day}\n`
    return {
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': `tenant: acme\nname: Acme\nconnections:\n  okta:\n${okta}`,
    }
  }

  it.each([
    [20, 'connections.okta.secretExpires: the client secret ends on'],
    [-5, 'connections.okta.secretExpires: the client secret ended on'],
  ])('with %d days left is a warning at its line', async (days, expected) => {
    const { loaded } = await load(withEnd(days), { ACME_SECRET: 'a' })
    const warnings = loaded.ok ? loaded.warnings.map(({ line, path, message }) => `${line} ${path}: ${message}`) : []
    expect(warnings).toEqual([expect.stringContaining(`8 ${expected}`)])
  })

  it('with 60 days left is none', async () => {
    const { loaded } = await load(withEnd(60), { ACME_SECRET: 'a' })
    expect(loaded.ok && loaded.warnings).toEqual([])
  })
})
