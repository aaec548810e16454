/**
 * Common parts of emulated upstreams of OAuth 2.0 without ID tokens: the code flow with PKCE, and
 * an API that a user's access token opens.
 */
import { createHash, randomBytes } from 'node:crypto'
import { type Emulator, signIns, startEmulator } from './emulator.ts'
import { Faults, responseFaults } from './faults.ts'
import { type Call, formOf, type ListenOptions, listen, redirect, sendJson, sendPage } from './http.ts'
import { type Claims, messagePage } from './pages.ts'
import { isRegistered, type LocalApps } from './registered-uris.ts'

export interface OAuth2Client extends LocalApps {
  readonly clientId: string
  /** On the sign-in page. Default: the client ID. */
  readonly name?: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
}

export interface OAuth2EmulatorOptions extends ListenOptions {
  readonly clients: readonly OAuth2Client[]
  /** `sub` and `email` for its pages, and what the API of the brand says of each. */
  readonly people: readonly Claims[]
}

type SharedFault = 'denies' | keyof typeof responseFaults
export type OAuth2Emulator<Fault extends string, Endpoint extends string> = Emulator<
  Fault | SharedFault,
  Endpoint | 'authorize' | 'token'
>

interface Asked {
  readonly client: OAuth2Client
  /** The authorization request. */
  readonly request: URLSearchParams
}

export interface ApiCall<Fault extends string> extends Call {
  readonly person: Claims
  readonly scopes: readonly string[]
  readonly faults: Faults<Fault | SharedFault>
}

export interface EmulatedOAuth2Brand<Fault extends string, Endpoint extends string> {
  readonly name: string
  /** Faults of its API, with their descriptions. */
  readonly faults: Readonly<Record<Fault, string>>
  readonly paths: Readonly<Record<'authorize' | 'token' | Endpoint, string>>
  /** Handlers by endpoint of the brand's API. */
  readonly api: Readonly<Record<Endpoint, (call: ApiCall<Fault>) => void>>
  /** Path of `iss` in its authorization responses (RFC 9207). Default: it sends none. */
  readonly issuerPath?: string | undefined
  /** Its error for an unregistered redirect URI, sent to the registered one. Default: a page. */
  readonly unregistered?: string
  /** Errors of the token endpoint. Default: those of RFC 6749, with status 400. */
  readonly tokenErrors?: { readonly client: string; readonly code: string; readonly status: number }
  /** Start of its access tokens. Default: none. */
  readonly tokenPrefix?: string
  /** Between the scopes of a token response. Default: a space. */
  readonly scopeSeparator?: string
  /** Its token responses are forms unless JSON is asked for. Default false. */
  readonly sendsForms?: boolean
}

export async function startOAuth2Emulator<Fault extends string, Endpoint extends string>(
  brand: EmulatedOAuth2Brand<Fault, Endpoint>,
  options: OAuth2EmulatorOptions,
): Promise<OAuth2Emulator<Fault, Endpoint>> {
  const { clients, people } = options
  const listening = await listen(options)
  const faultTable = { denies: `${brand.name} denies every sign-in`, ...responseFaults, ...brand.faults }
  const faults = new Faults<Fault | SharedFault>(faultTable)
  const codes = new Map<string, Asked & { readonly person: Claims }>()
  const tokens = new Map<string, Asked & { readonly person: Claims }>()
  const pages = signIns<Asked>({ upstream: brand.name, people })
  const errors = brand.tokenErrors ?? { client: 'invalid_client', code: 'invalid_grant', status: 400 }
  const clientOf = (parameters: URLSearchParams) =>
    clients.find(({ clientId }) => clientId === parameters.get('client_id'))

  function authorize({ response, url: { searchParams: request } }: Call): void {
    const client = clientOf(request)
    if (client === undefined) return sendPage(response, messagePage('404', 'This is not the page you look for.'), 404)
    if (!isRegistered(request.get('redirect_uri') ?? '', client.redirectUris, client)) {
      if (brand.unregistered !== undefined)
        return sendBack(response, { client, request }, { error: brand.unregistered })
      return sendPage(response, messagePage('Error', 'The redirect URI is not registered.'), 400)
    }
    const hint = request.get('login_hint') ?? request.get('login') ?? undefined
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
    const { issuerPath } = brand
    sendBack(call.response, request, { code, ...(issuerPath !== undefined && { iss: listening.url + issuerPath }) })
  }

  function sendBack(
    response: Call['response'],
    { client, request }: Asked,
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
    if (!brand.sendsForms || request.headers.accept?.includes('json'))
      return sendJson(response, answer, 'error' in answer ? errors.status : 200)
    response.writeHead(200, { 'content-type': 'application/x-www-form-urlencoded' })
    response.end(new URLSearchParams(answer).toString())
  }

  function redeemed(form: URLSearchParams): Record<string, string> {
    const client = clientOf(form)
    if (client === undefined || form.get('client_secret') !== client.clientSecret) return { error: errors.client }
    const grant = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    if (grant?.client !== client || !isOfRequest(form, grant.request)) return { error: errors.code }
    const accessToken = `${brand.tokenPrefix ?? ''}${randomBytes(18).toString('hex')}`
    tokens.set(accessToken, grant)
    const scope = scopesOf(grant.request).join(brand.scopeSeparator ?? ' ')
    return { access_token: accessToken, scope, token_type: 'bearer' }
  }

  function opened(answer: (call: ApiCall<Fault>) => void) {
    return (call: Call): void => {
      const grant = tokens.get(/^Bearer (.+)$/.exec(call.request.headers.authorization ?? '')?.[1] ?? '')
      if (grant === undefined || call.url.searchParams.has('access_token'))
        return sendJson(call.response, { message: 'Bad credentials' }, 401)
      answer({ ...call, person: grant.person, scopes: scopesOf(grant.request), faults })
    }
  }

  const api = Object.entries(brand.api) as [Endpoint, (call: ApiCall<Fault>) => void][]
  return startEmulator<Fault | SharedFault, Endpoint | 'authorize' | 'token'>(listening, {
    upstream: brand.name,
    people,
    faults,
    faultTable,
    endpoints: brand.paths,
    routes: {
      [brand.paths.authorize]: authorize,
      [brand.paths.token]: token,
      '/signin/': signIn,
      ...Object.fromEntries(api.map(([endpoint, answer]) => [brand.paths[endpoint], opened(answer)])),
    },
    page: () => ({ about: '<p>OAuth 2.0, without ID tokens.</p>' }),
    rotateKey: async () => undefined,
  })
}

const scopesOf = (request: URLSearchParams) => request.get('scope')?.split(' ') ?? []

/** The same redirect URI (RFC 6749 4.1.3) and the verifier of its PKCE challenge. */
function isOfRequest(form: URLSearchParams, request: URLSearchParams): boolean {
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  return request.get('code_challenge') === challenge && request.get('redirect_uri') === form.get('redirect_uri')
}
