import { once } from 'node:events'
import { createServer } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { idpMetadata } from '../../../providers/saml/emulator/response.ts'
import { signed } from '../../../providers/saml/emulator/signature.ts'
import { readMetadata } from '../../../providers/saml/metadata/idp-metadata.ts'
import { trustedKey } from '../../../providers/saml/signature/certificates.ts'
import { testRecorder } from '../../contract/context.ts'
import { configOf, type Keys, open, sharedKeys, state } from '../../support/providers/saml-forge.ts'

const now = new Date('2026-01-01T00:00:00Z')
const entityId = 'https://idp.acme.test/metadata'
let keys: Keys
beforeAll(async () => {
  keys = await sharedKeys()
})

const written = (changes: Partial<Parameters<typeof idpMetadata>[0]> = {}) =>
  idpMetadata({ entityId, address: 'https://idp.acme.test/sso', certificates: [keys.idp.certificate], ...changes })
const read = (text: string, wanted?: string) => readMetadata(text, 'in a test', wanted, now)

describe('metadata of an identity provider', () => {
  it('reads entity ID, endpoints and every signing certificate', () => {
    const {
      entityId: found,
      singleSignOn,
      keys: certificates,
    } = read(
      `\uFEFF<?xml version="1.0"?>\n<!-- made by hand -->\n${written({ certificates: [keys.idp.certificate, keys.next.certificate] })}`,
    )
    expect(found).toBe(entityId)
    expect(singleSignOn).toEqual({ redirect: 'https://idp.acme.test/sso', post: 'https://idp.acme.test/sso' })
    expect(certificates).toHaveLength(2)
  })

  it('is found among several by its entity ID, and only by it', () => {
    const several = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${written()}${written({ entityId: 'https://other.test' })}</md:EntitiesDescriptor>`
    expect(read(several, entityId).entityId).toBe(entityId)
    expect(() => read(several)).toThrow('set entityId')
    expect(() => read(several, 'https://third.test')).toThrow('another identity provider')
  })

  it('SA-87 is known to be signed by a key, or not', () => {
    const [idp, stranger] = [keys.idp, keys.stranger].map(({ certificate }) => trustedKey(certificate))
    if (!idp || !stranger) throw new Error('no keys')
    const whole = signed(written(), 'EntityDescriptor', keys.idp)
    expect(read(whole).isSignedBy([idp])).toBe(true)
    expect(read(whole).isSignedBy([stranger])).toBe(false)
    expect(read(whole.replaceAll('/sso"', '/phish"')).isSignedBy([idp])).toBe(false)
    expect(read(written()).isSignedBy([idp])).toBe(false)
  })

  it.each<[string, () => string, string]>([
    ['past its time', () => written({ validUntil: new Date('2025-12-31T00:00:00Z') }), 'no longer valid'],
    ['without certificates', () => written({ certificates: [] }), 'no RSA signing certificate'],
    ['of addresses without https', () => written({ address: 'http://idp.acme.test/sso' }), 'no https address'],
    ['with a document type', () => `<!DOCTYPE x>${written()}`, 'document type'],
    [
      'of a service provider',
      () => written().replaceAll('IDPSSODescriptor', 'SPSSODescriptor'),
      'no identity provider',
    ],
    ['that is a web page', () => '<html><body>hello</body></html>', 'a web page (HTML)'],
    ['that is not XML', () => 'hello', 'not XML'],
    ['of 3 MB', () => ' '.repeat(3_000_000), 'larger than 2 MB'],
  ])('is refused %s', (_, text, why) => {
    expect(() => read(text())).toThrow(why)
  })

  it('serves a connection as text of its config too', async () => {
    const challenge = await open({ metadata: written() }).begin({ state, record: testRecorder() })
    expect(challenge.step === 'redirect' && challenge.url.origin).toBe('https://idp.acme.test')
  })
})

describe('health of a SAML connection without metadata address', () => {
  it('is degraded when the sign-in page does not answer, since browsers may still reach it', async () => {
    const health = await open(configOf(keys, { singleSignOnUrl: 'http://127.0.0.1:9/sso' })).health(
      AbortSignal.timeout(5000),
    )
    expect(health.status).toBe('degraded')
    expect(health.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['identity provider', false],
      ['certificates', true],
    ])
  })

  it('is up when the sign-in page answers with a redirect, as a session page does', async () => {
    const server = createServer((_, response) => response.writeHead(302, { location: '/login' }).end()).listen(0)
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { status, checks } = await open(configOf(keys, { singleSignOnUrl: `http://127.0.0.1:${port}/sso` })).health(
      AbortSignal.timeout(5000),
    )
    server.close()
    expect([status, checks[0]?.detail]).toEqual(['up', `127.0.0.1:${port} answers`])
  })

  const certificateCheck = async (certificates: readonly string[]) => {
    const config = configOf(keys, { certificates, singleSignOnUrl: 'http://127.0.0.1:9/sso' })
    const { checks } = await open(config).health(AbortSignal.timeout(5000))
    return checks.find(({ name }) => name === 'certificates')
  }
  const ended = (name: string, until: string) =>
    certifiedKey(name, { from: new Date('2020-01-01'), until: new Date(until) })

  it('SA-87 names the last certificate when all have ended', async () => {
    const [old, older] = await Promise.all([ended('old', '2021-01-01'), ended('older', '2020-06-01')])
    expect(await certificateCheck([old.certificate, older.certificate])).toEqual({
      name: 'certificates',
      ok: false,
      detail: 'the last of 2 ended on 2021-01-01',
      cause: 'upstream_invalid: certificates expired',
    })
  })

  it('accepts a certificate that has ended beside the next one, as during a key change', async () => {
    const old = await ended('old', '2021-01-01')
    expect(await certificateCheck([old.certificate, keys.idp.certificate])).toMatchObject({ ok: true })
  })
})
