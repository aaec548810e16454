/**
 * An emulated GitHub: form-encoded token responses unless JSON is asked for, refusals with status
 * 200, and an API for user, emails and organizations.
 */
import { type Call, sendJson } from '../emulator/http.ts'
import {
  type ApiCall,
  type EmulatedOAuth2Brand,
  type OAuth2Emulator,
  type OAuth2EmulatorOptions,
  startOAuth2Emulator,
} from '../emulator/oauth2.ts'
import type { Claims } from '../emulator/pages.ts'

/** Users have `user`, `emails` and `organizations` as in the API. */
export interface GitHubEmulatorOptions extends OAuth2EmulatorOptions {
  /** Path of the API; Forgejo's is /api/v1. Default /api/v3. */
  readonly apiPath?: string
  /** Send `iss` in authorization responses (RFC 9207). Default true. */
  readonly issParameter?: boolean
}

const faults = {
  noEmail: 'The user may not be asked for emails (404)',
  emailVerified: 'verified of the primary address (value)',
  noOrganizations: 'The organizations may not be read (403)',
  manyOrganizations: 'The user is in many organizations (value: how many; default 250)',
  rateLimited: 'The API answers that it was asked too often (403)',
  user: 'These members of GET /user (values; from programs)',
}
type Fault = keyof typeof faults
type Endpoint = 'user' | 'emails' | 'organizations'

export interface GitHubEmulator extends OAuth2Emulator<Fault, Endpoint> {
  readonly apiUrl: string
}

export async function startGitHubEmulator(options: GitHubEmulatorOptions): Promise<GitHubEmulator> {
  const { apiPath = '/api/v3', issParameter = true } = options
  const emulator = await startOAuth2Emulator(brandOf(apiPath, issParameter), options)
  return { ...emulator, apiUrl: emulator.url + apiPath }
}

function brandOf(apiPath: string, issParameter: boolean): EmulatedOAuth2Brand<Fault, Endpoint> {
  return {
    name: 'GitHub',
    faults,
    paths: {
      authorize: '/login/oauth/authorize',
      token: '/login/oauth/access_token',
      user: `${apiPath}/user`,
      emails: `${apiPath}/user/emails`,
      organizations: `${apiPath}/user/orgs`,
    },
    api: { user, emails, organizations },
    issuerPath: issParameter ? '/login/oauth' : undefined,
    unregistered: 'redirect_uri_mismatch',
    tokenErrors: { client: 'incorrect_client_credentials', code: 'bad_verification_code', status: 200 },
    tokenPrefix: 'gho_',
    scopeSeparator: ',',
    sendsForms: true,
  }
}

function refuse({ response }: Call, status: number, message: string): void {
  sendJson(response, { message }, status)
}

/** True if it has refused the request, whichever endpoint it is for. */
function isRefused(call: ApiCall<Fault>): boolean {
  const isUnnamed = call.request.headers['user-agent'] === undefined
  if (isUnnamed) refuse(call, 403, 'Request forbidden by administrative rules.')
  else if (call.faults.has('rateLimited')) refuse(call, 403, 'API rate limit exceeded for user ID 1.')
  return isUnnamed || call.faults.has('rateLimited')
}

function user(call: ApiCall<Fault>): void {
  if (!isRefused(call)) sendJson(call.response, { ...Object(call.person['user']), ...call.faults.values('user') })
}

function emails(call: ApiCall<Fault>): void {
  if (isRefused(call)) return
  if (call.faults.has('noEmail')) return refuse(call, 404, 'Not Found')
  const verified = call.faults.value('emailVerified')
  const list = listIn(call.person, 'emails')
  sendJson(
    call.response,
    list.map((one) => (one['primary'] && verified !== undefined ? { ...one, verified } : one)),
  )
}

function organizations(call: ApiCall<Fault>): void {
  if (isRefused(call)) return
  if (!call.scopes.includes('read:org') || call.faults.has('noOrganizations'))
    return refuse(call, 403, 'You need the scope read:org.')
  const count = Number(call.faults.value('manyOrganizations'))
  const many = Array.from({ length: count > 1 ? count : 250 }, (_, n) => ({
    login: `organization-${n + 1}`,
    id: n + 1,
  }))
  sendJson(
    call.response,
    pageOf(call.faults.has('manyOrganizations') ? many : listIn(call.person, 'organizations'), call),
  )
}

function listIn(person: Claims, name: string): readonly Claims[] {
  const list = person[name]
  return Array.isArray(list) ? list : []
}

/**
 * Sends one page of a list and the URL of the next in `Link`, with another path, as GitHub does.
 */
function pageOf(list: readonly object[], { url: { origin, searchParams }, response }: Call): readonly object[] {
  const [page, size] = [Number(searchParams.get('page') ?? 1), Number(searchParams.get('per_page') ?? 30)]
  const next = `${origin}/organizations-of-id?${new URLSearchParams({ per_page: `${size}`, page: `${page + 1}` })}`
  if (list.length > page * size) response.setHeader('link', `<${next}>; rel="next", <${next}>; rel="last"`)
  return list.slice((page - 1) * size, page * size)
}
