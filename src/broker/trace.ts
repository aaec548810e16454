/** The recorded steps of a login attempt: actions, checks, decision. No secrets or tokens. */
import { type Check, type ErrorCode, type Fixer, GatehouseError } from '../errors.ts'
import { textOf } from '../profile/profile.ts'
import type { Recorder } from '../provider/provider.ts'
import { causeOf } from './sign-ins/cause.ts'
import { fixFor } from './sign-ins/fixes.ts'

export interface TraceStep {
  readonly name: string
  /** Milliseconds. */
  readonly atMs: number
  readonly tookMs: number
  readonly checks: readonly Check[]
  readonly note?: string
}

export const traceOutcomes = ['started', 'signed in', 'refused', 'sessions ended'] as const

export interface Trace {
  /** Shown to the user, such as `7KQ2-M9XD`. */
  readonly reference: string
  readonly tenant: string
  readonly connection: string
  readonly startedAt: Date
  /** Set for a message that ends sessions. Anyone may send one, so it counts as no sign-in. */
  readonly purpose?: 'logout'
  readonly outcome: (typeof traceOutcomes)[number]
  readonly code?: ErrorCode
  readonly fixer?: Fixer
  /** Groups refusals, see sign-ins/cause.ts. */
  readonly cause?: string
  readonly userId?: string
  /** Canonical: as typed, as the app hinted, or of the identity. */
  readonly email?: string
  /** Id of the app whose authorization request started the login; not checked to exist. */
  readonly app?: string
  /** The reasons of `resolveUser`. */
  readonly reasons: readonly string[]
  readonly steps: readonly TraceStep[]
}

/** Name of the step that asks for, and verifies, a second factor. */
export const secondFactorStep = 'second factor'

/** The user is known, and has not proven the second factor (yet). */
export const awaitsSecondFactor = ({ outcome, steps }: Pick<Trace, 'outcome' | 'steps'>): boolean =>
  outcome === 'started' && steps.some(({ name }) => name === secondFactorStep)

/** How long traces wait for others, to be written together. */
export const traceBatchMs = 250

/** Receives traces; never throws, never waits. */
export type TraceSink = (trace: Trace) => void

/** Crockford's base 32, without ambiguous letters. */
const referenceDigits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** @param random 5 or more random bytes */
export function referenceOf(random: Uint8Array): string {
  let digits = ''
  for (const byte of random.subarray(0, 8)) digits += referenceDigits[byte % 32]
  return `${digits.slice(0, 4)}-${digits.slice(4)}`
}

/** Accepts any case, spaces, missing hyphen, and letters that look like digits. */
export function normalizeReference(text: string): string {
  const digits = text
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  return `${digits.slice(0, 4)}-${digits.slice(4)}`
}

/** The fields that a trace has from its start. */
export type TraceStart = Pick<Trace, 'reference' | 'tenant' | 'connection' | 'startedAt' | 'email' | 'app' | 'purpose'>

type OpenStep = { -readonly [key in keyof TraceStep]: TraceStep[key] } & { checks: Check[] }

export class AttemptTrace implements Recorder {
  readonly #head: TraceStart
  readonly #steps: OpenStep[]
  readonly #now: () => Date
  readonly #sink: TraceSink
  #reasons: readonly string[] = []
  #userId: string | undefined
  #email: string | undefined
  /** Running steps, innermost last; a provider may run several at once. */
  readonly #running: OpenStep[] = []
  readonly #recorded = new Set<Check>()

  constructor(head: TraceStart, now: () => Date, sink: TraceSink, before: readonly TraceStep[] = []) {
    this.#head = head
    this.#email = head.email
    this.#now = now
    this.#sink = sink
    this.#steps = before.map((step) => ({ ...step, checks: [...step.checks] }))
  }

  get reference(): string {
    return this.#head.reference
  }

  get tenant(): string {
    return this.#head.tenant
  }

  get connection(): string {
    return this.#head.connection
  }

  /** The user of the identity, once it is known. */
  get userId(): string | undefined {
    return this.#userId
  }

  ofUser(id: string): void {
    this.#userId = id
  }

  get email(): string | undefined {
    return this.#email
  }

  /** @param email canonical */
  ofEmail(email: string): void {
    this.#email = email
  }

  get startedAt(): Date {
    return this.#head.startedAt
  }

  get steps(): readonly TraceStep[] {
    return this.#steps
  }

  get reasons(): readonly string[] {
    return this.#reasons
  }

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const atMs = this.#elapsed()
    const step: OpenStep = { name, atMs, tookMs: 0, checks: [] }
    this.#steps.push(step)
    this.#running.push(step)
    try {
      return await work()
    } catch (error) {
      step.note ??= noteOf(error)
      throw error
    } finally {
      step.tookMs = this.#elapsed() - atMs
      this.#running.splice(this.#running.indexOf(step), 1)
    }
  }

  check(check: Check): void {
    this.#recorded.add(check)
    const step = this.#running.at(-1)
    if (step !== undefined) step.checks.push(sanitizedCheck(check))
    else this.#steps.push({ name: check.name, atMs: this.#elapsed(), tookMs: 0, checks: [sanitizedCheck(check)] })
  }

  /** Throws `code` if the check fails. */
  assertCheck(code: ErrorCode, check: Check): void {
    this.check(check)
    if (!check.ok)
      throw new GatehouseError(
        code,
        `${check.name}: expected ${check.expected ?? 'something else'}, got ${check.got ?? 'nothing'}`,
      )
  }

  addReasons(reasons: readonly string[]): void {
    this.#reasons = reasons
  }

  started(): void {
    this.#close({ outcome: 'started' })
  }

  signedIn(userId: string): void {
    this.#close({ outcome: 'signed in', userId })
  }

  /** @param reasons if it was no message of the upstream */
  sessionsEnded(count: number, reasons?: readonly string[]): void {
    const sessions = `${count} ${count === 1 ? 'session' : 'sessions'}`
    this.addReasons(
      reasons === undefined ? [`an upstream's message ended ${sessions}`] : [...reasons, `${sessions} ended`],
    )
    this.#close({ outcome: 'sessions ended' })
  }

  /** Returns who can fix it. */
  refused(error: GatehouseError): Fixer {
    if (error.check !== undefined && !this.#recorded.has(error.check)) this.check(error.check)
    const { code } = error
    const cause = causeOf({ code, steps: this.#steps }) ?? code
    const { fixer } = fixFor(cause)
    this.#close({ outcome: 'refused', code, fixer, cause })
    return fixer
  }

  #close(end: Pick<Trace, 'outcome'> & Partial<Trace>): void {
    const of = {
      ...(this.#email !== undefined && { email: this.#email }),
      ...(this.#userId !== undefined && { userId: this.#userId }),
    }
    this.#sink({ ...this.#head, ...of, reasons: this.#reasons, steps: this.#steps.map(copyOf), ...end })
  }

  #elapsed(): number {
    return this.#now().getTime() - this.#head.startedAt.getTime()
  }
}

function copyOf(step: TraceStep): TraceStep {
  return { ...step, checks: [...step.checks] }
}

/** Only our own messages are known to be free of secrets; JSON.parse quotes its input, for one. */
function noteOf(error: unknown): string {
  if (error instanceof GatehouseError) return textOf(error.message) ?? error.code
  return error instanceof Error ? `stopped by a fault: ${error.name}` : 'stopped by a fault'
}

/** Text of an upstream or browser: truncated, without control characters (LK-04). */
function sanitizedCheck(check: Check): Check {
  const expected = textOf(check.expected)
  const got = textOf(check.got)
  return {
    name: check.name,
    ok: check.ok,
    ...(expected !== undefined && { expected }),
    ...(got !== undefined && { got }),
  }
}
