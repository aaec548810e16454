/**
 * The demo web app: sign-in through Gatehouse in plain Node. Copy what you need. Three steps:
 * redirect to /oauth2/auth, exchange the code for a session, check the session.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readExchange, readSession } from './answers.ts'
import { problemPage, signedInPage, signedOutPage } from './pages.ts'

const gatehouse = process.env['GATEHOUSE_URL'] ?? 'http://localhost:4000'
const secret = process.env['DEMO_APP_SECRET'] ?? ''
const port = Number(process.env['DEMO_PORT'] ?? 4020)
const origin = `http://localhost:${port}`
const redirectUri = `${origin}/signed-in` // as registered in gatehouse.yaml
const tenant = 'demo'

/** The state of one browser. Use a session store in a real app. */
interface Browser {
  /** `state` → code verifier of sign-ins that wait, one for each tab. */
  readonly pending: Map<string, string>
  token?: string
}
const browsers = new Map<string, Browser>()
const maxBrowsers = 1000
const maxPending = 20

/** 1. Redirect to Gatehouse. Verifier and state stay here: a stolen code is useless. */
function signIn(request: IncomingMessage, response: ServerResponse, url: URL): void {
  const { pending } = browserOf(request) ?? newBrowser(response)
  const codeVerifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  pending.set(state, codeVerifier)
  for (const oldest of pending.keys()) if (pending.size > maxPending) pending.delete(oldest)
  const target = new URL('/oauth2/auth', gatehouse)
  target.search = String(
    new URLSearchParams({
      client_id: 'demo-app',
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      state,
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
      tenant,
      provider: url.searchParams.get('with') ?? '', // a connection; empty: the user chooses
    }),
  )
  redirect(response, target.href)
}

/** 2. The browser returns with a single-use code: exchange it for the session token. */
async function signedIn(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const before = browserOf(request)
  const { code, state = '', iss } = Object.fromEntries(url.searchParams)
  const codeVerifier = before?.pending.get(state)
  if (before === undefined || codeVerifier === undefined || iss !== gatehouse)
    return page(response, 400, problemPage('This sign-in was not started in this browser, or it took too long.'))
  before.pending.delete(state)
  if (code === undefined) return page(response, 400, problemPage('You did not sign in.'))
  const answer = await ask('POST', '/api/v1/sessions/exchange', {
    authorization: `Secret ${secret}`,
    json: { code, redirectUri, codeVerifier },
  })
  if (answer.status !== 201) return page(response, 400, problemPage('Gatehouse did not accept the code.'))
  // a new cookie at every sign-in prevents session fixation; sign-ins in other tabs go on
  newBrowser(response, before.pending).token = readExchange(await answer.json())
  redirect(response, '/')
}

/** 3. Check the session: one request to Gatehouse. */
async function home(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const browser = browserOf(request)
  if (browser?.token === undefined) return page(response, 200, signedOutPage())
  const answer = await ask('GET', '/api/v1/session', bearer(browser.token))
  if (answer.ok) return page(response, 200, signedInPage(readSession(await answer.json()), browser.token, gatehouse))
  if (answer.status !== 401) return page(response, 502, problemPage(`Gatehouse answered ${answer.status}.`))
  delete browser.token
  page(response, 200, signedOutPage('Your session has ended.'))
}

async function signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const own = request.headers['sec-fetch-site'] === 'same-origin' || request.headers.origin === origin
  if (!own) return page(response, 403, problemPage('This request came from another site.'))
  const browser = browserOf(request)
  if (browser?.token !== undefined) await ask('DELETE', '/api/v1/session', bearer(browser.token))
  delete browser?.token
  redirect(response, '/')
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

interface Asked {
  readonly authorization: string
  readonly json?: unknown
}

function ask(method: string, path: string, { authorization, json }: Asked): Promise<Response> {
  const headers = { authorization, ...(json !== undefined && { 'content-type': 'application/json' }) }
  const body = json === undefined ? null : JSON.stringify(json)
  const signal = AbortSignal.timeout(5000)
  return fetch(new URL(path, gatehouse), { method, headers, body, redirect: 'error', signal })
}

function browserOf(request: IncomingMessage): Browser | undefined {
  const cookie = /(?:^|;\s*)demo_session=([\w-]{43})(?:;|$)/.exec(request.headers.cookie ?? '')
  return cookie?.[1] === undefined ? undefined : browsers.get(cookie[1])
}

function newBrowser(response: ServerResponse, pending: Browser['pending'] = new Map()): Browser {
  const id = randomBytes(32).toString('base64url')
  const browser: Browser = { pending }
  browsers.set(id, browser)
  for (const oldest of browsers.keys()) if (browsers.size > maxBrowsers) browsers.delete(oldest)
  // and Secure, on https
  response.setHeader('set-cookie', `demo_session=${id}; HttpOnly; SameSite=Lax; Path=/`)
  return browser
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location, 'cache-control': 'no-store' }).end()
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', origin)
  const route = `${request.method} ${url.pathname}`
  if (route === 'GET /') return home(request, response)
  if (route === 'GET /sign-in') return signIn(request, response, url)
  if (route === 'GET /signed-in') return signedIn(request, response, url)
  if (route === 'POST /sign-out') return signOut(request, response)
  if (route === 'GET /healthz') return page(response, 200, 'ok')
  page(response, 404, problemPage('There is no such page.'))
}

const server = createServer((request, response) => {
  answer(request, response).catch(() =>
    page(response, 503, problemPage(`Gatehouse does not answer at ${gatehouse}. Is it running?`)),
  )
})
server.listen(port, 'localhost')
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
