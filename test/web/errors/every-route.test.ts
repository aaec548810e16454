/** Each row of the route table reaches its own handler, and no row hides another. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { stylesheet } from '../../../src/pages/assets.ts'
import { routes } from '../../../src/web/routes.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

const rows = routes(providers)
const name = ({ method, path }: Pick<(typeof rows)[number], 'method' | 'path'>) => `${method} ${path}`

/** What a request without a session gets: the status, and the code of the error in the log. */
function answerOf(row: (typeof rows)[number]): string | undefined {
  const { method, path, caller, permission } = row
  const listed = answers[name(row)]
  if (listed !== undefined || method === 'options') return listed ?? '204'
  if (path.startsWith('/api/v1/app/') || path === '/api/v1/app') return '401 app_authentication_failed'
  if (permission === 'none') return undefined
  return caller === 'anyone' || caller === 'administrator' ? '303' : '401 session_invalid'
}

/** Of rows that need no permission, and other exceptions. */
const answers: Readonly<Record<string, string>> = {
  'get /': '303',
  'get /login': '200',
  'post /login': '400',
  'post /login/passkey': '400 request_invalid',
  'post /login/passkey/options': '400 login_other_browser',
  'post /login/passkey/offer': '303',
  'post /account/security/passkeys': '400 request_invalid',
  'get /.well-known/webauthn': '404 not_found',
  'get /t/:tenant/:connection/start': '303',
  'get /t/:tenant/:connection/initiate': '400 request_invalid',
  'get /t/:tenant/:connection/callback': '400 login_unknown',
  'post /t/:tenant/:connection/callback': '400 login_unknown',
  'get /t/:tenant/:connection/metadata': '404 not_found',
  'get /login/second-factor': '303',
  'post /login/second-factor': '400 request_invalid',
  'post /login/second-factor/passkey-options': '303',
  'get /login/second-factor/setup': '303',
  'post /login/second-factor/setup': '400 request_invalid',
  'post /login/second-factor/setup/passkey-options': '303',
  'post /login/email': '404 connection_unknown',
  'get /login/code': '400 code_expired',
  'post /login/code': '400 code_expired',
  'get /t/:tenant/:connection/sign-in': '400 code_expired',
  'post /t/:tenant/:connection/sign-in': '400 code_expired',
  'get /login/recover': '400 request_invalid',
  'post /login/recover': '400 request_invalid',
  'get /login/recover/confirm': '400 request_invalid',
  'post /login/recover/confirm': '400 link_invalid',
  'get /link': '400 request_invalid',
  'post /link': '400 link_invalid',
  'get /sign-up': '200',
  'post /sign-up': '400 email_invalid',
  'get /sign-up/waiting': '303',
  'get /t/:tenant/:connection/verify': '400 link_invalid',
  'post /t/:tenant/:connection/verify': '400 link_invalid',
  'get /forgot': '200',
  'post /forgot': '400 email_invalid',
  'get /forgot/waiting': '303',
  'get /t/:tenant/:connection/reset': '400 link_invalid',
  'post /t/:tenant/:connection/reset': '400 link_invalid',
  'get /oauth2/logout': '200',
  'post /oauth2/logout': '303',
  'get /t/:tenant/:connection/signed-out': '303',
  'post /t/:tenant/:connection/backchannel-logout': '400 request_invalid',
  'post /t/:tenant/:connection/global-token-revocation': '401 upstream_invalid',
  'post /t/:tenant/:connection/notifications': '404 not_found',
  'get /t/:tenant/:connection/logout': '404 not_found',
  'post /t/:tenant/:connection/logout': '404 not_found',
  'get /consent/:uid': '400 interaction_expired',
  'post /consent/:uid': '400 interaction_expired',
  'post /account/sign-out': '303',
  'get /access/:app': '303',
  'get /account/delete/cancel': '400 request_invalid',
  'post /account/delete/cancel': '400 link_invalid',
  'post /account/security/confirm': '400 request_invalid',
  'get /account/email/verify': '400 request_invalid',
  'get /account/undo': '400 request_invalid',
  'post /account/undo': '400 link_invalid',
  'get /account/recovery': '400 request_invalid',
  'post /account/recovery': '400 link_invalid',
  'post /api/v1/sessions/email-code': '400 request_invalid',
  'post /api/v1/sessions/email-code/complete': '400 request_invalid',
  'get /traces/:code': '404',
  'get /t/:tenant/:connection/setup/:code': '404',
  'post /t/:tenant/:connection/setup/:code/test': '404',
  'get /buttons.js': '200',
  'get /buttons/:file': '200',
  'get /buttons.json': '200',
  'post /api/v1/sessions/exchange': '400 request_invalid',
  'post /api/v1/sessions/mfa': '400 request_invalid',
  'post /api/v1/sessions': '400 request_invalid',
  'post /api/v1/passkeys/challenge': '400 request_invalid',
  'post /api/v1/sessions/passkey': '400 request_invalid',
  'post /api/v1/sign-ups': '400 request_invalid',
  'post /api/v1/sign-ups/check': '400 request_invalid',
  'post /api/v1/sign-ups/complete': '400 request_invalid',
  'post /api/v1/password-resets': '400 request_invalid',
  'post /api/v1/password-resets/check': '400 request_invalid',
  'post /api/v1/password-resets/complete': '400 request_invalid',
  'post /api/v1/tokens/reported': '400 request_invalid',
  'get /account/identities/start': '400 request_invalid',
  'post /account/security/password': '400 request_invalid',
  'get /api/v1/openapi.json': '200',
  'get /api': '200',
  'get /api/:section': '200',
  'get /api/errors': '200',
  'get /device': '303',
  'get /favicon.ico': '200',
  'get /docs{/*path}': '404 not_found', // with and without the site
  'get /healthz': '200',
  'get /readyz': '200',
  'get /static/icons/:file': '200',
  'get /static/logos/:file': '200',
  'get /static/:file': '200',
  // answered ahead of Express, by the same function
  'get /api/v1/session': 'ahead',
}

/** Values for the parameters of paths. */
const parameters: Readonly<Record<string, string>> = { tenant: 'acme', connection: 'okta' }
const files: Readonly<Record<string, string>> = {
  '/api/:section': '/api/sessions',
  '/docs{/*path}': '/docs/unknown',
  '/static/:file': stylesheet.path,
  '/static/icons/:file': '/static/icons/AR.svg',
  '/static/logos/:file': '/static/logos/okta.svg',
}
/** Fields of all forms. */
const form = Object.fromEntries([
  ['tenant', 'acme'],
  ['overlap', '0'],
  ['name', 'x'],
  ['enrollment', 'x'],
  ['codes', 'x'],
  ['device', 'x'],
  ['pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ...['session', 'connection', 'identity', 'app', 'code', 'secret', 'key', 'email'].map((field) => [field, 'x']),
])

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

interface LogLine {
  readonly msg: string
  readonly requestId?: string
  readonly route?: string
  readonly method?: string
  readonly status?: number
  readonly code?: string
}

/** Sends a request as one of our pages does, and waits for its log lines. */
async function ask({ method, path, caller }: (typeof rows)[number]) {
  const before = server.logged.length
  const values = /\/(verify|reset)$/.test(path) ? { ...parameters, connection: 'password' } : parameters
  const address = files[path] ?? path.replace(/:(\w+)/g, (_, part: string) => values[part] ?? 'unknown')
  const content =
    method === 'get' || method === 'options' ? {} : ['api', 'headless'].includes(caller) ? { json: {} } : { form }
  const headers = { 'sec-fetch-site': 'same-origin', accept: 'text/html' }
  const { status } = await new TestBrowser(server).ask(`${address}?tenant=acme`, {
    method: method.toUpperCase(),
    headers,
    ...content,
  })
  const lines = () => server.logged.slice(before).map((line): LogLine => JSON.parse(line))
  const request = await vi.waitFor(() => {
    const found = lines().find(({ msg }) => msg === 'request')
    if (found === undefined) throw new Error(`no log line of ${method} ${address}`)
    return found
  }, waitOptions)
  const code = lines().find(({ msg }) => msg === 'refused')?.code
  return { route: request.route, answer: code === undefined ? String(status) : `${status} ${code}` }
}

it('is there once, and its answer is known', () => {
  const names = rows.map(name)
  expect(names).toEqual([...new Set(names)])
  expect(names).toEqual(expect.arrayContaining(Object.keys(answers)))
  expect(rows.filter((row) => answerOf(row) === undefined).map(name)).toEqual([])
})

// ahead of Express, which logs the others with the path of their row
it.each(rows.filter(({ method, path }) => method !== 'get' || path !== '/api/v1/session'))(
  '$method $path is answered by its own row',
  async (row) => {
    const { route, answer } = await ask(row)
    expect([route, answer]).toEqual([row.path, answerOf(row)])
  },
)
