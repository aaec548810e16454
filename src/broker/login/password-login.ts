import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { Tenant } from '../../tenant.ts'
import { passwordSsoRequired } from '../access/sso/assert-sso.ts'
import { isBreakGlassEmail } from '../access/sso/decide-sso.ts'
import { assertLinkBrowser, linkPendingIdentity } from '../identity/linking.ts'
import { enforcePasswordLimit, type PasswordAttempt, refundIfBusy, resetPasswordLimit } from '../limits/rate-limits.ts'
import type { Ports } from '../ports/core-ports.ts'
import { isTraceAllowed, type LoginAttempt, openTrace, runTraced, type TracePorts } from './attempt.ts'
import { type CompleteLoginPorts, completeLogin } from './complete-login.ts'
import type { Finished } from './outcome.ts'
import { type LoginRequest, resumeOf } from './start-login.ts'

export type PasswordLoginPorts = CompleteLoginPorts & TracePorts & Ports<'counters' | 'passwords'>

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
  const trace = openTrace(ports, { ...request, email: guess.email })
  const attempt = { connection, resume: resumeOf(ports.publicUrl, request, connection, trace), trace, device }
  const storedHash = async () => (await ports.passwords.find(tenant.id, guess.email))?.hash
  const complete = () => upstream.complete({ parameters, memo: {}, state: '', record: trace })
  const checkPassword = () => withSsoAnswer(ports, tenant, guess.email, complete)
  const steps = async () => {
    await assertLinkBrowser(ports, request, trace)
    const refund = await trace.step('limits', () => enforcePasswordLimit(ports.counters, tenant.id, guess))
    const hash = await storedHash()
    const login = await refundIfBusy(refund, () => trace.step('complete', checkPassword))
    await resetPasswordLimit(ports.counters, tenant.id, guess)
    const checked = { ...login, ...(hash !== undefined && { passwordHash: secretHash(hash) }) }
    const asking = login.asksForNewPassword ? askedToChange(ports.publicUrl, attempt) : attempt
    const finished = await completeLogin(ports, asking, checked, async () => {
      if ((await storedHash()) !== hash) await trace.step('complete again', complete)
    })
    return finished.outcome === 'signed in' ? linkPendingIdentity(ports, finished, trace) : finished
  }
  return runTraced(ports, attempt, steps, isTraceAllowed(ports, guess.source))
}

/** The page that asks for a longer password comes first, and leads on to the destination. */
function askedToChange(publicUrl: URL, attempt: LoginAttempt): LoginAttempt {
  const page = new URL('/account/security/password?short=1', publicUrl)
  page.searchParams.set('return_to', attempt.resume.returnTo)
  return { ...attempt, resume: { ...attempt.resume, returnTo: page.href } }
}

/**
 * Makes every refusal for an `ssoOnly` domain the same, after the same work: it reveals neither
 * whether the password is right nor who is a break-glass user (PW-01, PW-02).
 */
async function withSsoAnswer<T>(ports: PasswordLoginPorts, tenant: Tenant, email: string, complete: () => Promise<T>) {
  const ssoRequired = passwordSsoRequired(ports, tenant, email)
  if (ssoRequired === undefined) return complete()
  const login = await complete().catch((error: unknown) => {
    throw error instanceof GatehouseError && error.code === 'credentials_invalid' ? ssoRequired : error
  })
  if (!isBreakGlassEmail(tenant, email)) throw ssoRequired
  return login
}
