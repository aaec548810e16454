import type { OpenConnection } from '../connections.ts'
import { reauthenticationAt } from '../identity/fresh-sign-in.ts'
import { assertLinkBrowser } from '../identity/linking.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Resume } from '../ports/volatile.ts'
import type { AttemptTrace } from '../trace.ts'
import { openTrace, runTraced, type TracePorts } from './attempt.ts'
import type { Started } from './outcome.ts'
import { checkReturnUrl } from './return-url.ts'
import { resumeSeconds, transactionSeconds } from './transaction.ts'

export type StartLoginPorts = TracePorts & Ports<'codes' | 'connections' | 'publicUrl' | 'transactions'>

/** A login as the user or an app requests it. */
export interface LoginRequest extends Omit<Resume, 'reference' | 'reauthentication'> {
  /** Canonical email address. */
  readonly loginHint?: string
  /** The upstream must authenticate the user again. */
  readonly reauthenticate?: boolean
  /** SHA-256 of the browser's id. */
  readonly browser: string
}

/**
 * Begins a login and stores its transaction for the callback. A challenge `ask` has none: our page
 * posts the credentials. An error of the connection becomes the outcome `refused`. Throws
 * `connection_unknown`, `return_to_refused`.
 */
export async function startLogin(ports: StartLoginPorts, request: LoginRequest): Promise<Started> {
  const connection = ports.connections.get(request.tenant, request.connection)
  const trace = openTrace(ports, { ...request, ...emailOf(request) })
  const resume = resumeOf(ports.publicUrl, request, connection, trace)
  return runTraced(ports, { trace, resume }, async () => {
    await assertLinkBrowser(ports, request, trace)
    const state = ports.random(32).toString('base64url')
    const challenge = await trace.step('begin', () => connection.upstream.begin({ ...request, state, record: trace }))
    if (challenge.step !== 'ask') {
      const { startedAt, steps } = trace
      const expiresAt = new Date(ports.now().getTime() + transactionSeconds * 1000)
      const { browser } = request
      const transaction = {
        state,
        resume,
        browser,
        memo: challenge.memo,
        startedAt,
        expiresAt,
        steps,
        ...emailOf(request),
      }
      // the destination outlives `expiresAt`: a late callback still leads there
      await ports.transactions.put(transaction, resumeSeconds)
      trace.started()
    }
    return { outcome: 'begun', challenge, state, resume }
  })
}

const emailOf = ({ loginHint: email }: LoginRequest) => (email === undefined ? {} : { email })

/** Throws `return_to_refused`. */
export function resumeOf(
  publicUrl: URL,
  request: LoginRequest,
  connection: OpenConnection,
  trace: AttemptTrace,
): Resume {
  const { tenant, link, linkToSession } = request
  const returnTo = checkReturnUrl(request.returnTo, connection.tenant, publicUrl)
  return {
    reference: trace.reference,
    tenant,
    connection: request.connection,
    returnTo,
    ...(link !== undefined && { link }),
    ...(linkToSession !== undefined && { linkToSession }),
    ...(request.reauthenticate && { reauthentication: reauthenticationAt(connection) }),
  }
}
