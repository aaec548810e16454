/** The demo server app: OpenID Connect with openid-client in Express, without a Gatehouse SDK. */
import { randomUUID } from 'node:crypto'
import express, { type ErrorRequestHandler, type Request } from 'express'
import session from 'express-session'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { signedInPage, signedOutPage } from './server-app-pages.ts'

const { GATEHOUSE_URL = 'http://localhost:4000', SERVER_APP_PORT = '4022', SERVER_APP_SECRET = '' } = process.env
const origin = `http://localhost:${SERVER_APP_PORT}`
// insecure: http on this machine
const execute = [oidc.enableNonRepudiationChecks, oidc.allowInsecureRequests]
let gatehouse: oidc.Configuration
const notBegunHere = 'This sign-in was not started in this browser, or it took too long. Sign in again.'
const ended = new Set<unknown>() // `sid` of ended sessions
const app = express()
const cookie = { sameSite: 'lax' } as const // and Secure, on https
app.use(session({ name: 'server_app', secret: randomUUID(), resave: false, saveUninitialized: false, cookie }))
app.use(async (_request, _response, next) => {
  gatehouse ??= await oidc.discovery(new URL(GATEHOUSE_URL), 'demo-server', SERVER_APP_SECRET, undefined, { execute })
  next()
})
app.get('/sign-in', async (request, response) => {
  const [codeVerifier, state] = [oidc.randomPKCECodeVerifier(), oidc.randomState()]
  // one state for each tab
  request.session.pending = { ...request.session.pending, [state]: codeVerifier }
  const code_challenge = await oidc.calculatePKCECodeChallenge(codeVerifier)
  const wanted = { redirect_uri: `${origin}/signed-in`, scope: 'openid profile email offline_access', tenant: 'demo' }
  const proof = { state, code_challenge, code_challenge_method: 'S256' }
  response.redirect(oidc.buildAuthorizationUrl(gatehouse, { ...wanted, ...proof }).href)
})
app.get('/signed-in', async (request, response) => {
  const expectedState = String(request.query['state'])
  const { [expectedState]: pkceCodeVerifier, ...pending } = request.session.pending ?? {}
  if (pkceCodeVerifier === undefined) return void response.status(400).send(signedOutPage(notBegunHere))
  const checks = { pkceCodeVerifier, expectedState, idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(gatehouse, new URL(request.url, origin), checks)
  await new Promise((done) => request.session.regenerate(done)) // prevents session fixation
  Object.assign(request.session, { pending, tokens, idToken: tokens.id_token, sid: tokens.claims()?.['sid'] })
  response.redirect('/')
})
app.post('/refresh', async ({ session }, response) => {
  session.tokens = await oidc.refreshTokenGrant(gatehouse, session.tokens?.refresh_token ?? '')
  response.redirect(303, '/')
})
app.post('/sign-out', ({ session }, response) => {
  const back = { id_token_hint: session.idToken ?? '', post_logout_redirect_uri: `${origin}/` }
  session.destroy(() => response.redirect(303, oidc.buildEndSessionUrl(gatehouse, back).href))
})
app.post('/backchannel-logout', express.urlencoded(), async ({ body }: Request, response) => {
  const { issuer, jwks_uri = '' } = gatehouse.serverMetadata()
  const keys = createRemoteJWKSet(new URL(jwks_uri))
  const { payload } = await jwtVerify(body.logout_token, keys, { issuer, audience: 'demo-server', typ: 'logout+jwt' })
  ended.add(payload['sid'])
  response.status(204).end()
})
app.use(async ({ session: { tokens, sid } }, response) => {
  if (tokens === undefined || ended.has(sid)) return void response.send(signedOutPage())
  response.send(signedInPage(await oidc.fetchUserInfo(gatehouse, tokens.access_token, oidc.skipSubjectCheck)))
})
const onError: ErrorRequestHandler = (error, { session }, response, _next) => {
  delete session.tokens // whatever failed: without tokens, the next step is a new sign-in
  const reason = error.error_description ?? error.message // an OAuth error, or a bug
  const isDenied = error.error === 'access_denied'
  response.status(502).send(signedOutPage(isDenied ? 'You did not sign in.' : `The sign-in did not work: ${reason}`))
}
app.use(onError).listen(Number(SERVER_APP_PORT), 'localhost')
