/**
 * A stub OpenID provider on loopback that sends what a row of a test says. One server holds an
 * issuer for each row, at `/<row>`; users are signed in without a page.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'

export type Members = Readonly<Record<string, unknown>>

/** What an issuer sends otherwise than a plain one; each function gets the plain answer. */
export interface Behavior {
  readonly discovery?: (document: Members, base: string) => unknown
  readonly keys?: (keys: readonly JWK[]) => unknown
  readonly token?: (answer: Members) => unknown
  /** Of the token answer, the discovery document and the key set. Default application/json. */
  readonly contentType?: string
  readonly claims?: (claims: Members) => Members
  readonly header?: Members
  readonly userinfo?: (claims: Members) => unknown
  /** Compresses every answer, asked or not. */
  readonly coding?: keyof typeof compressors
  /** Before every JSON answer. */
  readonly prefix?: string
  /** Of every answer that would be 200. */
  readonly status?: number
  /** Signs ID tokens with this algorithm; HS256 with the client secret. Default RS256. */
  readonly alg?: 'RS256' | 'ES256' | 'HS256'
  /** Sends userinfo as a JWT with these claims, signed like ID tokens unless `by` differs. */
  readonly userinfoJwt?: { readonly members?: Members; readonly by?: 'another key'; readonly text?: string }
  /** Raw answers by endpoint, with their content type. */
  readonly raw?: Readonly<Record<string, RawAnswer>>
  /** Client authentication that the token endpoint takes. Default: basic or post. */
  readonly accepts?: readonly ('basic' | 'basic without decoding' | 'basic percent-decoded' | 'post' | 'none')[]
  /** What it says to a client that it refuses. Default 401 invalid_client. */
  readonly refusal?: { readonly status: number; readonly error?: unknown; readonly error_description?: string }
  readonly secret?: string
  /** Whether a client assertion is right. */
  readonly assertion?: (jwt: string) => Promise<boolean>
  /** The authorization endpoint answers so instead of with a code. */
  readonly denies?: Members
  /** More parameters of the authorization response. */
  readonly returns?: Members
  /** What the token endpoint says to a code that it never issued. Default invalid_grant. */
  readonly unknownCode?: Members
  /** Takes pushed authorization requests only. */
  readonly pushed?: true
}

interface RawAnswer {
  readonly status?: number
  readonly type?: string
  readonly location?: string
  readonly body: string
  /** Of the body. Default utf8. */
  readonly encoding?: BufferEncoding
}

const compressors = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  identity: (content: Buffer) => content,
  'utf-8': (content: Buffer) => content,
  'aws-chunked': (content: Buffer) => content,
}

export interface OpenIdProvider {
  readonly url: string
  readonly requests: readonly Received[]
  use(row: string, behavior: Behavior): void
  /** A JWT of this issuer. */
  sign(row: string, claims: Members, alg?: Behavior['alg']): Promise<string>
  /** Public keys by algorithm. */
  readonly jwks: Readonly<Record<'RS256' | 'ES256', JWK>>
  close(): Promise<void>
}

export interface Received {
  readonly row: string
  readonly endpoint: string
  readonly authorization: string | undefined
  readonly form: Members
}

export const clientId = 'client-1'
export const clientSecret = 'the-client-secret-of-32-bytes-or-more'
export const userOf = (row: string): Members => ({
  sub: `user-${row}`,
  email: `${row}@corp.example`,
  email_verified: true,
  name: 'Ada',
})

interface Keys {
  readonly RS256: { readonly privateKey: CryptoKey; readonly jwk: JWK }
  readonly ES256: { readonly privateKey: CryptoKey; readonly jwk: JWK }
  readonly another: CryptoKey
}

async function newKeys(): Promise<Keys> {
  const made = async (alg: string, kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg } }
  }
  const [RS256, ES256, another] = await Promise.all([made('RS256', 'r1'), made('ES256', 'e1'), made('RS256', 'r1')])
  return { RS256, ES256, another: another.privateKey }
}

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const keys = await newKeys()
  const behaviors = new Map<string, Behavior>()
  const codes = new Map<string, string | null>()
  const pushes = new Map<string, URLSearchParams>()
  const requests: Received[] = []
  const server = createServer((request, response) => void respond(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  function signed(
    claims: unknown,
    { alg = 'RS256', secret = clientSecret }: Behavior,
    header: Members = {},
    key?: CryptoKey,
  ) {
    const own = alg === 'HS256' ? new TextEncoder().encode(secret) : (key ?? keys[alg].privateKey)
    const kid = alg === 'HS256' ? {} : { kid: keys[alg].jwk.kid ?? '' }
    return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg, ...kid, ...header }).sign(own)
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += chunk
    const asked = new URL(request.url ?? '/', url)
    const [, row = '', ...rest] = asked.pathname.split('/')
    const endpoint = rest.join('/').replace(/\/$/, '')
    const behavior = behaviors.get(row) ?? {}
    const form = new URLSearchParams(body)
    const { authorization } = request.headers
    requests.push({ row, endpoint, authorization, form: Object.fromEntries(form) })
    const send = (status: number, value: unknown, type = behavior.contentType ?? 'application/json') => {
      const { coding, prefix = '', status: ok = 200 } = behavior
      const text = typeof value === 'string' ? value : prefix + JSON.stringify(value)
      const content = Buffer.from(text, behavior.raw?.[endpoint]?.encoding)
      const headers = { 'content-type': type, ...(coding && { 'content-encoding': coding }) }
      response.writeHead(status === 200 ? ok : status, headers)
      response.end(coding === undefined ? content : compressors[coding](content))
    }
    const raw = behavior.raw?.[endpoint]
    if (raw?.location !== undefined) response.setHeader('location', raw.location)
    if (raw !== undefined) return send(raw.status ?? 200, raw.body, raw.type)
    if (endpoint === '.well-known/openid-configuration') return send(200, discovery(row, behavior))
    if (endpoint === 'jwks') return send(200, jwks(behavior))
    if (endpoint === 'par') {
      const requestUri = `urn:ietf:params:oauth:request_uri:${randomBytes(9).toString('hex')}`
      pushes.set(requestUri, form)
      return send(201, { request_uri: requestUri, expires_in: '60' })
    }
    if (endpoint === 'authorize') return authorize(asked, behavior, response)
    if (endpoint === 'token') return token(row, behavior, form, authorization, send)
    if (endpoint === 'userinfo') return userinfo(row, behavior, send)
    send(404, 'nothing here', 'text/plain')
  }

  function discovery(row: string, behavior: Behavior): unknown {
    const base = `${url}/${row}`
    const document = {
      issuer: base,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      jwks_uri: `${base}/jwks`,
      userinfo_endpoint: `${base}/userinfo`,
      id_token_signing_alg_values_supported: [behavior.alg ?? 'RS256'],
    }
    return behavior.discovery?.(document, base) ?? document
  }

  function jwks({ keys: changed, alg = 'RS256' }: Behavior): unknown {
    const published = alg === 'HS256' ? [] : [keys[alg].jwk]
    return changed?.([...published]) ?? { keys: published }
  }

  function authorize(asked: URL, behavior: Behavior, response: ServerResponse): void {
    const query = behavior.pushed ? pushes.get(asked.searchParams.get('request_uri') ?? '') : asked.searchParams
    const back = new URL(query?.get('redirect_uri') ?? url)
    const code = randomBytes(9).toString('hex')
    codes.set(code, query?.get('nonce') ?? null)
    const answer = behavior.denies ?? { code }
    for (const [name, value] of Object.entries({ ...answer, ...behavior.returns }))
      back.searchParams.set(name, String(value))
    back.searchParams.set('state', query?.get('state') ?? '')
    response.writeHead(302, { location: back.href }).end()
  }

  type Send = (status: number, value: unknown, type?: string) => void

  async function token(
    row: string,
    behavior: Behavior,
    form: URLSearchParams,
    authorization: string | undefined,
    send: Send,
  ) {
    const { accepts = ['basic', 'post'], secret = clientSecret } = behavior
    const isRight = (await behavior.assertion?.(form.get('client_assertion') ?? '')) ?? false
    const refused = isRight ? undefined : refusalOf(accepts, secret, form, authorization)
    const { status = 401, ...said } = behavior.refusal ?? { error: 'invalid_client', error_description: refused }
    if (refused !== undefined) return send(status, said)
    const code = form.get('code') ?? ''
    if (!codes.has(code)) return send(400, behavior.unknownCode ?? { error: 'invalid_grant' })
    const iat = Math.floor(Date.now() / 1000)
    const plain = { iss: `${url}/${row}`, aud: clientId, iat, exp: iat + 600, nonce: codes.get(code), ...userOf(row) }
    const idToken = await signed(behavior.claims?.(plain) ?? plain, behavior, behavior.header)
    const answer = { access_token: 'at-1', token_type: 'Bearer', expires_in: 3600, id_token: idToken }
    send(200, behavior.token?.(answer) ?? answer)
  }

  async function userinfo(row: string, behavior: Behavior, send: Send): Promise<void> {
    const claims = behavior.userinfo?.(userOf(row)) ?? userOf(row)
    const { userinfoJwt: jwt } = behavior
    if (jwt === undefined) return send(200, claims, 'application/json; charset=UTF-8')
    if (jwt.text !== undefined) return send(200, jwt.text, 'application/jwt')
    const whole = { iss: `${url}/${row}`, aud: clientId, ...(claims as Members), ...jwt.members }
    send(200, await signed(whole, behavior, {}, jwt.by && keys.another), 'application/jwt;charset=utf-8')
  }

  return {
    url,
    requests,
    use: (row, behavior) => void behaviors.set(row, behavior),
    sign: (row, claims, alg = 'RS256') => signed({ iss: `${url}/${row}`, ...claims }, { alg }),
    jwks: { RS256: keys.RS256.jwk, ES256: keys.ES256.jwk },
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Why the client is refused; undefined when it is not. */
function refusalOf(
  accepts: NonNullable<Behavior['accepts']>,
  secret: string,
  form: URLSearchParams,
  authorization: string | undefined,
): string | undefined {
  if (authorization !== undefined) {
    const [id = '', given = ''] = Buffer.from(authorization.slice('Basic '.length), 'base64').toString().split(/:(.*)/s)
    const decoded = new URLSearchParams(`id=${id}&given=${given}`)
    if (accepts.includes('basic') && decoded.get('id') === clientId && decoded.get('given') === secret) return undefined
    if (accepts.includes('basic without decoding') && id === clientId && given === secret) return undefined
    if (accepts.includes('basic percent-decoded') && decodeURIComponent(given) === secret) return undefined
    return 'basic is not right'
  }
  if (form.get('client_id') !== clientId) return 'no client_id'
  if (form.has('client_assertion')) return 'the assertion is not right'
  if (form.has('client_secret'))
    return accepts.includes('post') && form.get('client_secret') === secret ? undefined : 'post is not right'
  return accepts.includes('none') ? undefined : 'no client authentication'
}
