/** Sign-in in a program on the user's computer: the system browser, and a loopback redirect (RFC 8252). */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline/promises'
import * as oidc from 'openid-client'

const { ISSUER = 'http://localhost:4000', CLIENT_ID } = process.env
const isLocal = ISSUER.startsWith('http://localhost:')
const execute = [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])]
const gatehouse = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.None(), { execute })

// Any free port: Gatehouse ignores the port of a registered http://127.0.0.1/callback.
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const redirect_uri = `http://127.0.0.1:${server.address().port}/callback`

const [state, codeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
const address = oidc.buildAuthorizationUrl(gatehouse, {
  redirect_uri,
  scope: 'openid profile email',
  state,
  code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: 'S256',
})
console.log(`Open this address in your browser:\n\n${address.href}\n`)

const callbackUrl = await new Promise((resolve) => {
  server.on('request', ({ url }, response) => {
    const isCallback = url.startsWith('/callback?')
    response.writeHead(isCallback ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' })
    response.end(isCallback ? 'You can close this page.' : 'Not found')
    if (isCallback) resolve(new URL(url, redirect_uri))
  })
})
server.close()

const checks = { expectedState: state, pkceCodeVerifier: codeVerifier, idTokenExpected: true }
const tokens = await oidc.authorizationCodeGrant(gatehouse, callbackUrl, checks).catch((error) => {
  console.error(`The sign-in failed: ${error.error_description ?? error.message}`)
  process.exit(1)
})
const { sub, name, email } = await oidc.fetchUserInfo(gatehouse, tokens.access_token, tokens.claims().sub)
console.log(`Hello, ${name ?? email}. Your user ID is ${sub}.`)

// A real app keeps the refresh token in the system's keychain, and gets new access tokens with it.
const terminal = createInterface({ input: process.stdin, output: process.stdout })
await terminal.question('Press Enter to sign out. ')
terminal.close()
await oidc.tokenRevocation(gatehouse, tokens.refresh_token)
console.log('Signed out.')
