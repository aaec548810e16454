/** The requests, the metadata and the config of a SAML connection. */
import { describe, expect, it } from 'vitest'
import { saml } from '../../../providers/saml/saml.ts'
import { beginLogin, type Config, configOf, open } from '../../support/providers/saml-forge.ts'
import { keys, ourPrivateKey, withKey } from '../../support/providers/saml-sign-in.ts'

describe('our SAML request', () => {
  it('asks for a fresh proof and for a context', async () => {
    const context = 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509'
    const config = configOf(keys, { binding: 'post', requiredAuthnContext: [context], nameIdFormat: 'persistent' })
    const { challenge } = await beginLogin(config, {}, { reauthenticate: true })
    const xml = challenge.step === 'post' ? Buffer.from(challenge.fields['SAMLRequest'] ?? '', 'base64').toString() : ''
    expect(xml).toContain('ForceAuthn="true"')
    expect(xml).toContain(context)
    expect(xml).toContain('nameid-format:persistent')
  })

  it('is signed where the connection has a key', async () => {
    const redirect = (await beginLogin(withKey())).challenge
    expect(redirect.step === 'redirect' && redirect.url.searchParams.get('SigAlg')).toBe(
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    )
    const unsigned = (await beginLogin(configOf(keys))).challenge
    expect(unsigned.step === 'redirect' && unsigned.url.searchParams.has('Signature')).toBe(false)
  })
})

describe('our SAML metadata', () => {
  it('says what the connection does', async () => {
    const keyed = await open(withKey()).metadata?.publish?.()
    expect(keyed).toContain('entityID="https://gatehouse.test/t/acme/okta/metadata"')
    expect(keyed).toContain('Location="https://gatehouse.test/t/acme/okta/callback"')
    expect(keyed).toContain('AuthnRequestsSigned="true"')
    expect(keyed).toContain('WantAssertionsSigned="true"')
    expect(keyed).toContain('use="encryption"')
    expect(keyed).toContain('aes256-gcm')
    expect(keyed).not.toMatch(/-cbc"|PRIVATE KEY/)
    const bare = await open(configOf(keys, { signed: 'response' })).metadata?.publish?.()
    expect(bare).toContain('AuthnRequestsSigned="false"')
    expect(bare).not.toMatch(/WantAssertionsSigned|KeyDescriptor/)
  })
})

describe('the config of a SAML connection', () => {
  const faults = (config: Config) => saml.config.safeParse(config).error?.issues.map(({ path }) => path.join('.'))

  it('asks for exactly one description of the identity provider', () => {
    expect(faults({})).toEqual(['metadataUrl'])
    expect(faults(configOf(keys, { metadataUrl: 'https://idp.test/m' }))).toEqual(['metadataUrl'])
    expect(faults({ singleSignOnUrl: 'https://idp.test/sso' })).toEqual(['entityId', 'certificates'])
  })

  it('takes a key only with its own certificate', () => {
    expect(faults(configOf(keys, { privateKey: ourPrivateKey }))).toEqual(['certificate'])
    expect(faults(withKey({ certificate: keys.idp.certificate }))).toEqual(['certificate'])
    expect(faults(withKey({ privateKey: 'no key' }))).toEqual(['privateKey'])
    const onCurve = keys.curves['P-256'] // ours has to be RSA: node-saml signs by nothing else
    expect(
      faults(
        withKey({
          privateKey: onCurve.privateKey.export({ format: 'pem', type: 'pkcs8' }),
          certificate: onCurve.certificate,
        }),
      ),
    ).toEqual(['privateKey'])
  })

  it('CF-01 takes only https addresses and readable certificates', () => {
    expect(faults(configOf(keys, { singleSignOnUrl: 'http://idp.test/sso' }))).toEqual(['singleSignOnUrl'])
    expect(faults(configOf(keys, { certificates: ['nonsense'] }))).toEqual(['certificates.0'])
    expect(faults(configOf(keys, { certificates: [keys.curves.secp256k1.certificate] }))).toEqual(['certificates.0'])
  })

  it('never shows its private key', () => {
    expect(JSON.stringify(saml.config.parse(withKey()))).not.toContain('PRIVATE KEY')
  })
})
