/** The authorization code flow of an emulated brand. */
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Claims, type Faults, idTokenOf, userClaims, userinfoOf } from '../oidc/emulator/faults.ts'
import type { SigningKey } from '../oidc/emulator/keys.ts'
import { messagePage, returnPage, signInPage } from '../oidc/emulator/pages.ts'
import { redirect, sendJson, sendPage } from '../oidc/emulator/server.ts'
import type { EmulatedBrand, EmulatedClient, SignIn } from './emulated-brand.ts'

export interface FlowPlace<C extends EmulatedClient> {
  readonly url: string
  readonly clients: readonly C[]
  readonly people: readonly Claims[]
  readonly faults: Faults
  /** The current signing key. */
  key(): SigningKey
  /** For forged signatures. */
  readonly untrustedKey: SigningKey
}

const codeMs = 60_000

export function codeFlow<C extends EmulatedClient>(brand: EmulatedBrand<C>, place: FlowPlace<C>) {
  const { url, clients, people, faults } = place
  const pending = new Map<string, { readonly client: C; readonly authorizationRequest: URLSearchParams }>()
  const codes = new Map<string, SignIn<C> & { readonly until: number }>()
  const tokens = new Map<string, Claims>()

  function authorize(response: ServerResponse, authorizationRequest: URLSearchParams): void {
    const client = clients.find(({ clientId }) => clientId === authorizationRequest.get('client_id'))
    const requestError = client === undefined ? 'invalid_client' : requestErrorOf(client, authorizationRequest)
    if (client === undefined || requestError !== undefined)
      return sendPage(response, messagePage('Invalid request', `${brand.name} answers: ${requestError}`), 400)
    const id = newToken()
    pending.set(id, { client, authorizationRequest })
    const hint = authorizationRequest.get('login_hint') ?? undefined
    sendPage(
      response,
      signInPage({ upstream: brand.name, people, client: client.clientId, hint, path: `/signin/${id}` }),
    )
  }

  function requestErrorOf(client: C, authorizationRequest: URLSearchParams): string | undefined {
    if (!client.redirectUris.includes(authorizationRequest.get('redirect_uri') ?? '')) return 'redirect_uri_mismatch'
    if (authorizationRequest.get('response_type') !== 'code') return 'unsupported_response_type'
    const method = authorizationRequest.get('code_challenge_method')
    if (authorizationRequest.has('code_challenge') && method !== 'S256') return 'invalid_request: only S256 is known'
    return brand.requestError?.(authorizationRequest)
  }

  function signIn(response: ServerResponse, to: URL): void {
    const started = pending.get(to.pathname.slice('/signin/'.length))
    const person = people.find(({ sub }) => sub === to.searchParams.get('as'))
    const canceled = to.searchParams.has('cancel')
    if (started === undefined || (person === undefined && !canceled))
      return sendPage(response, messagePage('This sign-in has expired', 'Go back to the app and start again.'), 400)
    pending.delete(to.pathname.slice('/signin/'.length))
    const { client, authorizationRequest } = started
    const { errorCodes } = brand
    if (person === undefined) return answer(response, authorizationRequest, { error: errorCodes.cancelled })
    if (faults.has('denies')) return answer(response, authorizationRequest, { error: errorCodes.denied })
    const entry = { client, person, authorizationRequest, issuer: url, faults }
    const code = newToken()
    codes.set(code, { ...entry, until: Date.now() + codeMs })
    answer(response, authorizationRequest, { code, ...brand.callbackParameters?.(entry) })
  }

  function answer(
    response: ServerResponse,
    authorizationRequest: URLSearchParams,
    brought: Readonly<Record<string, string>>,
  ): void {
    const to = new URL(authorizationRequest.get('redirect_uri') ?? '')
    const state = authorizationRequest.get('state')
    const parameters = { ...(state !== null && { state }), ...brought }
    if (brand.responseMode === 'form_post') return sendPage(response, returnPage(to.href, parameters))
    for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value)
    redirect(response, to.href)
  }

  function redeem(response: ServerResponse, form: URLSearchParams): void {
    const client = clients.find(({ clientId }) => clientId === form.get('client_id'))
    const unknownClient = client === undefined ? { status: 401, error: 'invalid_client' } : undefined
    const refusal = unknownClient ?? (client && brand.authenticate(client, form, url))
    if (refusal !== undefined) return sendJson(response, { error: refusal.error }, refusal.status)
    const granted = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    if (granted === undefined || granted.client !== client || !isValidRedemption(granted, form))
      return sendJson(response, { error: brand.unknownCodeError.error }, brand.unknownCodeError.status)
    const accessToken = newToken()
    tokens.set(accessToken, granted.person)
    sendJson(response, {
      access_token: accessToken,
      ...brand.tokenFields(granted),
      ...(faults.has('noTokenType') && { token_type: undefined }),
      ...(!faults.has('noIdToken') && { id_token: idToken(granted) }),
    })
  }

  function idToken(granted: SignIn<C>): string {
    const now = Math.floor(Date.now() / 1000)
    const { sub, ...rest } = userClaims(brand.idTokenClaims(granted), faults)
    const nonce = brand.echoesNonce === false ? undefined : (granted.authorizationRequest.get('nonce') ?? undefined)
    const claims = {
      ...(!faults.has('thinIdToken') && rest),
      iss: faults.has('otherSpelling') ? (brand.otherSpelling?.(url) ?? url) : url,
      ...{ aud: granted.client.clientId, sub, iat: now, exp: now + 3600, nonce },
    }
    return signed(claims)
  }

  function userinfo(request: IncomingMessage, response: ServerResponse, requestUrl: URL): void {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const person = tokens.get(bearer ?? '')
    if (person === undefined || requestUrl.search !== '')
      return sendJson(
        response,
        { error: 'invalid_token', error_description: 'A token goes in the Authorization header.' },
        401,
      )
    sendJson(response, userinfoOf(brand.userinfoClaims?.(person, faults) ?? person, faults))
  }

  function signed(claims: Claims): string {
    return idTokenOf(claims, place.key(), place.untrustedKey, faults)
  }

  return { authorize, signIn, redeem, userinfo, signed }
}

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

const newToken = (): string => randomBytes(24).toString('base64url')
