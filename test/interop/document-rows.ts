/**
 * Documents and errors that are no plain JSON, as servers, proxies and hand-written files send
 * them.
 */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { certificateBy } from '../../providers/saml/emulator/certificate.ts'
import type { Behavior, Members } from '../support/servers/openid-provider.ts'
import { discovery, invalid, minimalClaims, type Row, refused, row } from './row.ts'

const raw = (endpoint: string, body: string, more: object = {}): Behavior => ({
  raw: { [endpoint]: { body, ...more } },
})
const document = '.well-known/openid-configuration'
const page = '<!DOCTYPE html>\n<html><body>Sign in</body></html>'
const html = { type: 'text/html' }

const documents: readonly Row[] = [
  row(
    'B11',
    'answers discovery with its sign-in page',
    'proxies',
    raw(document, page, html),
    invalid(/web page \(HTML\)/),
  ),
  row('B11', 'answers discovery with nothing', 'proxies', raw(document, ''), invalid(/is empty, not JSON/)),
  row('B11', 'answers the key set with a page', 'proxies', raw('jwks', page, html), invalid(/key set at .* web page/)),
  row(
    'B11',
    'answers the token request with a page',
    'proxies',
    raw('token', page, html),
    invalid(/web page \(HTML\)/),
  ),
  row(
    'B11',
    'answers userinfo with a page',
    'proxies',
    { claims: minimalClaims, ...raw('userinfo', page, html) },
    invalid(/userinfo endpoint .* web page \(HTML\)/),
  ),
  row(
    'B11',
    'has a fragment in its authorization endpoint',
    'single-page sign-in apps',
    { discovery: (own, base) => ({ ...own, authorization_endpoint: `${base}/#/authorize` }) },
    invalid(/authorization_endpoint of .* has a fragment/),
  ),
  row(
    'B11',
    'has a relative token endpoint',
    'hand-written documents',
    discovery({ token_endpoint: '/token' }),
    invalid(/token_endpoint of .* is no absolute URL/),
  ),
  row(
    'B11',
    'has userinfo at http alone, and the ID token no email',
    'TLS ends at a proxy',
    { ...discovery({ userinfo_endpoint: 'http://idp.example/userinfo' }), claims: minimalClaims },
    invalid(/the userinfo_endpoint in discovery is not an https address/),
  ),
  row(
    'B2',
    'says in capitals that it always sends iss, and does not',
    'Python servers; RFC 9207',
    discovery({ authorization_response_iss_parameter_supported: 'True' }),
    { refused: 'callback_invalid', says: /iss of the answer/ },
  ),
  row(
    'B3',
    'saves its documents in UTF-16',
    'Windows editors',
    {
      raw: { jwks: { body: '\ufeff{"keys":[]}', encoding: 'utf16le' } },
    },
    invalid(/holds no key/),
  ),
]

const certifier = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const certificate = (key: JWK) => certificateBy(certifier, createPublicKey({ format: 'jwk', key: { ...key } }), 'idp')

const keySets: readonly Row[] = [
  row('B2', 'publishes a map from key ID to key', 'Firebase-like exports', {
    keys: (own) => ({ keys: Object.fromEntries(own.map((key) => [key.kid, key])) }),
  }),
  row('B2', 'writes the key type in lower case', 'hand-made key sets', {
    keys: (own) => ({ keys: own.map((key) => ({ ...key, kty: 'rsa' })) }),
  }),
  row('B2', 'publishes the certificate alone, in PEM', 'copied certificates', {
    keys: (own) => ({ keys: own.map((key) => ({ kty: 'RSA', kid: key.kid, x5c: [certificate(key)] })) }),
  }),
  row('B2', 'publishes coordinates with a zero byte before them', 'Java BigInteger; oxAuth#1595', {
    alg: 'ES256',
    keys: (own) => ({ keys: own.map((key) => ({ ...key, ...longer(key, 'x'), ...longer(key, 'y') })) }),
  }),
  row('B2', 'publishes a shared key under the same key ID', 'jwcrypto exports', {
    keys: (own) => ({ keys: [{ kty: 'oct', k: 'AAAA', kid: own[0]?.kid, alg: 'RS256' }, ...own] }),
  }),
]

function longer(key: JWK, name: 'x' | 'y'): Members {
  const bytes = Buffer.from(key[name] ?? '', 'base64url')
  return { [name]: Buffer.concat([Buffer.of(0), bytes]).toString('base64url') }
}

const tokenError = (name: string, source: string, body: unknown, says: RegExp): Row =>
  row(
    'B11',
    name,
    source,
    raw('token', typeof body === 'string' ? body : JSON.stringify(body), { status: 400 }),
    refused(says),
  )

const errors: readonly Row[] = [
  tokenError('refuses in capitals', 'Java enums', { error: 'INVALID_GRANT' }, /answered invalid_grant$/m),
  tokenError('refuses in a sentence', 'WSO2-like', { error: 'The code has expired' }, /\(“The code has expired”\)/),
  tokenError('refuses with an empty error', 'templates', { error: '', message: 'no redirect' }, /\(“no redirect”\)/),
  tokenError('refuses with a list', 'PHP servers', { error: ['invalid_grant'] }, /answered invalid_grant$/m),
  tokenError(
    'refuses by a form',
    'GitHub',
    'error=invalid_grant&error_description=used+up',
    /invalid_grant \(“used up”\)/,
  ),
  tokenError(
    'refuses with a list of errors',
    'JSON:API',
    { errors: [{ detail: 'wrong redirect' }] },
    /\(“wrong redirect”\)/,
  ),
  tokenError(
    'refuses in words of its own',
    'Okta',
    { errorCode: 'E1', errorSummary: 'app is off' },
    /\(“app is off”\)/,
  ),
  row(
    'B11',
    'quotes the secret as its error',
    'debug pages',
    raw('token', JSON.stringify({ error: 'bad secret the-client-secret-of-32-bytes-or-more' }), { status: 400 }),
    refused(/\(“bad secret \[secret\]”\)/),
  ),
  row(
    'B11',
    'sends back a denial in capitals',
    'Java enums',
    { denies: { error: 'ACCESS_DENIED' } },
    {
      refused: 'user_denied',
      says: /access_denied/,
    },
  ),
  row(
    'B11',
    'sends back a sentence as its error',
    'old gateways',
    { denies: { error: 'Login Required' } },
    {
      refused: 'sign_in_refused',
      says: /no OAuth code \(“Login Required”\)/,
    },
  ),
]

export const documentRows: readonly Row[] = [...documents, ...keySets, ...errors]
