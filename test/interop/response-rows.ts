/** HTTP forms of answers, and values in them, that public bug reports of other products name. */
import { generateKeyPairSync } from 'node:crypto'
import { type Behavior, clientSecret, type Members } from '../support/servers/openid-provider.ts'
import { discovery, invalid, minimalClaims, type Row, refused, row, signedIn, withMembers, without } from './row.ts'

const both = (changes: Members): Behavior => ({ claims: withMembers(changes), userinfo: withMembers(changes) })
const soon = (seconds: number) => (own: Members) => Number(own['iat']) + seconds

const transport: readonly Row[] = [
  ...(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'identity', 'utf-8', 'aws-chunked'] as const).map((coding) =>
    row('B3', `answers with Content-Encoding ${coding}, not asked`, 'proxies; Java servlets, S3 buckets', { coding }),
  ),
  row('B3', 'compresses userinfo JWTs', 'reverse proxies', { coding: 'gzip', claims: minimalClaims, userinfoJwt: {} }),
  row('B2', 'begins answers with a byte order mark', '.NET servers', { prefix: '\ufeff' }),
  row('B2', 'begins answers with empty lines', 'PHP servers', { prefix: '\r\n \n' }),
  row('B2', 'answers 201', 'a server that creates tokens', { status: 201 }),
  row(
    'B11',
    'redirects its discovery document',
    'an http to https redirect',
    {
      raw: { '.well-known/openid-configuration': { status: 301, body: '', location: 'https://idp.example/oidc?a=b' } },
    },
    invalid(/redirect to https:\/\/idp\.example\/oidc, which/),
  ),
]

const clientAuthentication: readonly Row[] = [
  row(
    'B1',
    'does not decode basic credentials and takes nothing else',
    'IdentityServer, Spring: secrets with + and /',
    { accepts: ['basic without decoding'], secret: 'a+b/c=d%e&f' },
    signedIn,
    { clientSecret: 'a+b/c=d%e&f' },
  ),
  row(
    'B1',
    'percent-decodes basic credentials with a space',
    'decodeURIComponent in Node servers',
    { accepts: ['basic percent-decoded'], secret: 'two words~' },
    signedIn,
    { clientSecret: 'two words~' },
  ),
  ...[
    { status: 400, error: 'unauthorized_client' },
    { status: 400, error: 'invalid_request' },
    { status: 403 },
    { status: 400 },
    { status: 400, error: 'invalid_client_id' },
    { status: 400, error: 'invalid_client_credentials' },
  ].map((refusal) =>
    row(
      'B1',
      `takes post alone and says ${JSON.stringify(refusal)} to basic`,
      'Okta-like and PHP servers, Salesforce',
      {
        accepts: ['post'],
        refusal,
      },
    ),
  ),
]

const tokenErrors: readonly Row[] = [
  row(
    'B11',
    'says why it refuses in JSON of its own',
    'Google-like APIs',
    { accepts: [], refusal: { status: 400, error: { code: 400, message: 'redirect_uri mismatch' } } },
    refused(/status 400 and no OAuth error \(“redirect_uri mismatch”\) .*another reason/),
  ),
  row(
    'B11',
    'quotes the secret in text of its own',
    'debug pages',
    { raw: { token: { status: 403, type: 'text/plain', body: `secret ${clientSecret} is odd` } } },
    refused(/\(“secret \[secret\] is odd”\)/),
  ),
  row('B2', 'lists algorithms under names of its own', 'Cloud Foundry UAA', {
    ...discovery({ id_token_signing_alg_values_supported: ['SHA256withRSA'] }),
  }),
  row(
    'B2',
    'lists the algorithm none alone',
    'an attack',
    discovery({ id_token_signing_alg_values_supported: ['none'] }),
    invalid(/no algorithm that we accept/),
  ),
]

const secrets: readonly Row[] = [
  ['\r', 'carriage return'],
  ['\t\n', 'tab and line break'],
  ['\u200b', 'zero-width space'],
].map(([end = '', name = '']) =>
  row('B13', `has a secret that was stored with a ${name} at its end`, 'Kubernetes, Docker reports', {}, signedIn, {
    clientSecret: clientSecret + end,
  }),
)

const weakKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })

const keySets: readonly Row[] = [
  row('B2', 'publishes a short RSA key under the same key ID', 'test keys left behind', {
    keys: (own) => ({ keys: [{ ...weakKey, kid: own[0]?.kid }, ...own] }),
  }),
  row('B2', 'publishes a short RSA key, and its tokens have no key ID', 'test keys left behind', {
    keys: (own) => ({ keys: [weakKey, ...own] }),
    header: { kid: undefined },
  }),
  row(
    'B11',
    'publishes a short RSA key alone',
    'old appliances',
    { keys: (own) => ({ keys: [{ ...weakKey, kid: own[0]?.kid }] }) },
    invalid(/2048 bits/),
  ),
  row('B2', 'publishes 120 keys before the right one', 'one key for each client', {
    keys: (own) => ({ keys: [...Array.from({ length: 120 }, (_, at) => ({ ...weakKey, kid: `old-${at}` })), ...own] }),
  }),
]

const idTokens: readonly Row[] = [
  row('B2', 'has a clock 50 seconds ahead', 'virtual machines', {
    claims: (own) => ({ ...own, iat: soon(50)(own), nbf: soon(50)(own) }),
  }),
  row('B2', 'gives ID tokens that ended 45 seconds ago', 'a slow clock', {
    claims: (own) => ({ ...own, exp: soon(-45)(own) }),
  }),
  row(
    'B2',
    'has a clock 90 seconds ahead',
    'decision: 60 seconds at most',
    { claims: (own) => ({ ...own, iat: soon(90)(own) }) },
    invalid(/"iat"/),
  ),
  row(
    'X3',
    'sends exp as a text',
    'the message names the type',
    { claims: (own) => ({ ...own, exp: String(own['exp']) }) },
    invalid(/the text \d+, which is no number/),
  ),
  row(
    'X3',
    'sends a sub of 300 characters',
    'the message names the length',
    both({ sub: 'x'.repeat(300) }),
    invalid(/a text of 300 characters/),
  ),
  row(
    'X3',
    'signs with ES256 and does not list it',
    'the message names the setting',
    { alg: 'ES256', ...discovery({ id_token_signing_alg_values_supported: ['RS256'] }) },
    invalid(/ES256 \(set idTokenSignedResponseAlg/),
  ),
  row('B5', 'sends session_expiry in milliseconds', 'JavaScript servers', {
    claims: (own) => ({ ...own, session_expiry: soon(600)(own) * 1000 }),
  }),
  row(
    'B5',
    'sends session_expiry in milliseconds that has passed',
    'JavaScript servers',
    { claims: (own) => ({ ...own, session_expiry: soon(-600)(own) * 1000 }) },
    invalid(/session_expiry/),
  ),
  row('B8', 'returns an empty iss', 'a template', { returns: { iss: '' } }),
  row(
    'B8',
    'announces iss and returns an empty one',
    'RFC 9207',
    { returns: { iss: '' }, ...discovery({ authorization_response_iss_parameter_supported: 'true' }) },
    { refused: 'callback_invalid', says: /iss of the answer/ },
  ),
]

const verified = (email_verified: boolean): Row['expected'] => ({ profile: { email_verified } })

const userinfos: readonly Row[] = [
  row('B2', 'sends an error as userinfo with status 200', 'old servers', {
    userinfo: () => ({ error: 'invalid_token', error_description: 'expired' }),
  }),
  row(
    'B11',
    'sends an error as userinfo with status 200, and needs it',
    'old servers',
    { claims: minimalClaims, userinfo: () => ({ error: 'invalid_token', error_description: 'expired' }) },
    refused(/invalid_token/),
  ),
  row(
    'B11',
    'has no userinfo endpoint, and the connection requires it',
    'the message names the setting',
    { discovery: without('userinfo_endpoint') },
    invalid(/requires userinfo, and the issuer has no userinfo endpoint/),
    { userinfo: 'required' },
  ),
  row('B3', 'signs userinfo with an algorithm that it lists for nothing', 'one setting for each client', {
    claims: minimalClaims,
    userinfoJwt: {},
    ...discovery({ userinfo_signing_alg_values_supported: ['ES256'] }),
  }),
  row('B4', 'writes spaces around the email', 'directories', both({ email: ' Ada@spaces.example\n' }), {
    profile: { email: 'ada@spaces.example' },
  }),
  row(
    'B4',
    'says email_verified in the ID token alone',
    'trip2g report',
    {
      claims: withMembers({ email: 'ada@proof.example' }),
      userinfo: (own) => ({ ...without('email_verified')(own), email: 'Ada@proof.example' }),
    },
    verified(true),
    { domains: ['proof.example'] },
  ),
  row(
    'B4',
    'says email_verified in the ID token of another address',
    'an attack',
    {
      claims: withMembers({ email: 'ada@other-proof.example' }),
      userinfo: (own) => ({ ...without('email_verified')(own), email: 'root@other-proof.example' }),
    },
    verified(false),
    { domains: ['other-proof.example'] },
  ),
  ...['false', 'no', 'yes', 0, 2, [], {}, [false]].map((value, at) =>
    row(
      'B4',
      `says email_verified ${JSON.stringify(value)}`,
      'never a yes',
      both({ email: `ada@no-${at}.example`, email_verified: value }),
      verified(false),
      {
        domains: [`no-${at}.example`],
      },
    ),
  ),
]

export const responseRows: readonly Row[] = [
  ...transport,
  ...clientAuthentication,
  ...tokenErrors,
  ...secrets,
  ...keySets,
  ...idTokens,
  ...userinfos,
]
