/** An emulated GitHub on a real port, for tests and for trying the plugin. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

export interface GitHubPerson {
  /** As GET /user returns it. */
  readonly user: Readonly<Record<string, unknown>> & { readonly login: string }
  /** As GET /user/emails returns them. */
  readonly emails: readonly Readonly<Record<string, unknown>>[]
}

export interface GitHubEmulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number
  readonly clientId: string
  readonly clientSecret: string
  readonly callbackUrl: string
  readonly people: readonly GitHubPerson[]
}

export type GitHubEndpoint = 'token' | 'user' | 'emails'

export interface GitHubEmulator {
  /** The `baseUrl` of a connection that uses it. */
  readonly url: string
  readonly apiUrl: string
  /** Requests per endpoint. */
  readonly counters: Readonly<Record<GitHubEndpoint, number>>
  /** Headers and form of the last request. */
  readonly last: { headers: IncomingMessage['headers']; form: URLSearchParams }
  /** Sets the response of the endpoint (or of all) until `heal`. */
  answer(endpoint: GitHubEndpoint | 'all', fault: GitHubFault): void
  heal(): void
  close(): Promise<void>
}

export type GitHubFault =
  | 'down'
  | 'hang'
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown }

interface Grant {
  readonly person: GitHubPerson
  readonly challenge: string
}

export async function startGitHubEmulator(options: GitHubEmulatorOptions): Promise<GitHubEmulator> {
  const codes = new Map<string, Grant>()
  const tokens = new Map<string, GitHubPerson>()
  const counters = { token: 0, user: 0, emails: 0 }
  const faults = new Map<GitHubEndpoint | 'all', GitHubFault>()
  const last: GitHubEmulator['last'] = { headers: {}, form: new URLSearchParams() }

  function authorize(url: URL, response: ServerResponse): void {
    const asked = url.searchParams
    if (asked.get('client_id') !== options.clientId) return send(response, 404, 'no such app')
    const back = new URL(options.callbackUrl)
    // GitHub sends errors only to the registered URL
    if (asked.get('redirect_uri') !== options.callbackUrl) back.searchParams.set('error', 'redirect_uri_mismatch')
    else if (asked.has('cancel')) back.searchParams.set('error', 'access_denied')
    else {
      const person = options.people.find(({ user }) => user.login === asked.get('as'))
      if (person === undefined) return send(response, 200, pageOf(url, options.people), 'text/html')
      const code = randomBytes(10).toString('hex')
      codes.set(code, { person, challenge: asked.get('code_challenge') ?? '' })
      back.searchParams.set('code', code)
    }
    back.searchParams.set('state', asked.get('state') ?? '')
    response.writeHead(302, { location: back.href }).end()
  }

  /** Refusals have status 200. */
  function redeem(form: URLSearchParams): object {
    if (form.get('client_id') !== options.clientId || form.get('client_secret') !== options.clientSecret)
      return { error: 'incorrect_client_credentials' }
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant === undefined || grant.challenge !== proof) return { error: 'bad_verification_code' }
    const token = `gho_${randomBytes(18).toString('hex')}`
    tokens.set(token, grant.person)
    return { access_token: token, scope: 'read:user,user:email', token_type: 'bearer' }
  }

  function tell(endpoint: 'user' | 'emails', request: IncomingMessage, response: ServerResponse): void {
    if (request.headers['user-agent'] === undefined) return send(response, 403, { message: 'no User-Agent' })
    const person = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (person === undefined) return send(response, 401, { message: 'Bad credentials' })
    send(response, 200, person[endpoint])
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    if (url.pathname === '/login/oauth/authorize') return authorize(url, response)
    const endpoint = endpoints[`${request.method} ${url.pathname}`]
    if (endpoint === undefined) return send(response, 404, { message: 'Not Found' })
    counters[endpoint] += 1
    last.headers = request.headers
    last.form = new URLSearchParams(await text(request))
    const fault = faults.get(endpoint) ?? faults.get('all')
    if (fault === 'hang') return
    if (fault === 'down') return void request.socket.destroy()
    if (fault !== undefined) return send(response, fault.status ?? 200, fault.body, 'application/json', fault.headers)
    if (endpoint !== 'token') return tell(endpoint, request, response)
    const answer = redeem(last.form)
    const isJson = request.headers.accept?.includes('json') ?? false
    send(response, 200, isJson ? answer : new URLSearchParams({ ...answer }).toString())
  }

  const server = createServer((request, response) => void serve(request, response))
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const listening = server.address()
  const url = `http://localhost:${typeof listening === 'object' ? listening?.port : options.port}`
  return {
    ...{ url, apiUrl: `${url}/api/v3`, counters, last },
    answer: (endpoint, fault) => void faults.set(endpoint, fault),
    heal: () => faults.clear(),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const endpoints: Readonly<Record<string, GitHubEndpoint>> = {
  'POST /login/oauth/access_token': 'token',
  'GET /api/v3/user': 'user',
  'GET /api/v3/user/emails': 'emails',
}

function pageOf(url: URL, people: readonly GitHubPerson[]): string {
  const link = (more: string, label: string) =>
    `<li><a href="${escaped(`${url.search}&${more}`)}">${escaped(label)}</a></li>`
  const entries = people.map(({ user }) => link(`as=${encodeURIComponent(user.login)}`, user.login))
  return `<!doctype html><title>Sign in</title><h1>An emulated GitHub: choose who you are</h1><ul>${entries.join('')}${link('cancel=1', 'Cancel')}</ul>`
}

function escaped(line: string): string {
  return line.replace(/[<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json',
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { 'content-type': type, ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body))
}
