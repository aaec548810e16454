/** A developer's first lines with openid-client, filled in with what their app was given. */
import type { App } from '../app.ts'

export function snippetOf(app: App, publicUrl: URL): string {
  const setUp = `import * as client from 'openid-client'

const config = await client.discovery(
  new URL('${publicUrl.origin}'),
  '${app.id}',
${proofOf(app, publicUrl.protocol === 'http:')})
`
  return app.kind === 'service' ? setUp + service : setUp + signIn(app)
}

/** What tells the token endpoint that it is the app; `http` only where Gatehouse itself runs on localhost. */
function proofOf({ kind, secrets, keys }: App, isHttp: boolean): string {
  const insecure = '{ execute: [client.allowInsecureRequests] },'
  const isPublic = kind === 'single-page' || kind === 'native'
  const hasKeyAlone = secrets.length === 0 && keys.length > 0
  const lines =
    isPublic || hasKeyAlone
      ? ['undefined,', isPublic ? 'client.None(),' : keyProof(keys)]
      : ['process.env.CLIENT_SECRET,', ...(isHttp ? ['undefined,'] : [])]
  return [...lines, ...(isHttp ? [insecure] : [])].map((line) => `  ${line}\n`).join('')
}

/** `privateKey`: made of the PEM by jose's importPKCS8. */
function keyProof([key]: App['keys']): string {
  const kid = key?.source.kind === 'public key' ? `'${key.id}'` : 'process.env.KEY_ID'
  return `client.PrivateKeyJwt({ key: privateKey, kid: ${kid} }),`
}

const service = `
const { access_token } = await client.clientCredentialsGrant(config, {
  resource: 'https://api.example.com/', // the API you want to call
})
`

function signIn({ redirectUris, scopes }: App): string {
  return `
// 1. send the browser away; keep codeVerifier and state with its own session
const codeVerifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: '${redirectUris[0] ?? 'https://your.app/callback'}',
  scope: '${scopes.filter((scope) => scope !== 'offline_access').join(' ')}',
  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: 'S256',
  state,
})

// 2. the browser comes back to redirect_uri
const tokens = await client.authorizationCodeGrant(config, currentUrl, {
  pkceCodeVerifier: codeVerifier,
  expectedState: state,
})
const { sub } = tokens.claims() // who it is; the rest by client.fetchUserInfo
`
}
