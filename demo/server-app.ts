/** The demo server app: all the OpenID Connect that a server-rendered app writes with openid-client. Nothing of it knows Gatehouse. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as oidc from 'openid-client'
import { endedSession } from './server-app-logout.ts'
import { type Browser, Browsers, goTo, homePage } from './server-app-pages.ts'

const { GATEHOUSE_URL = 'http://localhost:4000', SERVER_APP_PORT = '4022', SERVER_APP_SECRET = '' } = process.env
const origin = `http://localhost:${SERVER_APP_PORT}`
const execute = [oidc.enableNonRepudiationChecks, oidc.allowInsecureRequests] // insecure: this machine has no https
const browsers = new Browsers()
let gatehouse: oidc.Configuration | undefined

/** Where the browser goes on to; nowhere where a server asked. */
type Next = Promise<string | undefined>
type Handler = (gatehouse: oidc.Configuration, browser: Browser, url: URL, request: IncomingMessage) => Next
const routes: Readonly<Record<string, Handler>> = {
  'GET /sign-in': async (gatehouse, browser) => {
    browser.codeVerifier = oidc.randomPKCECodeVerifier()
    browser.state = oidc.randomState()
    const code_challenge = await oidc.calculatePKCECodeChallenge(browser.codeVerifier)
    const wanted = { redirect_uri: `${origin}/signed-in`, scope: 'openid profile email offline_access', tenant: 'demo' }
    const proof = { state: browser.state, code_challenge, code_challenge_method: 'S256' }
    return oidc.buildAuthorizationUrl(gatehouse, { ...wanted, ...proof }).href
  },
  'GET /signed-in': async (gatehouse, browser, url) => {
    const { codeVerifier: pkceCodeVerifier = '', state: expectedState = '' } = browser
    const expected = { pkceCodeVerifier, expectedState, idTokenExpected: true }
    const tokens = await oidc.authorizationCodeGrant(gatehouse, url, expected)
    Object.assign(browser, { tokens, idToken: tokens.id_token, sid: tokens.claims()?.['sid'] })
    return '/'
  },
  'POST /refresh': async (gatehouse, browser) => {
    browser.tokens = await oidc.refreshTokenGrant(gatehouse, browser.tokens?.refresh_token ?? '')
    return '/'
  },
  'POST /sign-out': async (gatehouse, browser) => {
    browsers.signOut(browser.sid)
    const back = { id_token_hint: browser.idToken ?? '', post_logout_redirect_uri: `${origin}/` }
    return oidc.buildEndSessionUrl(gatehouse, back).href
  },
  'POST /backchannel-logout': async (gatehouse, _browser, _url, request) => {
    browsers.signOut(await endedSession(gatehouse, request))
    return undefined
  },
}

async function answer(request: IncomingMessage, response: ServerResponse, url: URL, browser: Browser): Promise<void> {
  const [handler, token] = [routes[`${request.method} ${url.pathname}`], browser.tokens?.access_token]
  if (handler === undefined && token === undefined) return homePage(response)
  gatehouse ??= await oidc.discovery(new URL(GATEHOUSE_URL), 'demo-server', SERVER_APP_SECRET, undefined, { execute })
  if (handler !== undefined) return goTo(response, await handler(gatehouse, browser, url, request))
  homePage(response, await oidc.fetchUserInfo(gatehouse, token ?? '', oidc.skipSubjectCheck))
}

createServer((request, response) => {
  const url = new URL(request.url ?? '/', origin)
  const browser = browsers.of(request, response, /^\/sign(ed)?-in$/.test(url.pathname))
  answer(request, response, url, browser).catch((error: Error) => homePage(response, undefined, error, browser))
}).listen(Number(SERVER_APP_PORT), 'localhost')
