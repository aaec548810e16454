import { describe, expect, it } from 'vitest'
import { detailFixes } from '../../../src/broker/sign-ins/detail-fixes.ts'
import { fixFor } from '../../../src/broker/sign-ins/fixes.ts'
import { type ErrorCode, errorTable } from '../../../src/errors.ts'

const codes = Object.keys(errorTable) as readonly ErrorCode[]

describe('fixes of causes', () => {
  it.each([
    ['upstream_unreachable', 'Gatehouse cannot reach the identity provider', 'tenant admin'],
    ['upstream_unreachable:timeout', 'The identity provider answers too slowly', 'tenant admin'],
    [
      'upstream_unreachable: discovery unknown host',
      'The host name of the identity provider cannot be resolved',
      'operator',
    ],
    [
      'upstream_unreachable: token exchange certificate',
      'The TLS certificate of the identity provider is not trusted',
      'tenant admin',
    ],
    [
      'upstream_unreachable: token exchange status 503',
      'The identity provider answers with a server error',
      'tenant admin',
    ],
    ['upstream_unreachable: keys connection refused', 'The identity provider accepts no connection', 'tenant admin'],
    ['upstream_unreachable: discovery', 'Gatehouse cannot reach the identity provider', 'tenant admin'],
    [
      'upstream_refused: token exchange invalid_client',
      'The identity provider rejects the client ID or the client secret',
      'operator',
    ],
    [
      'upstream_invalid: status InvalidNameIDPolicy',
      'The identity provider sends no usable ID of the user',
      'tenant admin',
    ],
    [
      'upstream_invalid: discovery not JSON',
      'The identity provider sent something else than the expected document',
      'tenant admin',
    ],
    ['upstream_unreachable:private address', 'The identity provider has a private address', 'operator'],
    ['upstream_refused:invalid_client', 'The identity provider rejects the client ID or the client secret', 'operator'],
    ['upstream_refused:no_such_word', 'The identity provider rejected a request of Gatehouse', 'tenant admin'],
    ['upstream_invalid:signature', 'The identity provider signs with a key that it does not publish', 'tenant admin'],
    [
      'upstream_invalid:signature of the Assertion',
      'The identity provider signs with a certificate that is not trusted yet',
      'tenant admin',
    ],
    ['upstream_invalid:iat', 'The clocks of Gatehouse and the identity provider differ', 'operator'],
    ['upstream_invalid:nbf', 'The clocks of Gatehouse and the identity provider differ', 'operator'],
    [
      'upstream_invalid:NotBefore of the Conditions',
      'The clocks of Gatehouse and the identity provider differ',
      'operator',
    ],
    ['upstream_invalid:exp', 'The answer of the identity provider was too old', 'operator'],
    ['upstream_invalid:NotOnOrAfter of the Conditions', 'The answer of the identity provider was too old', 'operator'],
    ['identity_taken', 'Another user has this sign-in method', 'user'],
    ['redirect_uri_refused: redirect_uri', 'The redirect URI of the app is not registered', 'app developer'],
    ['upstream_invalid:email', 'The identity provider sends no email that can be used', 'tenant admin'],
    ['upstream_invalid:aud', 'The answer was made for another application', 'tenant admin'],
    ['callback_malformed:binding', 'The callback URL is not registered at the identity provider', 'tenant admin'],
    ['callback_unregistered', 'The callback URL is not registered at the identity provider', 'tenant admin'],
    ['upstream_refused: callback URL', 'The callback URL is not registered at the identity provider', 'tenant admin'],
    ['upstream_invalid: clock', 'The clocks of Gatehouse and the identity provider differ', 'operator'],
    ['upstream_invalid: certificates expired', 'A certificate of the identity provider has expired', 'tenant admin'],
    [
      'upstream_unreachable: discovery certificate expired',
      'The TLS certificate of the identity provider has expired',
      'tenant admin',
    ],
    [
      'upstream_invalid: certificates expires soon',
      'A certificate of the identity provider expires soon',
      'tenant admin',
    ],
    ['clock', 'The clocks of Gatehouse and the identity provider differ', 'operator'],
    ['profile:email missing', 'The identity provider sends no email that can be used', 'tenant admin'],
    ['certificate expired', 'A certificate of the identity provider has expired', 'tenant admin'],
    ['credentials_invalid', 'The email or the password is wrong', 'user'],
    ['login_expired', 'The sign-in took too long', 'user'],
  ])('%s: %s, by the %s', (cause, title, fixer) => {
    expect(fixFor(cause)).toMatchObject({ title, fixer })
  })

  it.each(codes)('the code %s alone has a title, a fix and a fixer', (code) => {
    const { title, fix, fixer } = fixFor(code)
    expect(title).toMatch(/^[A-Z].*[^.]$/)
    expect(fix).toMatch(/^[A-Z].*\.$/)
    expect(fixer).toBe(errorTable[code].fixer)
  })

  it('says who changes the file of the tenant, and that it counts after a restart', () => {
    const change = 'An operator changes the file, runs `gatehouse check` and restarts Gatehouse.'
    expect(fixFor('upstream_invalid: issuer').fix).toContain(change)
    expect(fixFor('sign_in_refused').fix).toContain(change)
    expect(fixFor('upstream_invalid: alg').fix).not.toContain('restarts')
  })

  it('every text is a title without a full stop and a fix of whole sentences', () => {
    for (const { title, fix } of detailFixes) {
      expect(title).toMatch(/^[A-Z].*[^.]$/)
      expect(fix).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('names the identity provider of the connection, also one whose name has special characters', () => {
    expect(fixFor('upstream_unreachable:timeout', { label: 'Okta' }).title).toBe('Okta answers too slowly')
    expect(fixFor('upstream_unreachable', { label: "$& $'" }).title).toBe("Gatehouse cannot reach $& $'")
  })

  it.each(['', ':', 'constructor', '__proto__:x', 'no such cause', 'x'.repeat(10_000)])(
    'has an answer for the unknown cause %j',
    (cause) => {
      expect(fixFor(cause)).toMatchObject({ fixer: 'tenant admin', fix: expect.stringContaining('trace') })
    },
  )
})
