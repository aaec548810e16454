import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { assertLinkBrowser, type LinkingPorts, linkPendingIdentity } from '../identity/linking.ts'
import { enforcePasswordLimit, type PasswordAttempt, refundIfBusy, resetPasswordLimit } from '../limits/rate-limits.ts'
import type { Ports } from '../ports/core-ports.ts'
import { isTraceAllowed, openTrace, runTraced, type TracePorts } from './attempt.ts'
import { completeLogin } from './complete-login.ts'
import type { Finished } from './outcome.ts'
import { type LoginRequest, resumeOf } from './start-login.ts'

export type PasswordLoginPorts = LinkingPorts & TracePorts & Ports<'counters' | 'passwords'>

export interface Credentials {
  readonly parameters: URLSearchParams
  readonly attempt: PasswordAttempt
  readonly device: string
}

/** Signs in with email and password, from our own page or the API: no upstream, no transaction. */
export async function signInWithCredentials(
  ports: PasswordLoginPorts,
  request: LoginRequest,
  credentials: Credentials,
): Promise<Finished> {
  const { parameters, attempt: guess, device } = credentials
  const connection = ports.connections.get(request.tenant, request.connection)
  const { tenant, upstream } = connection
  if (upstream.passwords === undefined)
    throw new GatehouseError('connection_unknown', `${request.connection} asks for no password`)
  const trace = openTrace(ports, request)
  const attempt = { connection, resume: resumeOf(ports.publicUrl, request, connection, trace), trace, device }
  const storedHash = async () => (await ports.passwords.find(tenant.id, guess.email))?.hash
  const complete = () => upstream.complete({ parameters, memo: {}, state: '', record: trace })
  const steps = async () => {
    await assertLinkBrowser(ports, request, trace)
    const refund = await trace.step('limits', () => enforcePasswordLimit(ports.counters, tenant.id, guess))
    const hash = await storedHash()
    const login = await refundIfBusy(refund, () => trace.step('complete', complete))
    await resetPasswordLimit(ports.counters, tenant.id, guess)
    const checked = { ...login, ...(hash !== undefined && { passwordHash: secretHash(hash) }) }
    const signedIn = await completeLogin(ports, attempt, checked, async () => {
      if ((await storedHash()) !== hash) await trace.step('complete again', complete)
    })
    await linkPendingIdentity(ports, signedIn, trace)
    return signedIn
  }
  return runTraced(ports, attempt, steps, isTraceAllowed(ports, guess.source))
}
