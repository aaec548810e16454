/**
 * A program on a user's device: a loopback redirect (RFC 8252), its own scheme, or the device flow.
 */
import { discoveryLines, importLines } from './discovery.ts'
import type { Snippet, SnippetFacts } from './facts.ts'

export function nativeApp(facts: SnippetFacts): Snippet {
  const [redirectUri] = facts.app.redirectUris
  if (redirectUri === undefined) return deviceFlow(facts)
  return redirectUri.startsWith('http:') ? loopback(facts, new URL(redirectUri)) : ownScheme(facts, redirectUri)
}

const terminal = { name: 'Terminal', text: 'npm install openid-client\nnode sign-in.mjs\n' }

/** RFC 8628. */
function deviceFlow(facts: SnippetFacts): Snippet {
  const text = `${importLines(facts)}

${discoveryLines(facts)}
const device = await oidc.initiateDeviceAuthorization(gatehouse, {
  scope: '${facts.scope}',${resourceLine(facts)}
})
console.log(\`Open \${device.verification_uri} and enter \${device.user_code}\`)
// Waits for the user.
const tokens = await oidc.pollDeviceAuthorizationGrant(gatehouse, device).catch((error) => {
  console.log('The sign-in failed:', error.error_description ?? error.message)
  process.exit(1)
})
console.log('Signed in as', tokens.claims().sub)
`
  return {
    intro:
      'This app has no redirect URI, so it uses the device flow: it shows a code, which the user enters in a browser. For an app that opens a browser itself, add a redirect URI in the settings.',
    files: [{ name: 'sign-in.mjs', text }, terminal],
  }
}

/** Lines of the parameters of an authorization request. */
function requestLines(facts: SnippetFacts, indent: string): string {
  const lines = [
    'redirect_uri: redirectUri,',
    `scope: '${facts.scope}',`,
    'state,',
    'code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),',
    `code_challenge_method: 'S256',${resourceLine(facts, `${indent}  `)}`,
  ]
  return `{\n${lines.map((line) => `${indent}  ${line}\n`).join('')}${indent}}`
}

const resourceLine = ({ wanted: [api] }: SnippetFacts, indent = '  ') =>
  api === undefined ? '' : `\n${indent}resource: '${api.id}', // the API of the access token`

/** RFC 8252 7.3: the port may be any. */
function loopback(facts: SnippetFacts, redirectUri: URL): Snippet {
  const { hostname, port, pathname } = redirectUri
  const text = `${importLines(facts, { node: ["import { once } from 'node:events'", "import { createServer } from 'node:http'"] })}

${discoveryLines(facts)}
const server = createServer().listen(${port === '' ? 0 : port}, '${hostname.replace(/^\[|\]$/g, '')}')
await once(server, 'listening')
const redirectUri = \`http://${hostname}:\${server.address().port}${pathname}\`

const [state, codeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
const address = oidc.buildAuthorizationUrl(gatehouse, ${requestLines(facts, '')})
console.log('Open', address.href)

const [request, response] = await once(server, 'request')
const checks = { expectedState: state, pkceCodeVerifier: codeVerifier, idTokenExpected: true }
try {
  const tokens = await oidc.authorizationCodeGrant(gatehouse, new URL(request.url, redirectUri), checks)
  response.end('You are signed in. You can close this page.')
  console.log('Signed in as', tokens.claims().sub)
} catch (error) {
  response.end('The sign-in failed. You can close this page.')
  console.log('The sign-in failed:', error.error_description ?? error.message)
}
server.close()
`
  return {
    intro:
      'A program that opens the browser and receives the answer on this machine. It needs no secret: it uses PKCE.',
    files: [{ name: 'sign-in.mjs', text }, terminal],
  }
}

function ownScheme(facts: SnippetFacts, redirectUri: string): Snippet {
  const text = `${importLines(facts)}

const redirectUri = '${redirectUri}'
${discoveryLines(facts)}
let pending

/** Open this address in the system's browser. */
export async function signInAddress() {
  const [state, codeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
  pending = { expectedState: state, pkceCodeVerifier: codeVerifier, idTokenExpected: true }
  return oidc.buildAuthorizationUrl(gatehouse, ${requestLines(facts, '  ')})
}

/** The system opens your app with this address: ${redirectUri}?code=… */
export async function signedIn(address) {
  const tokens = await oidc.authorizationCodeGrant(gatehouse, new URL(address), pending)
  return tokens.claims().sub
}
`
  return {
    intro:
      'The two functions that an app with its own scheme needs. On phones, AppAuth for iOS and Android does the same; give it the client ID, the issuer and the redirect URI.',
    files: [{ name: 'sign-in.mjs', text }],
  }
}
