/** Sign-in with Gatehouse in Express: openid-client, and sessions on the server. */
import express from 'express'
import session from 'express-session'
import * as oidc from 'openid-client'

const { ISSUER = 'http://localhost:4000', CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env
const { ORIGIN = `http://localhost:${PORT}`, SESSION_SECRET = oidc.randomState() } = process.env
const isLocal = ISSUER.startsWith('http://localhost:')
const execute = [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])]
const gatehouse = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, { execute })

const app = express()
const secure = ORIGIN.startsWith('https:')
if (secure) app.set('trust proxy', 1) // the proxy that terminates TLS
const cookie = { httpOnly: true, sameSite: 'lax', secure }
// Add a store, such as connect-redis: the default one forgets all sessions at a restart.
app.use(session({ name: 'app_session', secret: SESSION_SECRET, resave: false, saveUninitialized: false, cookie }))

app.get('/sign-in', async ({ session }, response) => {
  const [state, codeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
  Object.assign(session, { state, codeVerifier })
  const code_challenge = await oidc.calculatePKCECodeChallenge(codeVerifier)
  const wanted = { redirect_uri: `${ORIGIN}/callback`, scope: 'openid profile email' }
  const proof = { state, code_challenge, code_challenge_method: 'S256' }
  response.redirect(oidc.buildAuthorizationUrl(gatehouse, { ...wanted, ...proof }).href)
})

app.get('/callback', async (request, response) => {
  const { state: expectedState, codeVerifier: pkceCodeVerifier } = request.session
  if (!expectedState) return response.redirect('/sign-in') // no sign-in began in this browser
  const checks = { expectedState, pkceCodeVerifier, idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(gatehouse, new URL(request.url, ORIGIN), checks)
  await new Promise((done) => request.session.regenerate(done)) // a new session ID prevents session fixation
  Object.assign(request.session, { user: tokens.claims(), idToken: tokens.id_token })
  response.redirect('/')
})

app.post('/sign-out', ({ session }, response) => {
  const { idToken } = session
  if (idToken === undefined) return response.redirect(303, '/')
  const back = { id_token_hint: idToken, post_logout_redirect_uri: `${ORIGIN}/` }
  session.destroy(() => response.redirect(303, oidc.buildEndSessionUrl(gatehouse, back).href))
})

const requireUser = ({ session }, response, next) => (session.user ? next() : response.redirect('/sign-in'))
app.get('/private', requireUser, ({ session }, response) => response.json(session.user))

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`)
app.get('/', ({ session: { user } }, response) => {
  if (!user) return response.send('<p>You are signed out. <a href="/sign-in">Sign in</a>')
  const signOut = '<form method="post" action="/sign-out"><button>Sign out</button></form>'
  response.send(`<p>Hello, ${escapeHtml(user.name ?? user.email)}. <a href="/private">Private page</a> ${signOut}`)
})

app.use((error, _request, response, _next) => {
  console.error(error)
  response.status(400).send('<p>Sign-in failed. <a href="/sign-in">Sign in</a>')
})
app.listen(Number(PORT), 'localhost', () => console.log(`Open ${ORIGIN}`))
