/** An upstream with one user and all standard claims: upstream.ts <port>. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const port = Number(process.argv[2])
const issuer = `http://127.0.0.1:${port}`
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const user = {
  sub: 'full',
  name: 'Full Person',
  given_name: 'Full',
  family_name: 'Person',
  middle_name: 'M',
  nickname: 'Fully',
  preferred_username: 'full',
  profile: 'https://full.example.test/',
  picture: 'https://full.example.test/me.png',
  website: 'https://full.example.test/',
  gender: 'female',
  birthdate: '1990-01-02',
  zoneinfo: 'Europe/Paris',
  locale: 'en-GB',
  updated_at: 1_700_000_000,
  email: 'full@full.example.test',
  email_verified: true,
  phone_number: '+44 20 7946 0000',
  phone_number_verified: true,
  address: { formatted: '1 Test Street, London' },
}
const discovery = {
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/me`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['client_secret_post'],
  code_challenge_methods_supported: ['S256'],
}
const codes = new Map<string, { readonly nonce: string | undefined; readonly aud: string | undefined }>()

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function signed(claims: object): string {
  const content = `${encoded({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${encoded(claims)}`
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`
}

function tokensFor(known: object): object {
  const now = Math.floor(Date.now() / 1000)
  const access_token = randomBytes(16).toString('hex')
  const at_hash = createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url')
  const sign_in = { iss: issuer, iat: now, exp: now + 300, auth_time: now, acr: '1', amr: ['pwd', 'mfa'], at_hash }
  return { access_token, token_type: 'Bearer', expires_in: 300, id_token: signed({ ...user, ...known, ...sign_in }) }
}

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
  const json = (value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  if (pathname.startsWith('/.well-known/')) return json(discovery)
  if (pathname === '/jwks')
    return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] })
  if (pathname === '/me') return json(user)
  if (pathname === '/auth') {
    const code = randomBytes(16).toString('hex')
    codes.set(code, { nonce: searchParams.get('nonce') ?? undefined, aud: searchParams.get('client_id') ?? undefined })
    const location = new URL(searchParams.get('redirect_uri') ?? issuer)
    location.searchParams.set('code', code)
    location.searchParams.set('state', searchParams.get('state') ?? '')
    return response.writeHead(302, { location: location.href }).end()
  }
  const code = new URLSearchParams(await text(request)).get('code') ?? ''
  const known = codes.get(code)
  codes.delete(code)
  return known === undefined ? json({ error: 'invalid_grant' }, 400) : json(tokensFor(known))
}).listen(port, '127.0.0.1')
