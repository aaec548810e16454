/** The authorization code flow of an emulated brand. */
import { createHash, randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { signIns } from '../../emulator/emulator.ts'
import { type Call, formOf, redirect, sendJson, sendPage } from '../../emulator/http.ts'
import { messagePage, returnPage } from '../../emulator/pages.ts'
import { isRegistered } from '../../emulator/registered-uris.ts'
import type { Accounts } from './accounts.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient, SignIn, TokenRefusal } from './brand.ts'
import { clockShift, type OpenIdFaults, userClaims, userinfoOf } from './faults.ts'
import { type Refreshed, refreshTokens } from './refresh-tokens.ts'
import type { TokenSigner } from './signer.ts'

export interface BrandContext<C extends EmulatedClient> extends Pick<BrandEmulatorOptions<C>, 'clients' | 'people'> {
  readonly brand: EmulatedBrand<C>
  readonly issuer: string
  readonly faults: OpenIdFaults
  readonly signer: TokenSigner
  readonly accounts: Accounts
}

type Codes<C extends EmulatedClient> = Map<string, SignIn<C> & { readonly until: number }>

const codeMs = 60_000
const newToken = (): string => randomBytes(24).toString('base64url')

export function codeFlow<C extends EmulatedClient>(context: BrandContext<C>) {
  const codes: Codes<C> = new Map()
  const { signIn, ...authorization } = authorizationEndpoint(context, codes)
  return { endpoints: { ...authorization, ...tokenEndpoint(context, codes) }, signIn }
}

function clientOf<C extends EmulatedClient>(clients: readonly C[], parameters: URLSearchParams): C | undefined {
  return clients.find(({ clientId }) => clientId === parameters.get('client_id'))
}

/** Shows the users of a sign-in, and returns to the app with a code for the chosen one. */
function authorizationEndpoint<C extends EmulatedClient>(context: BrandContext<C>, codes: Codes<C>) {
  const { brand, issuer, clients, people, faults, accounts } = context
  type Request = Pick<SignIn<C>, 'client' | 'authorizationRequest'>
  const pages = signIns<Request>({ upstream: brand.name, people })

  function authorize({ response, url: { searchParams: authorizationRequest } }: Call): void {
    const client = clientOf(clients, authorizationRequest)
    const requestError = client === undefined ? 'invalid_client' : requestErrorOf(client, authorizationRequest)
    if (client === undefined || requestError !== undefined)
      return sendPage(response, messagePage('Invalid request', `${brand.name} answers: ${requestError}`), 400)
    // Core 3.1.2.1: `none` never shows a page, and this emulator has no sessions
    if (authorizationRequest.get('prompt') === 'none')
      return answer(response, { client, authorizationRequest }, { error: 'login_required' })
    const hint = authorizationRequest.get('login_hint') ?? undefined
    pages.ask(response, { client, authorizationRequest }, { client: client.name ?? client.clientId, hint })
  }

  function requestErrorOf(client: C, authorizationRequest: URLSearchParams): string | undefined {
    const redirectUri = authorizationRequest.get('redirect_uri') ?? ''
    if (!isRegistered(redirectUri, client.redirectUris, client)) return 'redirect_uri_mismatch'
    if (authorizationRequest.get('response_type') !== 'code') return 'unsupported_response_type'
    const method = authorizationRequest.get('code_challenge_method')
    if (authorizationRequest.has('code_challenge') && method !== 'S256') return 'invalid_request: only S256 is known'
    return brand.requestError?.(authorizationRequest)
  }

  function signIn(call: Call): void {
    const choice = pages.choice(call)
    if (choice === undefined) return
    const { request, person } = choice
    const { canceled, denied } = brand.errors ?? { canceled: accessDenied, denied: accessDenied }
    if (person === undefined) return answer(call.response, request, canceled)
    if (faults.has('denies') || accounts.isDisabled(person)) return answer(call.response, request, denied)
    const entry = { ...request, person: accounts.current(person), issuer, faults }
    const code = newToken()
    codes.set(code, { ...entry, until: Date.now() + codeMs })
    answer(call.response, request, { code, ...brand.callbackParameters?.(entry) })
  }

  function answer(
    response: ServerResponse,
    { authorizationRequest }: Request,
    brought: Readonly<Record<string, string>>,
  ): void {
    const to = new URL(authorizationRequest.get('redirect_uri') ?? '')
    const state = authorizationRequest.get('state')
    const parameters = { ...(state !== null && { state }), ...(brand.issParameter && { iss: issuer }), ...brought }
    if (brand.responseMode === 'form_post') return sendPage(response, returnPage(to.href, parameters))
    for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value)
    redirect(response, to.href)
  }

  return { authorize, signIn }
}

function tokenEndpoint<C extends EmulatedClient>(context: BrandContext<C>, codes: Codes<C>) {
  const { brand, issuer, clients, faults, signer, accounts } = context
  const tokens = new Map<string, SignIn<C>>()
  const refreshable = refreshTokens<SignIn<C>>()

  /** The sign-in of the code or the refresh token, or why the request is refused. */
  async function granted(form: URLSearchParams): Promise<Granted<C> | TokenRefusal> {
    const client = clientOf(clients, form)
    const { clientError = { status: 401, error: 'invalid_client' }, authenticate = hasClientSecret } = brand
    if (client === undefined) return { status: 401, error: 'invalid_client' }
    if (!(await authenticate(client, form, issuer))) return clientError
    if (form.get('grant_type') === 'refresh_token') return refreshed(client, form.get('refresh_token') ?? '')
    const signIn = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    if (signIn?.client !== client || !isValidRedemption(signIn, form))
      return brand.unknownCodeError ?? { status: 400, error: 'invalid_grant' }
    const isOffline = signIn.authorizationRequest.get('scope')?.split(' ').includes('offline_access') === true
    const isRefreshable = brand.refreshTokens === 'always' || (isOffline && brand.refreshTokens !== 'never')
    const refreshToken = isRefreshable && !faults.has('noRefreshToken') ? refreshable.issue(signIn) : undefined
    return { signIn, refreshToken }
  }

  function refreshed(client: C, token: string): Granted<C> | TokenRefusal {
    if (faults.has('refreshError')) {
      const error = faults.value('refreshError')
      return { status: 400, error: typeof error === 'string' ? error : 'invalid_grant' }
    }
    const found = refreshable.use(token, !faults.has('sameRefreshToken'))
    if (found === undefined || found.signIn.client !== client || accounts.isDisabled(found.signIn.person))
      return { status: 400, error: 'invalid_grant' }
    const { authorizationRequest, person, ...rest } = found.signIn
    const request = new URLSearchParams(authorizationRequest)
    request.delete('nonce')
    const now = accounts.current(person)
    const other = faults.has('otherUserRefreshed') ? { ...now, sub: 'another-user' } : now
    return { ...found, signIn: { ...rest, person: other, authorizationRequest: request } }
  }

  async function token({ request, response }: Call): Promise<void> {
    if (request.method !== 'POST') return sendJson(response, { error: 'invalid_request' }, 405)
    response.setHeader('date', new Date(Date.now() + 1000 * clockShift(faults)).toUTCString())
    if (faults.has('rateLimited')) return sendJson(response, { error: 'temporarily_unavailable' }, 429)
    if (faults.has('tokenError')) return sendJson(response, { error: 'server_error' })
    const found = await granted(await formOf(request))
    if ('error' in found) return sendJson(response, { error: found.error }, found.status)
    const { signIn, refreshToken } = found
    const accessToken = newToken()
    tokens.set(accessToken, signIn)
    sendJson(response, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 3600,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      ...brand.tokenFields?.(signIn),
      ...(faults.has('noTokenType') && { token_type: undefined }),
      ...(!faults.has('noIdToken') && { id_token: idToken(signIn) }),
    })
  }

  function idToken(signIn: SignIn<C>): string {
    const now = Math.floor(Date.now() / 1000)
    const granted = { ...signIn, person: userClaims(signIn.person, faults) }
    const { sub, ...rest } = brand.idTokenClaims?.(granted) ?? granted.person
    const nonce = brand.echoesNonce === false ? undefined : (granted.authorizationRequest.get('nonce') ?? undefined)
    return signer.sign({
      ...(!faults.has('thinIdToken') && rest),
      iss: tokenIssuer(granted),
      aud: granted.client.clientId,
      sub,
      iat: now,
      exp: now + 3600,
      nonce,
    })
  }

  function tokenIssuer({ person }: SignIn<C>): string {
    const own = brand.tokenIssuer?.(person) ?? issuer
    return faults.has('otherSpelling') ? (brand.otherSpelling?.(own) ?? own) : own
  }

  function userinfo({ request, response, url: { search } }: Call): void {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const granted = tokens.get(bearer ?? '')
    if (granted === undefined || accounts.isDisabled(granted.person) || search !== '') {
      const description = 'A token goes in the Authorization header.'
      return sendJson(response, { error: 'invalid_token', error_description: description }, 401)
    }
    sendJson(response, userinfoOf(brand.userinfoClaims?.(granted) ?? granted.person, faults))
  }

  return { token, userinfo }
}

type Granted<C extends EmulatedClient> = Pick<Refreshed<SignIn<C>>, 'signIn'> & {
  readonly refreshToken: string | undefined
}

const accessDenied = { error: 'access_denied' }

const hasClientSecret = ({ clientSecret }: EmulatedClient, form: URLSearchParams) =>
  form.get('client_secret') === clientSecret

/** Checks redirect URI, code verifier and age. */
function isValidRedemption(
  { authorizationRequest, until }: { readonly authorizationRequest: URLSearchParams; readonly until: number },
  form: URLSearchParams,
): boolean {
  const challenge = authorizationRequest.get('code_challenge')
  const verifier = form.get('code_verifier')
  const made = verifier && createHash('sha256').update(verifier).digest('base64url')
  return (
    Date.now() < until &&
    form.get('grant_type') === 'authorization_code' &&
    form.get('redirect_uri') === authorizationRequest.get('redirect_uri') &&
    (challenge === null ? verifier === null : made === challenge)
  )
}
