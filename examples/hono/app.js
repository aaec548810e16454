/** Sign-in with Gatehouse in Hono: openid-client, and the session in an encrypted cookie. */
import { createHash } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import { EncryptJWT, jwtDecrypt } from 'jose'
import * as oidc from 'openid-client'

const { ISSUER = 'http://localhost:4000', CLIENT_ID, CLIENT_SECRET, PORT = '3000' } = process.env
const { ORIGIN = `http://localhost:${PORT}`, SESSION_SECRET = oidc.randomState() } = process.env
const isLocal = ISSUER.startsWith('http://localhost:')
const execute = [oidc.enableNonRepudiationChecks, ...(isLocal ? [oidc.allowInsecureRequests] : [])]
const gatehouse = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, { execute })

const key = createHash('sha256').update(SESSION_SECRET).digest()
const cookie = { httpOnly: true, sameSite: 'Lax', path: '/', secure: ORIGIN.startsWith('https:'), maxAge: 8 * 3600 }
async function writeSession(context, values) {
  const token = new EncryptJWT(values).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setExpirationTime('8h')
  setCookie(context, 'app_session', await token.encrypt(key), cookie)
}
const readSession = (context) =>
  jwtDecrypt(getCookie(context, 'app_session') ?? '', key).then(
    ({ payload }) => payload,
    () => ({}), // missing, expired or forged
  )

const app = new Hono().use(csrf({ origin: ORIGIN }))
app.get('/sign-in', async (context) => {
  const [state, codeVerifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
  await writeSession(context, { state, codeVerifier })
  const code_challenge = await oidc.calculatePKCECodeChallenge(codeVerifier)
  const wanted = { redirect_uri: `${ORIGIN}/callback`, scope: 'openid profile email' }
  const proof = { state, code_challenge, code_challenge_method: 'S256' }
  return context.redirect(oidc.buildAuthorizationUrl(gatehouse, { ...wanted, ...proof }).href)
})
app.get('/callback', async (context) => {
  const { state: expectedState, codeVerifier: pkceCodeVerifier } = await readSession(context)
  if (!expectedState) return context.redirect('/sign-in') // no sign-in began in this browser
  const checks = { expectedState, pkceCodeVerifier, idTokenExpected: true }
  const callbackUrl = new URL(`/callback${new URL(context.req.url).search}`, ORIGIN)
  const tokens = await oidc.authorizationCodeGrant(gatehouse, callbackUrl, checks)
  await writeSession(context, { user: tokens.claims(), idToken: tokens.id_token })
  return context.redirect('/')
})
app.post('/sign-out', async (context) => {
  const { idToken = '' } = await readSession(context)
  deleteCookie(context, 'app_session', cookie)
  const back = { id_token_hint: idToken, post_logout_redirect_uri: `${ORIGIN}/` }
  return context.redirect(idToken === '' ? '/' : oidc.buildEndSessionUrl(gatehouse, back).href, 303)
})
app.get('/', async (context) => {
  const { user } = await readSession(context)
  if (user === undefined) return context.html(html`<p>You are signed out. <a href="/sign-in">Sign in</a>`)
  const signOut = html`<form method="post" action="/sign-out"><button>Sign out</button></form>`
  return context.html(html`<p>Hello, ${user.name ?? user.email}. ${signOut}`)
})
app.onError((error, context) => context.text(`Sign-in failed: ${error.message}`, 400))
serve({ fetch: app.fetch, port: Number(PORT), hostname: 'localhost' }, () => console.log(`Open ${ORIGIN}`))
