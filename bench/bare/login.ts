/** Baseline of the Okta login: `node:http`, openid-client, and one SET for the session. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Redis } from 'ioredis'
import * as client from 'openid-client'

const [port, redisUrl = '', issuer = ''] = process.argv.slice(2)
const callbackUrl = `http://localhost:${port}/callback`
const redis = new Redis(redisUrl)
const configuration = await client.discovery(new URL(issuer), 'bare', undefined, client.ClientSecretPost('emulated'), {
  execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
})

/** The state of a login, in a cookie. */
interface Begun {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

createServer((request, response) => {
  const handle = request.url?.startsWith('/callback') ? finish : begin
  handle(request, response).catch(() => response.writeHead(500).end())
}).listen(Number(port), '127.0.0.1')

async function begin(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  const begun: Begun = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    codeVerifier: client.randomPKCECodeVerifier(),
  }
  const location = client.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl,
    scope: 'openid profile email',
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(begun.codeVerifier),
    code_challenge_method: 'S256',
  })
  const cookie = `begun=${encodeURIComponent(JSON.stringify(begun))}; HttpOnly; SameSite=Lax; Path=/`
  response.writeHead(302, { location: location.href, 'set-cookie': cookie }).end()
}

async function finish(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const cookie = /(?:^|; )begun=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
  const { state, nonce, codeVerifier }: Begun = JSON.parse(decodeURIComponent(cookie))
  const tokens = await client.authorizationCodeGrant(configuration, new URL(request.url ?? '', callbackUrl), {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  })
  const subject = tokens.claims()?.sub ?? ''
  const profile = await client.fetchUserInfo(configuration, tokens.access_token, subject)
  const id = randomBytes(32).toString('base64url')
  await redis.set(`login:${id}`, JSON.stringify({ subject, profile, signedInAt: Date.now() }), 'EX', 30 * 86_400)
  response.writeHead(302, { location: '/account', 'set-cookie': `session=${id}; HttpOnly; SameSite=Lax; Path=/` }).end()
}
