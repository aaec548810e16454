/** A plain OAuth 2 upstream on a real port, in place of the hosts that strategies name. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { testFetch } from '../../contract/context.ts'

export interface PlainUpstream {
  /** Sends requests to any host here. */
  readonly fetch: typeof globalThis.fetch
  readonly requests: { count: number }
  /** The responses to a valid token, by host and path. Changeable. */
  readonly answers: Record<string, unknown>
  /** Sent in place of each response. */
  fault: { readonly status: number; readonly body: string } | undefined
  /** Signs Ada in at an authorization request; the parameters of the callback. */
  authorize(request: URL): URLSearchParams
  close(): Promise<void>
}

interface PlainClient {
  readonly clientId: string
  readonly clientSecret: string
  /** Host and path. */
  readonly token: string
  /** Of the token endpoint, for an unknown code. */
  readonly refusal: { readonly status: number; readonly error: string }
}

export async function startPlainUpstream(
  client: PlainClient,
  answers: Record<string, unknown>,
): Promise<PlainUpstream> {
  const challenges = new Map<string, string | null>()
  const server = createServer((request, response) => {
    upstream.requests.count += 1
    if (upstream.fault !== undefined) return send(response, upstream.fault.status, upstream.fault.body)
    const place = (request.url ?? '').slice(1)
    if (place === client.token) return void text(request).then((body) => redeem(new URLSearchParams(body), response))
    const ok = request.headers.authorization === 'Bearer canary-access-token' && place in answers
    sendJson(response, ok ? 200 : 401, ok ? answers[place] : { message: 'Bad credentials' })
  })

  function redeem(form: URLSearchParams, response: ServerResponse): void {
    if (form.get('client_id') !== client.clientId || form.get('client_secret') !== client.clientSecret)
      return sendJson(response, 401, { error: 'invalid_client' })
    const code = form.get('code') ?? ''
    const isProven = challenges.get(code) === hash(form.get('code_verifier') ?? '')
    challenges.delete(code)
    if (!isProven) return sendJson(response, client.refusal.status, { error: client.refusal.error })
    sendJson(response, 200, { access_token: 'canary-access-token', token_type: 'bearer', scope: '' })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const upstream: PlainUpstream = {
    fetch: (input, init) => {
      const { host, pathname } = new URL(String(input))
      return testFetch.fetch(`http://127.0.0.1:${port}/${host}${pathname}`, init)
    },
    requests: { count: 0 },
    answers,
    fault: undefined,
    authorize({ searchParams }) {
      const code = randomBytes(8).toString('hex')
      challenges.set(code, searchParams.get('code_challenge'))
      return new URLSearchParams({ code, state: searchParams.get('state') ?? '' })
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return upstream
}

const hash = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' }).end(body)
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, JSON.stringify(body))
}
