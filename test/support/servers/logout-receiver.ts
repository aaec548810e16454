/** An app's server that receives back-channel logouts, and fails on request. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface LogoutReceiver {
  readonly uri: string
  /** The logout tokens of every request, in the order they came. */
  readonly tokens: string[]
  readonly requests: { readonly method: string; readonly type: string; readonly fields: readonly string[] }[]
  /** Most requests that were open at the same time. */
  readonly maxConcurrent: () => number
  /** What it does with the next requests: a status, or `silent` until `release`. */
  behave(how: number | 'silent' | 'redirect'): void
  release(): void
  close(): Promise<void>
}

export async function startLogoutReceiver(): Promise<LogoutReceiver> {
  const tokens: string[] = []
  const requests: { method: string; type: string; fields: readonly string[] }[] = []
  const silent: ServerResponse[] = []
  let how: number | 'silent' | 'redirect' = 200
  let open = 0
  let max = 0
  const server = createServer(async (request, response) => {
    open += 1
    max = Math.max(max, open)
    response.on('close', () => {
      open -= 1
    })
    const form = new URLSearchParams(await text(request))
    requests.push({
      method: request.method ?? '',
      type: request.headers['content-type'] ?? '',
      fields: [...form.keys()],
    })
    tokens.push(form.get('logout_token') ?? '')
    if (how === 'silent') silent.push(response)
    else if (how === 'redirect') response.writeHead(302, { location: '/elsewhere' }).end()
    else response.writeHead(how).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    uri: `http://127.0.0.1:${port}/backchannel-logout`,
    tokens,
    requests,
    maxConcurrent: () => max,
    behave: (next) => {
      how = next
    },
    release: () => {
      for (const response of silent.splice(0)) response.writeHead(200).end()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
