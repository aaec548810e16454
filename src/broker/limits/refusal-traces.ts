/**
 * Traces of refusals without a login: unknown connection or return URL, rate limit, unverified ID
 * token or logout message. Since anyone can cause them, a process stores at most 20 per source and
 * 300 in total in ten minutes; the log has all. Queries and emails are removed.
 */

import { type Check, type ErrorCode, GatehouseError } from '../../errors.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { truncate, withoutEmails } from '../../primitives/untrusted-text.ts'
import type { Ports } from '../ports/core-ports.ts'
import { AttemptTrace, type TraceSink } from '../trace.ts'

export interface UntracedRefusal {
  readonly reference: string
  readonly error: GatehouseError
  /** Network address of the client; only counted, not stored. */
  readonly source: string
  /** Known IDs only. Undefined: unknown. */
  readonly tenant: string | undefined
  readonly connection: string | undefined
  readonly userId?: string | undefined
}

const windowMs = 600_000
const maxPerSource = 20
const maxTotal = 300
const sourcesRemembered = 5000

/** Caused by scanners, and by every check of an ended session. */
const untraced: readonly ErrorCode[] = [
  'not_found',
  'method_not_allowed',
  'session_invalid',
  'session_unknown',
  'token_unknown',
]

/** Whether refusals of this kind get a trace; only those show a reference. */
export function isTraced(code: ErrorCode): boolean {
  return !untraced.includes(code)
}

type TraceBudget = (source: string) => boolean

export function refusalTracer(
  sink: TraceSink,
  now: () => Date,
  mayTrace: TraceBudget = traceBudget(now),
): (refusal: UntracedRefusal) => void {
  return ({ reference, error, source, tenant = 'unknown', connection = 'unknown', userId }) => {
    if (!isTraced(error.code)) return
    if (!mayTrace(source)) return
    const trace = new AttemptTrace({ reference, tenant, connection, startedAt: now() }, now, sink)
    if (userId !== undefined) trace.ofUser(userId)
    trace.addReasons([`refused before a login began: ${reasonOf(error)}`])
    trace.refused(withoutPersonalData(error))
  }
}

const sharedBudgets = new WeakMap<TraceSink, TraceBudget>()

/** The budget shared by all refusals without a login. */
export function sharedTraceBudget({ trace, now }: Ports<'trace' | 'now'>): TraceBudget {
  const budget = sharedBudgets.get(trace) ?? traceBudget(now)
  sharedBudgets.set(trace, budget)
  return budget
}

/** Whether a refusal that anyone could cause gets a trace. */
export function mayTraceRefusal(ports: Ports<'trace' | 'now'>, source: string, { code }: GatehouseError): boolean {
  return isTraced(code) && sharedTraceBudget(ports)(source)
}

export function traceBudget(now: () => Date): TraceBudget {
  const inAll = newCount(now())
  const bySource = new BoundedMap<string, Count>(sourcesRemembered)
  return (source) => {
    const ofSource = bySource.get(source) ?? newCount(now())
    bySource.set(source, ofSource)
    return countWithin(ofSource, maxPerSource, now()) && countWithin(inAll, maxTotal, now())
  }
}

interface Count {
  count: number
  since: number
}

const newCount = (now: Date): Count => ({ count: 0, since: now.getTime() })

function countWithin(counted: Count, max: number, now: Date): boolean {
  if (now.getTime() - counted.since >= windowMs) Object.assign(counted, newCount(now))
  counted.count += 1
  return counted.count <= max
}

function reasonOf(error: GatehouseError): string {
  return error.code === 'internal' ? 'a fault of ours, see the log' : maskPersonalData(error.message)
}

function withoutPersonalData(error: GatehouseError): GatehouseError {
  return new GatehouseError(error.code, reasonOf(error), error.check && { check: maskCheck(error.check) })
}

function maskCheck({ got, ...check }: Check): Check {
  return got === undefined ? check : { ...check, got: maskPersonalData(got) }
}

function maskPersonalData(text: string): string {
  return withoutEmails(truncate(text).replace(/[?#]\S*/g, '?…'))
}
