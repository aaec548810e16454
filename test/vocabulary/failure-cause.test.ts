import { describe, expect, it } from 'vitest'
import { checkOf, GatehouseError } from '../../src/errors.ts'
import { failureCause } from '../../src/provider/failure-cause.ts'

const unreachable = (why: string) => new GatehouseError('upstream_unreachable', `https://idp.test/keys ${why}`)
const check = checkOf('aud', false, 'gatehouse', 'another')

describe('the cause of a failure', () => {
  it.each([
    [unreachable('cannot be reached: CERT_HAS_EXPIRED'), 'upstream_unreachable: certificate expired'],
    [unreachable('cannot be reached: DEPTH_ZERO_SELF_SIGNED_CERT'), 'upstream_unreachable: certificate'],
    [unreachable('cannot be reached: no complete answer within 5000 ms'), 'upstream_unreachable: timeout'],
    [unreachable('cannot be reached: ENOTFOUND'), 'upstream_unreachable: unknown host'],
    [unreachable('cannot be reached: ECONNREFUSED'), 'upstream_unreachable: connection refused'],
    [unreachable('is not called: it is a private address'), 'upstream_unreachable: private address'],
    [unreachable('was answered with status 503'), 'upstream_unreachable: status'],
    [unreachable('cannot be reached through the proxy p.test: it answered 403'), 'upstream_unreachable: proxy'],
    [unreachable('cannot be reached'), 'upstream_unreachable'],
    [new GatehouseError('upstream_invalid', 'the ID token is of another app', { check }), 'upstream_invalid: aud'],
    [new GatehouseError('user_denied', 'access_denied'), 'user_denied'],
  ])('of "%s" is %s', (error, cause) => {
    expect(failureCause(error)).toBe(cause)
  })

  it('names the OAuth error of a response without a failed check', () => {
    const error = new GatehouseError('upstream_refused', 'the token endpoint answered invalid_client')
    expect(failureCause(error, 'invalid_client')).toBe('upstream_refused: invalid_client')
    expect(failureCause(error, '')).toBe('upstream_refused')
  })
})
