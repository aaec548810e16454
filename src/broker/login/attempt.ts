/** One login attempt: what its steps share, and its trace. */
import { errorTable, type Fixer, GatehouseError } from '../../errors.ts'
import type { ConnectionSettings, Tenant } from '../../tenant.ts'
import { type AuditPorts, recordAuditLater } from '../audit/record.ts'
import type { ConnectionKey, OpenConnection } from '../connections.ts'
import { LinkProofRequired } from '../identity/login-candidate.ts'
import { mayTraceRefusal } from '../limits/refusal-traces.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Resume } from '../ports/volatile.ts'
import { AttemptTrace, referenceOf, type Trace } from '../trace.ts'
import type { Refused } from './outcome.ts'
import { appOf } from './return-url.ts'

export interface LoginAttempt {
  readonly connection: OpenConnection
  readonly resume: Resume
  readonly trace: AttemptTrace
  readonly device: string
}

/** The attempt as opening a session needs it: a passkey sign-in has no connection. */
export interface SessionAttempt extends Omit<LoginAttempt, 'connection'> {
  readonly connection: {
    readonly tenant: Tenant
    readonly settings: Pick<ConnectionSettings, 'id' | 'kind'>
  }
}

export type TracePorts = Ports<'audit' | 'now' | 'random' | 'trace'>

/**
 * Runs the steps of a login. An error closes the trace and becomes a refusal.
 * @param isTraced false for refusals that only the log records, see limits/refusal-traces.ts
 */
export async function runTraced<T extends { readonly outcome: string }>(
  ports: AuditPorts,
  { trace, resume }: Pick<LoginAttempt, 'trace' | 'resume'>,
  steps: () => Promise<T>,
  isTraced: (error: GatehouseError) => boolean = () => true,
): Promise<T | Refused> {
  try {
    return await steps()
  } catch (cause) {
    const error =
      cause instanceof GatehouseError
        ? cause
        : new GatehouseError('internal', 'the login failed unexpectedly', { cause })
    const fixer = isTraced(error) ? recordRefusedSignIn(ports, trace, error) : errorTable[error.code].fixer
    const refused = { outcome: 'refused', error, fixer, reference: trace.reference, resume } as const
    return error instanceof LinkProofRequired ? { ...refused, linkProof: error.linkProof } : refused
  }
}

/** Closes the trace. Returns who can fix it. */
export function recordRefusedSignIn(ports: AuditPorts, trace: AttemptTrace, error: GatehouseError): Fixer {
  const fixer = trace.refused(error)
  const { tenant, connection, reference, userId } = trace
  recordAuditLater(ports, {
    tenant,
    action: 'sign_in.refused',
    actor: userId ?? 'unknown',
    target: userId ?? `connection:${connection}`,
    details: { connection, code: error.code, reference },
  })
  return fixer
}

/** Rate limits can refuse without end, so their traces have a budget. */
export function isTraceAllowed(ports: TracePorts, source: string): (error: GatehouseError) => boolean {
  return (error) => error.code !== 'too_many_attempts' || mayTraceRefusal(ports, source, error)
}

/** @param known `returnTo` names the app that the login is for */
export function openTrace(
  { now, random, trace }: TracePorts,
  known: ConnectionKey & Pick<Trace, 'email' | 'purpose'> & Partial<Pick<Resume, 'returnTo'>>,
) {
  const { tenant, connection, email, returnTo, purpose } = known
  const place = { reference: referenceOf(random(8)), tenant, connection, startedAt: now() }
  const head = purpose === undefined ? place : { ...place, purpose }
  return new AttemptTrace({ ...head, ...(email !== undefined && { email }), ...appOf(returnTo) }, now, trace)
}
