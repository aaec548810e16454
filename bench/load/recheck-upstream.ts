/**
 * A process with the least of an OpenID provider that refreshes: `r.<sub>` gives new tokens. Every
 * refresh token is replaced by one of the same user.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { profile } from '../sessions.ts'

const port = Number(process.argv[2])
const issuer = `http://localhost:${port}`
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = part({ alg: 'RS256', kid: 'bench' })
let issued = 0

const documents: Readonly<Record<string, object>> = {
  '/.well-known/openid-configuration': {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
  },
  '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }] },
}

function tokensOf(subject: string): object {
  const now = Math.floor(Date.now() / 1000)
  const content = `${header}.${part({ iss: issuer, aud: 'gatehouse', sub: subject, iat: now, exp: now + 3600 })}`
  issued += 1
  return {
    access_token: `a.${subject}`,
    token_type: 'Bearer',
    expires_in: 3600,
    refresh_token: `r.${subject}.${issued}`,
    id_token: `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`,
  }
}

function claimsOf(subject: string): object {
  const { name, givenName, familyName, groups } = profile
  const email = { email: `${subject}@example.com`, email_verified: true }
  return { sub: subject, name, given_name: givenName, family_name: familyName, groups, ...email }
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

createServer(async (request, response) => {
  const known = documents[request.url ?? '']
  if (known !== undefined) return answer(response, known)
  if (request.url === '/userinfo') return answer(response, claimsOf(request.headers.authorization?.slice(9) ?? ''))
  const form = new URLSearchParams(await text(request))
  answer(response, tokensOf(form.get('refresh_token')?.split('.')[1] ?? ''))
}).listen(port, '127.0.0.1')
