/** ID tokens that every brand's connection refuses. */
import type { Fault } from './passport-brand.ts'

/** Name of the test, the emulator's fault, and the check that fails. */
export type IdTokenAttack = readonly [string, Fault, string]

export const seconds = () => Math.floor(Date.now() / 1000)

export function idTokenAttacks(clientId: string): readonly IdTokenAttack[] {
  return [
    ['RP-01 with alg none', ['algNone'], 'alg'],
    ['RP-02 with alg nOnE', ['header', { alg: 'nOnE' }], 'alg'],
    ['RP-03 without its signature', ['strippedSignature'], 'signature'],
    ['RP-05 signed by another key under the same key ID', ['forgedSignature'], 'signature'],
    ['RP-06 signed by HS256 with the public key', ['algHS256'], 'alg'],
    ['RP-07 with alg HS512', ['header', { alg: 'HS512' }], 'alg'],
    ['RP-08 with an algorithm that the brand does not use', ['header', { alg: 'RS512' }], 'alg'],
    ['RP-10 with a kid that is a path', ['header', { kid: '../../../../etc/passwd' }], 'signature'],
    ['RP-12 with a kid that is __proto__', ['header', { kid: '__proto__' }], 'signature'],
    ['RP-13 with an unknown kid', ['header', { kid: 'unknown' }], 'signature'],
    ['RP-14 with a jku', ['header', { jku: 'http://127.0.0.1:9/keys', kid: 'theirs' }], 'signature'],
    ['RP-15 with a key of its own', ['header', { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, kid: 'x' }], 'signature'],
    ['RP-16 that demands an extension', ['header', { crit: ['exp'] }], 'crit'],
    ['RP-16 whose payload is not encoded', ['header', { crit: ['b64'], b64: false }], 'crit'],
    ['RP-18 of another issuer', ['wrongIssuer'], 'iss'],
    ['RP-20 without an issuer', ['claims', { iss: undefined }], 'iss'],
    ['RP-20 of a list of issuers', ['claims', { iss: ['x'] }], 'iss'],
    ['RP-21 for another app', ['wrongAudience'], 'aud'],
    ['RP-22 without an audience', ['claims', { aud: undefined }], 'aud'],
    ['RP-23 for an app whose ID begins like ours', ['claims', { aud: `${clientId}2` }], 'aud'],
    ['RP-24 for two apps, given to the other', ['foreignAzp'], 'azp'],
    ['RP-24 for two apps, without azp', ['claims', { aud: [clientId, 'other'], azp: undefined }], 'azp'],
    ['RP-25 that ended', ['expired'], 'exp'],
    ['RP-26 without an end', ['claims', { exp: undefined }], 'exp'],
    ['RP-27 whose end is a text', ['claims', { exp: '9999999999' }], 'exp'],
    ['RP-28 without its time of issue', ['claims', { iat: undefined }], 'iat'],
    ['RP-29 of an upstream whose clock is 10 minutes ahead', ['clockAhead'], 'iat'],
    ['RP-30 not valid yet', ['claims', { nbf: seconds() + 600 }], 'nbf'],
    ['RP-31 without sub', ['noSub'], 'sub'],
    ['RP-32 with an empty sub', ['claims', { sub: '' }], 'sub'],
    ['RP-33 with a number for sub', ['claims', { sub: 1 }], 'sub'],
    ['RP-34 with an object for sub', ['claims', { sub: { $ne: '' } }], 'sub'],
  ]
}

export const nonceAttacks: readonly IdTokenAttack[] = [
  ['RP-35 with the nonce of another login', ['wrongNonce'], 'nonce'],
  ['RP-35 without nonce', ['noNonce'], 'nonce'],
]
