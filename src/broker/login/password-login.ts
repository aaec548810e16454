import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { LinkingPorts } from '../identity/linking.ts'
import { assertLinkBrowser, linkPendingIdentity } from '../identity/linking.ts'
import { enforcePasswordLimit, type PasswordAttempt, refundIfBusy, resetPasswordLimit } from '../limits/rate-limits.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import { signIn } from './complete-login.ts'
import type { Finished, SignedIn } from './outcome.ts'
import type { TracePorts } from './run-traced.ts'
import { isTraceAllowed, openTrace, runTraced } from './run-traced.ts'
import { type LoginRequest, resumeOf } from './start-login.ts'

export type PasswordLoginPorts = LinkingPorts & TracePorts & Pick<CorePorts, 'counters' | 'passwords'>

/** Signs in through a gate that asks by itself (email and password), from our own page or the API. */
export async function signInWithCredentials(
  ports: PasswordLoginPorts,
  request: LoginRequest,
  parameters: URLSearchParams,
  guess: PasswordAttempt,
  device: string,
): Promise<Finished> {
  const connection = ports.connections.get(request.tenant, request.connection)
  if (connection.upstream.passwords === undefined)
    throw new GatehouseError('connection_unknown', `${request.connection} asks for no password`)
  const trace = openTrace(ports, request)
  const resume = resumeOf(ports, request, connection, trace)
  const steps = async (): Promise<SignedIn> => {
    await assertLinkBrowser(ports, request, trace)
    const refund = await trace.step('limits', () => enforcePasswordLimit(ports.counters, connection.tenant.id, guess))
    const storedHash = async () => (await ports.passwords.find(connection.tenant.id, guess.email))?.hash
    const hash = await storedHash()
    const answer = { parameters, memo: {}, state: '', record: trace }
    const complete = () => connection.upstream.complete(answer)
    const login = await refundIfBusy(refund, () => trace.step('complete', complete))
    await resetPasswordLimit(ports.counters, connection.tenant.id, guess)
    const known = { ...login, ...(hash !== undefined && { passwordHash: secretHash(hash) }) }
    const recheckCredential = async () => {
      if ((await storedHash()) !== hash) await trace.step('complete again', complete)
    }
    const signedIn = await signIn(ports, connection, known, device, resume, trace, recheckCredential)
    await linkPendingIdentity(ports, signedIn, trace)
    return signedIn
  }
  return runTraced(trace, resume, steps, isTraceAllowed(ports, guess.source))
}
