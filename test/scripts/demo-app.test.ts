/** The demo app against a stand-in that speaks Gatehouse's side of the exchange over real HTTP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../support/servers/servers.ts'

const token = 'gth_s_example'
const code = 'the-code'
let challenge = ''
let state = ''
let signedIn = false
let gatehouse: Server
let gatehouseUrl = ''
let app: ChildProcess
let origin = ''

function portOf(address: ReturnType<Server['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

beforeAll(async () => {
  gatehouse = createServer(async (request, response) => {
    const json = (status: number, content: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
    const bearer = request.headers.authorization === `Bearer ${token}`
    if (request.url === '/api/v1/sessions/exchange') {
      const posted = JSON.parse(Buffer.concat(await request.toArray()).toString())
      const proven = createHash('sha256').update(posted.codeVerifier).digest('base64url') === challenge
      const isTheApp = request.headers.authorization === 'Secret the-secret'
      signedIn = proven && isTheApp && posted.code === code && posted.redirectUri === `${origin}/signed-in`
      return signedIn ? json(201, { token, session: {} }) : json(400, { code: 'code_refused' })
    }
    if (!bearer || !signedIn) return json(401, { code: 'session_invalid' })
    if (request.method === 'DELETE') {
      signedIn = false
      return response.writeHead(204).end()
    }
    json(200, {
      profile: { name: '<b>Ada</b> & "Co"', email: 'ada@okta.example', email_verified: false },
      authenticated: { connection: 'okta' },
      expiresAt: '2027-01-01T10:00:00.000Z',
    })
  }).listen(0, '127.0.0.1')
  await once(gatehouse, 'listening')
  gatehouseUrl = `http://127.0.0.1:${portOf(gatehouse.address())}`
  const port = await freePort()
  origin = `http://localhost:${port}`
  const env = { ...process.env, GATEHOUSE_URL: gatehouseUrl, DEMO_PORT: String(port), DEMO_APP_SECRET: 'the-secret' }
  app = spawn(process.execPath, ['demo/app.ts'], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  await vi.waitFor(() => fetch(`${origin}/healthz`), { timeout: 60_000, interval: 50 })
})

afterAll(() => {
  app.kill()
  gatehouse.closeAllConnections()
  gatehouse.close()
})

function visit(path: string, cookie = '', options: RequestInit = {}): Promise<Response> {
  return fetch(`${origin}${path}`, { redirect: 'manual', ...options, headers: { cookie, ...options.headers } })
}

const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

async function signIn(): Promise<string> {
  const begun = await visit('/sign-in?with=okta')
  return cookieOf(await finish(begun, cookieOf(begun)))
}

/** Returns from Gatehouse with a code for the sign-in that began. */
function finish(begun: Response, cookie: string, given = code): Promise<Response> {
  const sent = new URL(begun.headers.get('location') ?? '')
  challenge = sent.searchParams.get('code_challenge') ?? ''
  state = sent.searchParams.get('state') ?? ''
  return visit(answer({ code: given }), cookie)
}

const answer = (parameters: Record<string, string>) =>
  `/signed-in?${new URLSearchParams({ state, iss: gatehouseUrl, ...parameters })}`

describe('the demo app', () => {
  it('sends the browser to /oauth2/auth with the connection, its redirect URI, a state and a PKCE challenge', async () => {
    const begun = await visit('/sign-in?with=okta')
    const sent = new URL(begun.headers.get('location') ?? '')
    expect(begun.status).toBe(302)
    expect(sent.origin + sent.pathname).toBe(`${gatehouseUrl}/oauth2/auth`)
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      client_id: 'demo-app',
      redirect_uri: `${origin}/signed-in`,
      tenant: 'demo',
      provider: 'okta',
      response_type: 'code',
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{22}$/),
    })
    expect(sent.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/)
    expect(begun.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Lax/)
  })

  it('sends no connection when none is chosen', async () => {
    const sent = new URL((await visit('/sign-in')).headers.get('location') ?? '')
    expect(sent.searchParams.get('provider')).toBe('')
  })

  it.each([
    ['state', { state: 'another' }],
    ['issuer', { iss: 'https://evil.test' }],
  ])('RP-39 refuses a code that comes with another %s', async (_, wrong) => {
    const begun = await visit('/sign-in?with=okta')
    state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? ''
    expect((await visit(answer({ code, ...wrong }), cookieOf(begun))).status).toBe(400)
  })

  it('exchanges the code, shows the escaped profile, and signs out', async () => {
    const cookie = await signIn()
    const page = await (await visit('/', cookie)).text()
    expect(page).toContain('Hello, &lt;b&gt;Ada&lt;/b&gt; &amp; &quot;Co&quot;.')
    expect(page).toContain('(not verified)')
    expect(page).toContain(token)
    const out = await visit('/sign-out', cookie, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })
    expect(out.status).toBe(302)
    expect(signedIn).toBe(false)
    expect(await (await visit('/', cookie)).text()).toContain('You are signed out here')
  })

  it('SE-01 gives the browser a new cookie at sign-in', async () => {
    const begun = cookieOf(await visit('/sign-in?with=okta'))
    expect(await signIn()).toMatch(/^demo_session=[\w-]{43}$/)
    expect(await signIn()).not.toBe(begun)
  })

  it('signs in in both of two tabs', async () => {
    const first = await visit('/sign-in')
    const second = await visit('/sign-in', cookieOf(first))
    const signedIn = await finish(first, cookieOf(first))
    const again = await finish(second, cookieOf(signedIn))
    expect([signedIn, again].map(({ headers }) => headers.get('location'))).toEqual(['/', '/'])
    expect(await (await visit('/', cookieOf(again))).text()).toContain('Hello, ')
  })

  it('shows the signed-out page when the session was ended elsewhere', async () => {
    const cookie = await signIn()
    signedIn = false
    const page = await visit('/', cookie)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('Your session has ended')
  })

  it('RP-39 rejects a code in a browser that started no login', async () => {
    const answer = await visit(`/signed-in?code=${code}`)
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([400, null])
    expect(await answer.text()).toContain('was not started in this browser')
  })

  it('offers a new sign-in when the code is refused', async () => {
    const begun = await visit('/sign-in?with=okta')
    const answer = await finish(begun, cookieOf(begun), 'other')
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('Sign in again')
  })

  it('SE-07 refuses a cross-site sign-out', async () => {
    const cookie = await signIn()
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
    expect((await visit('/sign-out', cookie, { method: 'POST', headers })).status).toBe(403)
    expect(signedIn).toBe(true)
  })

  it('reports that Gatehouse is unreachable', async () => {
    const cookie = await signIn()
    gatehouse.closeAllConnections()
    gatehouse.close()
    const page = await visit('/', cookie)
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('Gatehouse does not answer')
    expect((await visit('/')).status).toBe(200)
  })
})
