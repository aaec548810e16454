/** A native or single-page app brings an ID token that the upstream's own SDK gave it: a login without a browser of ours. */
import { GatehouseError } from '../errors.ts'
import { admitProof } from './limits.ts'
import { attempt, type Finished, openTrace, signIn } from './login.ts'
import type { Parts } from './parts.ts'
import { mayTraceEarly } from './refusal.ts'
import { admitUnlessRefusedOften, isUnbelieved, noteRefused } from './refused-often.ts'
import { ProofNeeded } from './user.ts'

export interface ExchangeRequest {
  readonly tenant: string
  readonly connection: string
  readonly idToken: string
  readonly nonce: string
  readonly device: string
  /** Network address of the client. */
  readonly source: string
}

/** Throws `connection_unknown` for a connection that takes no ID tokens, `too_many_attempts`. */
export async function exchangeIdToken(parts: Parts, request: ExchangeRequest): Promise<Finished> {
  const { tenant, connection, idToken, nonce, device, source } = request
  const gate = parts.connections.get(tenant, connection)
  const { connection: opened } = gate
  if (opened.exchange === undefined)
    throw new GatehouseError('connection_unknown', `connection ${connection} takes no ID tokens from apps`)
  const door = { what: 'exchange', tenant, connection, source } as const
  admitUnlessRefusedOften(parts, door)
  const trace = openTrace(parts, request)
  const resume = { reference: trace.reference, tenant, connection, returnTo: '/' }
  let isBelieved = false
  const exchange = async () => {
    const presented = { idToken, nonce, record: trace }
    const login = await trace.step('exchange', () => blamingTheApp(async () => opened.exchange?.(presented)))
    if (login === undefined) throw new GatehouseError('internal', 'a connection forgot how to exchange')
    isBelieved = true
    // the token may be older than this request
    const dated = { ...login, beganAt: login.evidence.authenticatedAt ?? new Date(0) }
    return admittingProof(parts, request, () => signIn(parts, gate, dated, device, resume, trace))
  }
  const isTraced = (error: GatehouseError) => isBelieved || mayTraceEarly(parts, source, error)
  const finished = await attempt(trace, resume, exchange, isTraced)
  if (finished.outcome === 'refused' && isUnbelieved(finished.error)) await noteRefused(parts, door)
  return finished
}

/** As in a browser: nobody finds out by the thousand which emails somebody has proven. */
async function admittingProof<T>(
  parts: Parts,
  { tenant, source }: ExchangeRequest,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ProofNeeded) await admitProof(parts.counters, tenant, error.proof.identity, source)
    throw error
  }
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
