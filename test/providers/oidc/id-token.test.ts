/** Which ID tokens of an upstream are refused (OpenID Connect Core 3.1.3.7). */
import { describe, expect, it } from 'vitest'
import { startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { ada, client, type FaultCase, invalid, seconds, startOkta } from '../../support/providers/okta-logins.ts'

const { emulator, begin, signIn } = await startOkta()

describe('an ID token', () => {
  const jwk = { kty: 'RSA', n: 'AQAB', e: 'AQAB' }
  const cases: readonly FaultCase[] = [
    ['RP-01 with alg none', ['algNone'], 'alg'],
    ['RP-02 with alg nOnE', ['header', { alg: 'nOnE' }], 'alg'],
    ['RP-03 without its signature', ['strippedSignature'], 'signature'],
    ['RP-05 signed by another key under the same key ID', ['forgedSignature'], 'signature'],
    ['RP-06 signed by HS256 with the public key', ['algHS256'], 'alg'],
    ['RP-07 with alg HS512', ['header', { alg: 'HS512' }], 'alg'],
    ['RP-08 with an algorithm that was not announced', ['header', { alg: 'RS512' }], 'alg'],
    ['RP-10 with a kid that is a path', ['header', { kid: '../../../../etc/passwd' }], 'signature'],
    ['RP-11 with a kid that is SQL', ['header', { kid: "' OR 1=1 --" }], 'signature'],
    ['RP-12 with a kid that is __proto__', ['header', { kid: '__proto__' }], 'signature'],
    ['RP-13 with an unknown kid', ['header', { kid: 'unknown' }], 'signature'],
    ['RP-18 of another issuer', ['wrongIssuer'], 'iss'],
    ['RP-20 without an issuer', ['claims', { iss: undefined }], 'iss'],
    ['RP-21 for another app', ['wrongAudience'], 'aud'],
    ['RP-22 without an audience', ['claims', { aud: undefined }], 'aud'],
    ['RP-23 for an app whose ID begins like ours', ['claims', { aud: 'gatehouse-2' }], 'aud'],
    ['RP-24 for two apps, given to the other', ['foreignAzp'], 'azp'],
    ['RP-24 for two apps, without azp', ['claims', { aud: ['gatehouse', 'other'], azp: undefined }], 'azp'],
    ['RP-25 that ended', ['expired'], 'exp'],
    ['RP-26 without an end', ['claims', { exp: undefined }], 'exp'],
    ['RP-27 whose end is a text', ['claims', { exp: '9999999999' }], 'exp'],
    ['RP-28 without its time of issue', ['claims', { iat: undefined }], 'iat'],
    ['RP-29 issued an hour ahead', ['claims', { iat: seconds() + 3600 }], 'iat'],
    ['RP-29 of an upstream whose clock is 10 minutes ahead', ['clockAhead'], 'iat'],
    ['RP-30 not valid yet', ['claims', { nbf: seconds() + 600 }], 'nbf'],
    ['RP-31 without sub', ['noSub'], 'sub'],
    ['RP-32 with an empty sub', ['claims', { sub: '' }], 'sub'],
    ['RP-33 with a number for sub', ['claims', { sub: 1 }], 'sub'],
    ['RP-34 with an object for sub', ['claims', { sub: { $ne: '' } }], 'sub'],
    ['RP-34 with a sub of 256 characters', ['claims', { sub: 'x'.repeat(256) }], 'sub'],
    ['RP-34 with a line break in sub', ['claims', { sub: 'ada\r\nbob' }], 'sub'],
    ['RP-35 with the nonce of another login', ['wrongNonce'], 'nonce'],
    ['RP-35 without nonce', ['noNonce'], 'nonce'],
  ]
  it.each(cases)('%s is refused, and the check that failed is named', async (_, fault, name) => {
    await expect(signIn(fault)).rejects.toMatchObject(invalid(name))
  })

  it('RP-09 has its signature checked although it came over TLS', async () => {
    await expect(signIn()).resolves.toMatchObject({ identity: { subject: ada.sub } })
    await expect(signIn(['forgedSignature'])).rejects.toMatchObject(invalid('signature'))
  })

  it('RP-04 with a changed payload is refused', async () => {
    const login = await begin()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const nonce = login.url.searchParams.get('nonce')
    const claims = {
      iss: emulator.issuer,
      aud: client.clientId,
      sub: 'admin',
      nonce,
      iat: seconds(),
      exp: seconds() + 60,
    }
    const idToken = `${part({ alg: 'RS256' })}.${part(claims)}.${Buffer.alloc(256, 7).toString('base64url')}`
    emulator.fault('answer', { token: JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: idToken }) })
    await expect(login.finish()).rejects.toMatchObject(invalid('signature'))
  })

  it.each([
    ['RP-14', { jku: 'URL' }],
    ['RP-14', { x5u: 'URL' }],
    ['RP-15', { jwk }],
  ])('%s: a key that the token brings itself (%j) is not used and nothing is fetched for it', async (_, header) => {
    const attacker = await startOktaEmulator({ clients: [], people: [] })
    const text = JSON.stringify({ ...header, kid: 'theirs' }).replace('URL', `${attacker.issuer}/v1/keys`)
    await expect(signIn(['header', JSON.parse(text)])).rejects.toMatchObject(invalid('signature'))
    expect(attacker.counters.keys).toBe(0)
    await attacker.close()
  })

  it.each([{ crit: ['exp'] }, { crit: ['b64'], b64: false }])(
    'RP-16 that demands an extension (%j) is refused',
    async (header) => {
      await expect(signIn(['header', header])).rejects.toMatchObject({ code: 'upstream_invalid' })
    },
  )

  it.each([
    ['an encrypted one', 'a.b.c.d.e'],
    ['JSON serialisation', '{"payload":"e30","signatures":[]}'],
    ['three empty parts', '..'],
    ['a number', 7],
    ['a list', [1]],
  ])('RP-17 in a form that is not due (%s) is refused', async (_, idToken) => {
    const body = JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: idToken })
    await expect(signIn(['answer', { token: body }])).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it.each(['iss', 'aud'])('RP-19 whose %s differs by a slash is refused', async (name) => {
    const value = name === 'iss' ? `${emulator.issuer}/` : 'gatehouse/'
    await expect(signIn(['claims', { [name]: value }])).rejects.toMatchObject(invalid(name))
  })

  it.each([{ iat: seconds() + 20 }, { exp: seconds() - 10 }, { nbf: seconds() + 20 }])(
    'FT-25 is accepted when clocks differ by seconds (%j)',
    async (claims) => {
      await expect(signIn(['claims', claims])).resolves.toBeDefined()
    },
  )
})
