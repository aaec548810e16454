/** `/healthz` (the process runs) and `/readyz` (it can serve requests). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { asGatehouseError } from '../../http/problem.ts'
import type { Shell } from '../shell.ts'

interface OperationCall {
  readonly shell: Pick<Shell, 'stores' | 'accepting'>
  readonly response: ServerResponse
}

/** The health endpoint of a request, which also works before the pages are loaded. */
export function operationOf({ method, url }: IncomingMessage): typeof readyz | undefined {
  if (method !== 'GET') return undefined
  return url === '/healthz' ? healthz : url === '/readyz' ? readyz : undefined
}

export async function healthz({ response }: OperationCall): Promise<void> {
  send(response, 200, { status: 'ok' })
}

/** 503 names the failing store. Upstreams are not probed: one must not make the process unready. */
export async function readyz({ shell, response }: OperationCall): Promise<void> {
  const stores = await Promise.all(shell.stores.map(async ({ name, ping }) => ({ name, ...(await answer(ping)) })))
  const ready = shell.accepting() && stores.every(({ ok }) => ok)
  const status = ready ? 'ready' : shell.accepting() ? 'a store does not answer' : 'stopping'
  if (!ready) response.setHeader('retry-after', '2')
  send(response, ready ? 200 : 503, { status, stores })
}

export function respondStarting(response: ServerResponse): void {
  response.setHeader('retry-after', '2')
  send(response, 503, { status: 'starting' })
}

function send(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(status, { ...headers, 'x-content-type-options': 'nosniff' }).end(JSON.stringify(body))
}

async function answer(ping: () => Promise<void>): Promise<{ readonly ok: boolean; readonly code?: string }> {
  try {
    await ping()
    return { ok: true }
  } catch (error) {
    return { ok: false, code: asGatehouseError(error).code }
  }
}
