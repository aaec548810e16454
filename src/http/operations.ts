/** What operators' machines ask: is the process alive, can it serve. */
import type { Request, Response } from 'express'
import { asGatehouseError } from './problem.ts'
import type { Shell } from './shell.ts'

export async function healthz(_shell: Shell, _request: Request, response: Response): Promise<void> {
  response.set('cache-control', 'no-store').json({ status: 'ok' })
}

/** 200 when every store answers and the process is not stopping; 503 else, naming what is ill. No upstream is asked: an ill one stops nobody else. */
export async function readyz(shell: Shell, _request: Request, response: Response): Promise<void> {
  const stores = await Promise.all(shell.stores.map(async ({ name, ping }) => ({ name, ...(await answer(ping)) })))
  const ready = shell.accepting() && stores.every(({ ok }) => ok)
  const status = ready ? 'ready' : shell.accepting() ? 'a store does not answer' : 'stopping'
  if (!ready) response.set('retry-after', '2')
  response
    .status(ready ? 200 : 503)
    .set('cache-control', 'no-store')
    .json({ status, stores })
}

async function answer(ping: () => Promise<void>): Promise<{ readonly ok: boolean; readonly code?: string }> {
  try {
    await ping()
    return { ok: true }
  } catch (error) {
    return { ok: false, code: asGatehouseError(error).code }
  }
}
