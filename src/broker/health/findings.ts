/** Problems of a connection, from its last probe, its last sign-ins and its configuration. */
import type { Fixer } from '../../errors.ts'
import { networkFailure } from '../../provider/failure-cause.ts'
import type { ConfigProblem, HealthCheck } from '../../provider/provider.ts'
import { fixerOf, slowestCheck } from '../health.ts'
import type { KnownHealth, ProbedHealth } from '../ports/health.ts'
import type { FailureGroup, LastOutcome } from '../ports/sign-ins.ts'
import { fileChange } from '../sign-ins/fixes.ts'
import { connectionFix, isCredentialCause, type NamedConnection } from './fix.ts'

/** `down`: it does not answer. `misconfigured`: it answers, and sign-ins fail until a change. */
export type FaultyState = 'down' | 'misconfigured' | 'degraded'

export interface Finding {
  readonly state: FaultyState
  /** Cause from `failureCause` or `causeOf`; `configuration` for a problem of the configuration. */
  readonly cause: string
  readonly title: string
  readonly fix: string
  readonly fixer: Fixer
  readonly since: Date | undefined
  readonly source: 'probe' | 'sign-ins' | 'configuration'
  /** Evidence from the probe or the sign-ins. */
  readonly evidence: string
  /** Finds the trace of a failed sign-in. */
  readonly reference?: string
}

export interface RecentSignIns {
  readonly last: LastOutcome | undefined
  /** Failures of the last hour. */
  readonly failures: readonly FailureGroup[]
  /** Successful ones in the last hour. */
  readonly signedIn: number
}

export function configurationFindings(problems: readonly ConfigProblem[]): readonly Finding[] {
  const faults = problems.filter(({ isWarning }) => !isWarning)
  return faults.map(({ key, message }) => ({
    state: 'misconfigured',
    cause: 'configuration',
    title: `The setting ${key} does not work`,
    fix: `Correct it in the tenant's file: ${message}. ${fileChange}`,
    fixer: 'operator',
    since: undefined,
    source: 'configuration',
    evidence: `${key}: ${message}`,
  }))
}

export function probeFindings(health: KnownHealth | undefined, named: NamedConnection): readonly Finding[] {
  if (health === undefined) return []
  const failed = health.checks.filter(({ ok }) => !ok)
  const findings = failed.map((check) => ofFailedCheck(check, health, named))
  if (health.isStale) return [...findings, notProbed(health, named)]
  return findings.length > 0 ? findings : slownessOf(health, named)
}

/** Cause for a connection that no process has probed for three intervals: its state is unknown. */
export const notProbedCause = 'not probed'

function notProbed({ checkedAt }: KnownHealth, { label }: NamedConnection): Finding {
  const time = `${checkedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return {
    state: 'degraded',
    cause: notProbedCause,
    title: `${label} has not been probed since ${time}`,
    fix: 'Check that a process whose gatehouse.yaml does not set health.probe to false runs and reaches its stores.',
    fixer: 'operator',
    since: checkedAt,
    source: 'probe',
    evidence: `the last probe ended at ${time}`,
  }
}

function ofFailedCheck(check: HealthCheck, health: ProbedHealth, named: NamedConnection): Finding {
  const network = networkFailure(check.detail)
  const cause = check.cause ?? (network && `upstream_unreachable: ${network}`) ?? check.name
  const texts =
    check.cause === undefined && network === undefined
      ? { title: `The check ${check.name} failed`, fix: `${check.detail}.`, fixer: fixerOf(check) }
      : connectionFix(cause, named)
  const since = health.changedAt
  return { ...texts, state: stateOf(cause, health), cause, since, source: 'probe', evidence: check.detail }
}

function stateOf(cause: string, { status }: ProbedHealth): FaultyState {
  if (/^upstream_invalid: clock$/.test(cause)) return 'misconfigured'
  if (status !== 'down') return 'degraded'
  return /^upstream_(refused|invalid)\b/.test(cause) ? 'misconfigured' : 'down'
}

function slownessOf(health: ProbedHealth, named: NamedConnection): readonly Finding[] {
  const slowest = slowestCheck(health)
  if (slowest === undefined) return []
  const cause = 'upstream_unreachable: slow'
  const seconds = (slowest.tookMs / 1000).toFixed(1)
  return [
    {
      ...connectionFix(cause, named),
      state: 'degraded',
      cause,
      title: `${named.label} takes ${seconds} s to answer`,
      since: health.changedAt,
      source: 'probe',
      evidence: `the check ${slowest.name} took ${seconds} s`,
    },
  ]
}

/** Only failures with these codes are about the connection, not about a user, an app or us. */
const connectionCodes: ReadonlySet<string> = new Set([
  'callback_invalid',
  'callback_malformed',
  'login_connection_mismatch',
  'plugin_failed',
  'sign_in_refused',
  'upstream_invalid',
  'upstream_refused',
  'upstream_unreachable',
])

/** The upstream answered so itself, and no visitor can bring it about: one failure is enough. */
const isCertain = (cause: string) =>
  isCredentialCause(cause) || /^upstream_invalid: (signature|kid|alg|iat|exp|nbf|iss|aud)$/.test(cause)

const isUnreachable = (cause: string) => cause.startsWith('upstream_unreachable')

/** This many failures without a success are no coincidence. */
const minFailures = 3
/** Failures among successes count from this share. */
const minFailureShare = 0.2

export function signInFindings(
  recent: RecentSignIns,
  health: KnownHealth | undefined,
  named: NamedConnection,
): readonly Finding[] {
  const failures = recent.failures.filter((group) => !isDisproved(group, health))
  const ofConnection = failures.filter(({ code }) => connectionCodes.has(code))
  const found = ofConnection.flatMap((group) => ofGroup(group, recent, named) ?? [])
  return [...(found.length > 0 ? found : noSuccess(failures, recent, named)), ...missingEmail(recent, named)]
}

/** A later probe asked the same, and it works again. */
function isDisproved({ cause, lastAt }: FailureGroup, health: KnownHealth | undefined): boolean {
  if (health === undefined || health.isStale) return false
  const { checks, checkedAt, tookMs } = health
  if (checkedAt.getTime() - tookMs <= lastAt.getTime()) return false
  if (isCredentialCause(cause)) return checks.some(({ name, ok, warning }) => isCredentialCheck(name) && ok && !warning)
  return isUnreachable(cause) && !isUnprobed(cause) && checks.every(({ ok }) => ok)
}

const isCredentialCheck = (name: string) => name === 'client credentials'

/** Only a sign-in has an access token for these requests. */
const isUnprobed = (cause: string) => /: userinfo\b/.test(cause)

function ofGroup(group: FailureGroup, recent: RecentSignIns, named: NamedConnection): Finding | undefined {
  const state = groupState(group, recent)
  if (state === undefined) return undefined
  const { cause, count, firstAt, lastReference } = group
  const evidence =
    count === 1 ? 'a sign-in failed, and none has succeeded since' : `${count} sign-ins failed in the last hour`
  const source = 'sign-ins' as const
  return { ...connectionFix(cause, named), state, cause, since: firstAt, source, evidence, reference: lastReference }
}

/**
 * A visitor can cause failures that are not certain: they only degrade, if they are frequent.
 */
function groupState({ cause, count, lastAt }: FailureGroup, { last, signedIn }: RecentSignIns) {
  const hasRecovered = last?.lastSignInAt !== undefined && last.lastSignInAt > lastAt
  if (isCertain(cause)) return hasRecovered ? undefined : 'misconfigured'
  const isFrequent = count >= minFailures && count / (count + signedIn) >= minFailureShare
  if (hasRecovered || !isUnreachable(cause)) return isFrequent ? 'degraded' : undefined
  if (isFrequent) return 'down'
  return count >= minFailures || signedIn === 0 ? 'degraded' : undefined
}

/** A user alone can mistype a password so often. */
const minUserFailures = 10

/** Whatever the causes: a connection without any success is not healthy. */
function noSuccess(
  failures: readonly FailureGroup[],
  { last, signedIn }: RecentSignIns,
  named: NamedConnection,
): readonly Finding[] {
  const [most] = failures.toSorted((one, other) => other.count - one.count)
  const lastSignInAt = last?.lastSignInAt
  const hasRecovered = lastSignInAt !== undefined && failures.every(({ lastAt }) => lastAt < lastSignInAt)
  if (most === undefined || signedIn > 0 || hasRecovered) return []
  const { title, fix, fixer } = connectionFix(most.cause, named)
  const count = failures.reduce((sum, group) => sum + group.count, 0)
  if (count < (fixer === 'user' ? minUserFailures : minFailures)) return []
  return [
    {
      state: 'degraded',
      cause: most.cause,
      title: 'No sign-in succeeded in the last hour',
      fix: `The most frequent cause: ${title}. ${fix}`,
      fixer,
      since: most.firstAt,
      source: 'sign-ins',
      evidence: `${count} sign-ins failed in the last hour`,
      reference: most.lastReference,
    },
  ]
}

/** The last sign-in worked, but its user has no email. */
function missingEmail({ last }: RecentSignIns, named: NamedConnection): readonly Finding[] {
  const warning = last?.lastWarning
  if (warning === undefined || (last?.lastSignInAt ?? warning.lastAt) > warning.lastAt) return []
  const { cause, lastAt, lastReference } = warning
  const evidence = 'the last user signed in without an email'
  const texts = connectionFix(cause, named)
  return [{ ...texts, state: 'degraded', cause, since: lastAt, source: 'sign-ins', evidence, reference: lastReference }]
}
