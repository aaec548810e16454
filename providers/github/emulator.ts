/**
 * An emulated GitHub: OAuth 2.0 with PKCE, form-encoded token responses unless JSON is asked for,
 * refusals with status 200, and an API for user, emails and organizations.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type Emulator, signIns, startEmulator } from '../emulator/emulator.ts'
import { Faults, responseFaults } from '../emulator/faults.ts'
import { type Call, formOf, type ListenOptions, listen, redirect, sendJson, sendPage } from '../emulator/http.ts'
import { type Claims, messagePage } from '../emulator/pages.ts'
import { isRegistered, type LocalApps } from '../emulator/registered-uris.ts'

export interface GitHubClient extends LocalApps {
  readonly clientId: string
  /** On the sign-in page. Default: the client ID. */
  readonly name?: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
}

export interface GitHubEmulatorOptions extends ListenOptions {
  readonly clients: readonly GitHubClient[]
  /** `sub` and `email` for its pages; `user`, `emails` and `organizations` as in its API. */
  readonly people: readonly Claims[]
  /** Path of the API; Forgejo's is /api/v1. Default /api/v3. */
  readonly apiPath?: string
  /** Send `iss` in authorization responses (RFC 9207). Default true. */
  readonly issParameter?: boolean
}

const faultTable = {
  denies: 'GitHub denies every sign-in',
  ...responseFaults,
  noEmail: 'The user may not be asked for emails (404)',
  emailVerified: 'verified of the primary address (value)',
  noOrganizations: 'The organizations may not be read (403)',
  manyOrganizations: 'The user is in many organizations (value: how many; default 250)',
  rateLimited: 'The API answers that it was asked too often (403)',
  user: 'These members of GET /user (values; from programs)',
}
type FaultName = keyof typeof faultTable
export type GitHubEndpoint = 'authorize' | 'token' | 'user' | 'emails' | 'organizations'

export interface GitHubEmulator extends Emulator<FaultName, GitHubEndpoint> {
  readonly apiUrl: string
}

interface Grant {
  readonly client: GitHubClient
  readonly person: Claims
  readonly request: URLSearchParams
}

export async function startGitHubEmulator(options: GitHubEmulatorOptions): Promise<GitHubEmulator> {
  const { clients, people, apiPath = '/api/v3', issParameter = true } = options
  const endpoints = {
    authorize: '/login/oauth/authorize',
    token: '/login/oauth/access_token',
    user: `${apiPath}/user`,
    emails: `${apiPath}/user/emails`,
    organizations: `${apiPath}/user/orgs`,
  }
  const listening = await listen(options)
  const faults = new Faults<FaultName>(faultTable)
  const codes = new Map<string, Grant>()
  const tokens = new Map<string, Grant>()
  const pages = signIns<Omit<Grant, 'person'>>({ upstream: 'GitHub', people })

  function authorize({ response, url: { searchParams: request } }: Call): void {
    const client = clients.find(({ clientId }) => clientId === request.get('client_id'))
    if (client === undefined) return sendPage(response, messagePage('404', 'This is not the page you look for.'), 404)
    // GitHub sends errors only to the registered URL
    if (!isRegistered(request.get('redirect_uri') ?? '', client.redirectUris, client))
      return sendBack(response, { client, request }, { error: 'redirect_uri_mismatch' })
    const hint = request.get('login') ?? undefined
    pages.ask(response, { client, request }, { client: client.name ?? client.clientId, hint })
  }

  function signIn(call: Call): void {
    const choice = pages.choice(call)
    if (choice === undefined) return
    const { request, person } = choice
    if (person === undefined || faults.has('denies'))
      return sendBack(call.response, request, { error: 'access_denied' })
    const code = randomBytes(10).toString('hex')
    codes.set(code, { ...request, person })
    sendBack(call.response, request, { code, ...(issParameter && { iss: `${listening.url}/login/oauth` }) })
  }

  function sendBack(
    response: Call['response'],
    { client, request }: Omit<Grant, 'person'>,
    brought: Readonly<Record<string, string>>,
  ): void {
    const asked = request.get('redirect_uri') ?? ''
    const to = new URL(isRegistered(asked, client.redirectUris, client) ? asked : (client.redirectUris[0] ?? ''))
    const parameters = { state: request.get('state') ?? '', ...brought }
    for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value)
    redirect(response, to.href)
  }

  async function token({ request, response }: Call): Promise<void> {
    const answer = redeemed(await formOf(request))
    if (request.headers.accept?.includes('json')) return sendJson(response, answer)
    response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' })
    response.end(new URLSearchParams(answer).toString())
  }

  function redeemed(form: URLSearchParams): Record<string, string> {
    const client = clients.find(({ clientId }) => clientId === form.get('client_id'))
    if (client === undefined || form.get('client_secret') !== client.clientSecret)
      return { error: 'incorrect_client_credentials' }
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant?.client !== client || grant.request.get('code_challenge') !== proof)
      return { error: 'bad_verification_code' }
    const accessToken = `gho_${randomBytes(18).toString('hex')}`
    tokens.set(accessToken, grant)
    const scope = grant.request.get('scope')?.replaceAll(' ', ',') ?? ''
    return { access_token: accessToken, scope, token_type: 'bearer' }
  }

  function api(what: 'user' | 'emails' | 'organizations') {
    return ({ request, response, url }: Call): void => {
      const refuse = (status: number, message: string) => sendJson(response, { message }, status)
      if (request.headers['user-agent'] === undefined) return refuse(403, 'Request forbidden by administrative rules.')
      const grant = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
      if (grant === undefined || url.searchParams.has('access_token')) return refuse(401, 'Bad credentials')
      if (faults.has('rateLimited')) return refuse(403, 'API rate limit exceeded for user ID 1.')
      if (what === 'emails' && faults.has('noEmail')) return refuse(404, 'Not Found')
      const mayReadOrganizations = grant.request.get('scope')?.includes('read:org') && !faults.has('noOrganizations')
      if (what === 'organizations' && !mayReadOrganizations) return refuse(403, 'You need the scope read:org.')
      const answer = apiAnswer(what, grant.person)
      sendJson(
        response,
        what === 'organizations' ? pageOf(answer, new URL(url.search, listening.url), response) : answer,
      )
    }
  }

  function apiAnswer(what: 'user' | 'emails' | 'organizations', person: Claims): object {
    const count = Number(faults.value('manyOrganizations'))
    const many = Array.from({ length: count > 1 ? count : 250 }, (_, n) => ({
      login: `organization-${n + 1}`,
      id: n + 1,
    }))
    if (what === 'organizations') return faults.has('manyOrganizations') ? many : listIn(person, what)
    if (what === 'user') return { ...Object(person['user']), ...faults.values('user') }
    const verified = faults.value('emailVerified')
    return listIn(person, what).map((one) => (one['primary'] && verified !== undefined ? { ...one, verified } : one))
  }

  const emulator = startEmulator<FaultName, GitHubEndpoint>(listening, {
    upstream: 'GitHub',
    people,
    faults,
    faultTable,
    endpoints,
    routes: {
      [endpoints.authorize]: authorize,
      [endpoints.token]: token,
      '/signin/': signIn,
      [endpoints.user]: api('user'),
      [endpoints.emails]: api('emails'),
      [endpoints.organizations]: api('organizations'),
    },
    page: () => ({ about: '<p>OAuth 2.0, without ID tokens.</p>' }),
    rotateKey: async () => undefined,
  })
  return { ...emulator, apiUrl: listening.url + apiPath }
}

function listIn(person: Claims, name: string): readonly Claims[] {
  const list = person[name]
  return Array.isArray(list) ? list : []
}

/** One page of a list, and the address of the next in `Link`: GitHub's has another path. */
function pageOf(list: object, { origin, searchParams }: URL, response: Call['response']): object {
  if (!Array.isArray(list)) return list
  const [page, size] = [Number(searchParams.get('page') ?? 1), Number(searchParams.get('per_page') ?? 30)]
  const next = `${origin}/organizations-of-id?${new URLSearchParams({ per_page: `${size}`, page: `${page + 1}` })}`
  if (list.length > page * size) response.setHeader('link', `<${next}>; rel="next", <${next}>; rel="last"`)
  return list.slice((page - 1) * size, page * size)
}
