/** A server with Express: sign-in with PKCE, several tabs, a new session ID at each sign-in. */
import { discoveryLines, importLines, usesKey, variablesOf } from './discovery.ts'
import type { Snippet, SnippetFacts, WantedApi } from './facts.ts'

export function webApp(facts: SnippetFacts): Snippet {
  const { app, scope, wanted } = facts
  const redirectUri = new URL(app.redirectUris[0] ?? 'http://localhost:3000/callback')
  const port = redirectUri.hostname === 'localhost' && redirectUri.port !== '' ? redirectUri.port : '3000'
  const text = `${importLines(facts, { packages: ["import express from 'express'", "import session from 'express-session'"] })}

const redirectUri = '${redirectUri.href}'
${discoveryLines(facts)}
const app = express().use(session({ secret: oidc.randomState(), resave: false, saveUninitialized: false }))

app.get('/', ({ session }, response) => {
  if (session.user === undefined) return response.send('<a href="/sign-in">Sign in</a>')
  response.json(session.user)
})

app.get('/sign-in', async ({ session }, response) => {
  const [state, codeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
  session.pending = { ...session.pending, [state]: codeVerifier } // one for each tab
  const address = oidc.buildAuthorizationUrl(gatehouse, {
    redirect_uri: redirectUri,
    scope: '${scope}',
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  })
  response.redirect(address.href)
})

app.get('${redirectUri.pathname}', async (request, response) => {
  const { pending = {} } = request.session
  const { [String(request.query.state)]: codeVerifier, ...others } = pending
  const checks = { expectedState: String(request.query.state), pkceCodeVerifier: codeVerifier, idTokenExpected: true }
  if (codeVerifier === undefined) return response.redirect('/sign-in') // not begun in this browser
${grantLines(wanted)}
  await new Promise((done) => request.session.regenerate(done)) // a new session ID prevents session fixation
  Object.assign(request.session, { user: tokens.claims(), pending: others })
  response.redirect('/')
})

app.use(({ error_description: reason, message }, _request, response, _next) => {
  response.status(400).send(\`<p>\${(reason ?? message).replace(/[<&]/g, ' ')} <a href="/sign-in">Try again</a>\`)
})

app.listen(${port}, 'localhost')
`
  const packages = ['express', 'express-session', 'openid-client', ...(usesKey(app) ? ['jose'] : [])]
  const commands = `npm install ${packages.join(' ')}\n${variablesOf(app)}node server.mjs\n`
  return {
    intro: 'A server with Express and openid-client. It works with any other OpenID Connect library too.',
    files: [
      { name: 'server.mjs', text },
      { name: 'Terminal', text: commands },
    ],
  }
}

/** An access token is for one API. */
function grantLines([first, ...others]: readonly WantedApi[]): string {
  const grant =
    '  const tokens = await oidc.authorizationCodeGrant(gatehouse, new URL(request.url, redirectUri), checks'
  if (first === undefined) return `${grant})`
  const use = `  // tokens.access_token is for ${first.id}, not for userinfo`
  if (others.length === 0) return `${grant})\n${use}`
  const rest = others.map(({ id }) => id).join(', ')
  return `${grant}, {
    resource: '${first.id}', // the API of the access token; refresh with another resource for ${rest}
  })
${use}`
}
