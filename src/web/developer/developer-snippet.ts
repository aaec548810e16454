/** A developer's first lines with openid-client, filled in with what their app was given. */
import type { Api, App } from '../../app/app.ts'

export function snippetOf(app: App, publicUrl: URL, apis: readonly Api[]): string {
  const setUp = `import * as client from 'openid-client'

const config = await client.discovery(
  new URL('${publicUrl.origin}'),
  '${app.id}',
${proofOf(app, publicUrl.protocol === 'http:')})
`
  const wanted = apis
    .map(({ id, scopes }) => ({ id, scopes: app.scopes.filter((scope) => Object.hasOwn(scopes, scope)) }))
    .filter(({ scopes }) => scopes.length > 0)
  return app.kind === 'service' ? setUp + service(wanted) : setUp + signIn(app, wanted)
}

/** An API the app wants access tokens for. */
interface WantedApi {
  readonly id: string
  readonly scopes: readonly string[]
}

/** Client authentication; `http` only where Gatehouse runs on localhost. */
function proofOf({ kind, secrets, keys }: App, isHttp: boolean): string {
  const insecure = '{ execute: [client.allowInsecureRequests] },'
  const isPublic = kind === 'single-page' || kind === 'native'
  const hasKeyAlone = secrets.length === 0 && keys.length > 0
  const lines =
    isPublic || hasKeyAlone
      ? ['undefined,', isPublic ? 'client.None(),' : clientAuthenticationLines(keys)]
      : ['process.env.CLIENT_SECRET,', ...(isHttp ? ['undefined,'] : [])]
  return [...lines, ...(isHttp ? [insecure] : [])].map((line) => `  ${line}\n`).join('')
}

/** `privateKey`: made of the PEM by jose's importPKCS8. */
function clientAuthenticationLines([key]: App['keys']): string {
  const kid = key?.source.kind === 'public key' ? `'${key.id}'` : 'process.env.KEY_ID'
  return `client.PrivateKeyJwt({ key: privateKey, kid: ${kid} }),`
}

const unknownApi: WantedApi = { id: 'https://api.example.com/', scopes: ['scope.of.that.api'] }

function service([api = unknownApi]: readonly WantedApi[]): string {
  return `
const { access_token } = await client.clientCredentialsGrant(config, {
  scope: '${api.scopes.join(' ')}',
  resource: '${api.id}', // the API you want to call
})
`
}

function signIn({ redirectUris, scopes }: App, apis: readonly WantedApi[]): string {
  return `
// 1. redirect the browser; store codeVerifier and state in its session
const codeVerifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: '${redirectUris[0] ?? 'https://your.app/callback'}',
  scope: '${scopes.filter((scope) => scope !== 'offline_access').join(' ')}',
  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: 'S256',
  state,
})

// 2. handle the callback at redirect_uri
const tokens = await client.authorizationCodeGrant(config, currentUrl, {
  pkceCodeVerifier: codeVerifier,
  expectedState: state,
${describeResourceChoice(apis)})
${describeScopeChoice(apis)}`
}

/** An access token is for one API. */
function describeResourceChoice([first, ...others]: readonly WantedApi[]): string {
  if (first === undefined || others.length === 0) return '}'
  const rest = others.map(({ id }) => id).join(', ')
  return `}, {
  resource: '${first.id}', // the API of the access token; refresh with another resource for ${rest}
}`
}

function describeScopeChoice(apis: readonly WantedApi[]): string {
  const [first] = apis
  return first === undefined
    ? 'const { sub } = tokens.claims() // the user ID; client.fetchUserInfo returns the profile\n'
    : `const { sub } = tokens.claims() // the user ID, beside the claims your app may read
const { access_token } = tokens // for ${first.id}, not for userinfo
`
}
