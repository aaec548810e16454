import type { OpenConnection } from '../connections.ts'
import { reauthenticationAt } from '../identity/fresh-sign-in.ts'
import { assertLinkBrowser } from '../identity/linking.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { Resume } from '../ports/transactions.ts'
import type { AttemptTrace } from '../trace.ts'
import type { Started } from './outcome.ts'
import { checkReturnUrl } from './return-url.ts'
import type { TracePorts } from './run-traced.ts'
import { openTrace, runTraced } from './run-traced.ts'
import { resumeSeconds, transactionSeconds } from './transaction.ts'

export type StartLoginPorts = TracePorts & Pick<CorePorts, 'codes' | 'connections' | 'publicUrl' | 'transactions'>

/** What a person, or the app that sent them, asks for. */
export interface LoginRequest {
  readonly tenant: string
  readonly connection: string
  readonly returnTo: string
  readonly loginHint?: string
  readonly reauthenticate?: boolean
  /** One-time code of an identity that waits to be linked to who signs in now. */
  readonly link?: string
  /** Id of the session whose user wants the identity added to them; only ever from a form of our own page (ID-08). */
  readonly addTo?: string
  /** SHA-256 of the browser's id. */
  readonly browser: string
}

/** Throws `connection_unknown` and `return_refused` for a request that cannot be a login at all. */
export async function startLogin(ports: StartLoginPorts, request: LoginRequest): Promise<Started> {
  const connection = ports.connections.get(request.tenant, request.connection)
  const trace = openTrace(ports, request)
  const resume = resumeOf(ports, request, connection, trace)
  return runTraced(trace, resume, async () => {
    await assertLinkBrowser(ports, request, trace)
    const state = ports.random(32).toString('base64url')
    const challenge = await trace.step('begin', () => connection.upstream.begin({ ...request, state, record: trace }))
    if (challenge.step !== 'ask') {
      const { startedAt } = trace
      const expiresAt = new Date(ports.now().getTime() + transactionSeconds * 1000)
      const { browser } = request
      await ports.transactions.put(
        { state, resume, browser, memo: challenge.memo, startedAt, expiresAt, steps: trace.steps },
        resumeSeconds,
      )
      trace.begun()
    }
    return { outcome: 'begun', challenge, state, resume }
  })
}

export function resumeOf(
  ports: Pick<CorePorts, 'publicUrl'>,
  request: LoginRequest,
  connection: OpenConnection,
  trace: AttemptTrace,
): Resume {
  const { tenant, connection: connectionId } = request
  const returnTo = checkReturnUrl(request.returnTo, connection.tenant, ports.publicUrl)
  const { link, addTo } = request
  return {
    ...{ reference: trace.reference, tenant, connection: connectionId, returnTo },
    ...(link !== undefined && { link }),
    ...(addTo !== undefined && { addTo }),
    ...(request.reauthenticate && { reauthentication: reauthenticationAt(connection) }),
  }
}
