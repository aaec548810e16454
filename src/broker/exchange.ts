/** A native or single-page app brings an ID token that the upstream's own SDK gave it: a login without a browser of ours. */
import { GatehouseError } from '../errors.ts'
import { attempt, type Finished, openTrace, signIn } from './login.ts'
import type { Parts } from './parts.ts'

export interface ExchangeRequest {
  readonly tenant: string
  readonly connection: string
  readonly idToken: string
  readonly nonce: string
  readonly device: string
}

/** Throws `connection_unknown` for a connection that takes no ID tokens. */
export async function exchangeIdToken(parts: Parts, request: ExchangeRequest): Promise<Finished> {
  const { tenant, connection, idToken, nonce, device } = request
  const gate = parts.connections.get(tenant, connection)
  const { connection: opened } = gate
  if (opened.exchange === undefined)
    throw new GatehouseError('connection_unknown', `connection ${connection} takes no ID tokens from apps`)
  const trace = openTrace(parts, request)
  const resume = { reference: trace.reference, tenant, connection, returnTo: '/', codeChallenge: undefined }
  return attempt(trace, resume, async () => {
    const presented = { idToken, nonce, record: trace }
    const login = await trace.step('exchange', () => blamingTheApp(async () => opened.exchange?.(presented)))
    if (login === undefined) throw new GatehouseError('internal', 'a connection forgot how to exchange')
    return signIn(parts, gate, login, device, resume, trace)
  })
}

/** The token came from an app, not from the upstream: what is wrong about it is not the upstream's fault. */
async function blamingTheApp<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'upstream_invalid' || error.check === undefined)
      throw error
    throw new GatehouseError('id_token_refused', error.message, { check: error.check, cause: error })
  }
}
