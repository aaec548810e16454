/** JWKS, ID tokens, subjects, algorithms, groups overage and authorization errors. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { JWK } from 'jose'
import { certificateBy } from '../../providers/saml/emulator/certificate.ts'
import { base64Of } from '../../providers/saml/signature/certificates.ts'
import {
  claims,
  discovery,
  invalid,
  minimalClaims,
  type Row,
  row,
  signedIn,
  token,
  withMembers,
  without,
} from './row.ts'

const certifier = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const certificateFor = (key: JWK) =>
  base64Of(certificateBy(certifier, createPublicKey({ format: 'jwk', key: { ...key } }), 'idp'))

const keys: readonly Row[] = [
  row('B2', 'publishes an entry without kty', 'authlib, jwcrypto reports', {
    keys: (own) => ({ keys: [{ kid: 'broken' }, ...own] }),
  }),
  row('B2', 'publishes null, a text, an unknown type and an unknown curve', 'RFC 7517 section 5', {
    keys: (own) => ({
      keys: [null, 'key', { kty: 'AKP', alg: 'ML-DSA-44' }, { kty: 'EC', crv: 'P-999', x: 'a', y: 'b' }, ...own],
    }),
  }),
  row('B2', 'publishes an encryption key under the same key ID', 'Keycloak, pyoidc reports', {
    keys: (own) => ({ keys: [...own.map((key) => ({ ...key, use: 'enc', alg: 'RSA-OAEP' })), ...own] }),
  }),
  row('B2', 'publishes keys of one ID and several algorithms', 'OpenAM; mozilla-django-oidc', {
    keys: (own) => ({
      keys: [...own.map((key) => ({ ...key, alg: 'RS512' })), ...own.map((key) => ({ ...key, alg: undefined }))],
    }),
  }),
  row('B2', 'publishes a key without alg, use and key ID', 'oxd; Quarkus reports', {
    keys: (own) => ({ keys: own.map((key) => without('alg', 'use', 'kid')(key)) }),
  }),
  row('B2', 'publishes words of its own for use, alg and key_ops', 'hand-made key sets', {
    keys: (own) => ({
      keys: own.map((key) => ({ ...key, use: 'signature', alg: 'SHA256withRSA', key_ops: ['sign'] })),
    }),
  }),
  row('B2', 'publishes a list without keys around it', 'a faulty upstream', { keys: (own) => own }),
  row('B2', 'publishes nulls beside the key', 'a .NET serializer', {
    keys: (own) => ({
      keys: own.map((key) => ({ ...key, alg: null, use: null, key_ops: null, x5c: null, x5u: null })),
    }),
  }),
  row('B2', 'publishes key_ops as a text, and x5c that is no certificate', 'hand-made key sets', {
    keys: (own) => ({ keys: own.map((key) => ({ ...key, key_ops: 'verify', x5c: ['garbage'] })) }),
  }),
  row('B2', 'publishes an entry with x5c alone, and one without a modulus', 'an export tool', {
    keys: (own) => ({ keys: [{ kty: 'RSA', x5c: ['garbage'] }, { kty: 'RSA', kid: 'r1', e: 'AQAB' }, ...own] }),
  }),
  row('B2', 'publishes the certificate of the key alone', 'panva/jose#96, auth0 samples', {
    keys: (own) => ({ keys: own.map((key) => ({ kty: 'RSA', kid: key.kid, x5c: [certificateFor(key)] })) }),
  }),
  row('B2', 'publishes one key without a list', 'hand-made key sets', { keys: ([own]) => own }),
  row('B2', 'publishes one key in place of the list', 'XML converted to JSON', { keys: ([own]) => ({ keys: own }) }),
  row('B2', 'names an empty key ID', 'template servers', { header: { kid: '' } }),
  row('B2', 'publishes private members by mistake', 'jwcrypto exports', {
    keys: (own) => ({ keys: own.map((key) => ({ ...key, d: 'AQAB', p: 'AQAB', q: 'AQAB' })) }),
  }),
  row('B2', 'writes the modulus in plain base64 with padding', 'NetIQ', {
    keys: (own) => ({
      keys: own.map((key) => ({ ...key, n: `${String(key.n).replaceAll('-', '+').replaceAll('_', '/')}==` })),
    }),
  }),
  row(
    'B2',
    'publishes keys that cannot verify, and no other',
    'a faulty upstream',
    {
      keys: () => ({
        keys: [
          { kty: 'oct', k: 'AAAA' },
          { kty: 'RSA', use: 'enc', n: 'x', e: 'AQAB' },
        ],
      }),
    },
    invalid(/holds no key that verifies/),
  ),
]

const idTokens: readonly Row[] = [
  row(
    'B2',
    'sends null claims',
    'authentik',
    claims({ azp: null, auth_time: null, at_hash: null, c_hash: null, acr: null, amr: null }),
  ),
  row(
    'B2',
    'sends aud as a list of one, and azp of another client',
    'Google, Zitadel',
    claims({ aud: ['client-1'], azp: 'another-client' }),
  ),
  row('B2', 'sends times with fractions', 'a Python server', {
    claims: (own) => ({ ...own, iat: Number(own['iat']) - 0.5, exp: Number(own['exp']) + 0.25 }),
  }),
  row('B2', 'sends auth_time as a date', 'ADFS', claims({ auth_time: '2026-08-24T12:17:06.060Z' })),
  row('B2', 'sends auth_time in milliseconds', 'hand-made tokens', claims({ auth_time: 1_800_000_000_000 })),
  row('B2', 'sends amr as a text and acr as a number', 'ADFS, Ping', claims({ amr: 'pwd', acr: 1 })),
  row('B2', 'must confirm acr, which comes as a list of one', 'ForgeRock', claims({ acr: ['2'] }), signedIn, {
    requiredAcr: ['2'],
  }),
  ...['pwd mfa', 'pwd,mfa', '["pwd","mfa"]'].map((amr) =>
    row('B2', `must confirm amr, which comes as ${amr}`, 'Azure AD B2C, Cognito mappings', claims({ amr }), signedIn, {
      requiredAmr: ['mfa'],
    }),
  ),
  ...['pwd notmfa', 'no mfa', '["no mfa"]', { mfa: { used: 'no' } }].map((amr) =>
    row(
      'B2',
      `must confirm amr, and sends ${JSON.stringify(amr)}`,
      'the checks stay',
      claims({ amr }),
      invalid(/"name":"amr"/),
      { requiredAmr: ['mfa'] },
    ),
  ),
  row('B2', 'requires acr, which comes as a number', 'Keycloak step-up', claims({ acr: 2 }), signedIn, {
    requiredAcr: ['2'],
  }),
  row('B2', 'sends a token type of its own in the header', 'some send at+jwt or null', { header: { typ: 'id+jwt' } }),
  row(
    'B2',
    'sends exp as a text',
    'decision: times that a check needs are numbers',
    claims({ exp: '9999999999' }),
    invalid(/exp/),
  ),
  row('B2', 'sends no nonce', 'an upstream that drops it', { claims: without('nonce') }, invalid(/nonce/)),
  row('B2', 'sends a null nonce', 'authentik', claims({ nonce: null }), invalid(/nonce/)),
  row(
    'E4',
    'sends no nonce, and the connection allows it',
    'older servers; WeChat-like bridges',
    { claims: without('nonce') },
    signedIn,
    { allowMissingNonce: true },
  ),
  row(
    'E4',
    'sends another nonce, and the connection allows none',
    'an attack',
    claims({ nonce: 'another' }),
    invalid(/nonce/),
    { allowMissingNonce: true },
  ),
  row('B2', 'sends two audiences without azp', 'Core 3.1.3.7', claims({ aud: ['client-1', 'other'] }), invalid(/azp/)),
  row(
    'B2',
    'sends an encrypted ID token',
    'a client with id_token_encrypted_response_alg',
    token({ id_token: 'eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d' }),
    invalid(/id_token_encrypted_response_alg/),
  ),
]

const subjects: readonly Row[] = [
  row(
    'X3',
    'sends a number for sub',
    'WeChat-like IDs, GitLab forks',
    claims({ sub: 42 }),
    invalid(/number 42.*integerSubjects/),
  ),
  row(
    'X3',
    'sends a number for sub, and the connection accepts it',
    'the same',
    {
      ...claims({ sub: 42 }),
      userinfo: withMembers({ sub: 42 }),
    },
    signedIn,
    { integerSubjects: true },
  ),
  row(
    'X3',
    'sends a sub beyond what JSON numbers hold',
    'snowflake IDs as numbers',
    claims({ sub: 2 ** 60 }),
    invalid(/no integer that JSON carries exactly/),
    { integerSubjects: true },
  ),
  row('X3', 'sends a sub with a fraction', 'a faulty upstream', claims({ sub: 1.5 }), invalid(/sub/), {
    integerSubjects: true,
  }),
  row(
    'X3',
    'sends sub as text in the ID token and as number in userinfo',
    'PHP servers',
    {
      claims: withMembers({ sub: '43' }),
      userinfo: withMembers({ sub: 43 }),
    },
    signedIn,
    { integerSubjects: true },
  ),
]

const algorithms: readonly Row[] = [
  row('E3', 'signs with HS256, which the connection asks for', 'LINE', { alg: 'HS256' }, signedIn, {
    idTokenSignedResponseAlg: 'HS256',
  }),
  row(
    'E3',
    'signs with HS256 and sends userinfo as a JWT',
    'LINE-like',
    { alg: 'HS256', claims: minimalClaims, userinfoJwt: {} },
    signedIn,
    { idTokenSignedResponseAlg: 'HS256' },
  ),
  row('E3', 'signs with RS256 where the connection asks for HS256', 'an attack', {}, invalid(/alg/), {
    idTokenSignedResponseAlg: 'HS256',
  }),
  row('C2', 'signs with ES256 where the connection asks for RS256', 'an attack', { alg: 'ES256' }, invalid(/alg/), {
    idTokenSignedResponseAlg: 'RS256',
  }),
  row('B2', 'signs with ES256 and lists more', 'Zitadel, Authelia', {
    ...discovery({ id_token_signing_alg_values_supported: ['RS256', 'ES256', 'none'] }),
    alg: 'ES256',
  }),
]

const denials: readonly Row[] = [
  row(
    'B8',
    'sends an empty code beside the error',
    'servers that write all parameters',
    { denies: { error: 'access_denied', code: '' } },
    { refused: 'user_denied', says: /access_denied/ },
  ),
  row(
    'P4',
    'refuses the request and says why',
    'an upstream without max_age',
    { denies: { error: 'invalid_request', error_description: 'max_age is not supported here' } },
    { refused: 'sign_in_refused', says: /invalid_request \(“max_age is not supported here”\)/ },
  ),
  row(
    'P4',
    'sends a long description with line breaks',
    'an attack',
    { denies: { error: 'server_error', error_description: `a\nb${'x'.repeat(5000)}` } },
    { refused: 'sign_in_refused', says: /server_error \(“abx+…”\)/ },
  ),
  row(
    'P4',
    'says that the user said no',
    'Entra, Okta',
    { denies: { error: 'access_denied', error_description: 'not assigned' } },
    { refused: 'user_denied', says: /access_denied \(“not assigned”\)/ },
  ),
]

const overage: readonly Row[] = [
  row(
    'R2',
    'refers to groups elsewhere',
    'Entra ID with more than 200 groups',
    {
      claims: withMembers({
        _claim_names: { groups: 'src1' },
        _claim_sources: { src1: { endpoint: 'https://graph.example/' } },
      }),
    },
    signedIn,
    { profile: { groups: { emptyWhenAbsent: true } } },
  ),
  row('R2', 'says hasgroups', 'Entra ID, implicit flow', claims({ hasgroups: 'true' })),
  row('R2', 'has a broken _claim_names', 'a faulty upstream', claims({ _claim_names: null, _claim_sources: 'x' })),
]

export const tokenRows: readonly Row[] = [...keys, ...idTokens, ...subjects, ...algorithms, ...denials, ...overage]
