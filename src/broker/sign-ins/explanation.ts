/** Explains a trace: title, fix and fixer. Pure. */
import type { Check } from '../../errors.ts'
import { capitalized } from '../../primitives/capitalized.ts'
import { awaitsSecondFactor, type Trace } from '../trace.ts'
import { causeOf, lacksEmail, missingEmailCause } from './cause.ts'
import { type Fix, fixFor, type NamedProvider } from './fixes.ts'

export interface Explanation extends Partial<Pick<Fix, 'fix' | 'fixer'>> {
  readonly title: string
  /** Cause of a refusal. */
  readonly cause?: string
}

export function explanationOf(trace: Trace, provider: NamedProvider = { label: 'the identity provider' }): Explanation {
  switch (trace.outcome) {
    case 'signed in':
      return lacksEmail(trace)
        ? { ...fixFor(missingEmailCause, provider), title: 'The user signed in without an email' }
        : { title: 'The user signed in' }
    case 'sessions ended':
      return { title: `${capitalized(provider.label)} ended sessions` }
    case 'started':
      if (awaitsSecondFactor(trace))
        return {
          title: 'The user has not proven the second factor',
          fix: 'The user left, or has lost it: then a recovery code helps, or an admin resets the second factors of the user.',
          fixer: 'user',
        }
      return {
        title: `The user has not come back from ${provider.label}`,
        fix: `If ${provider.label} showed an error, compare the callback URL and the client ID there with those of the connection. Otherwise, the user left.`,
        fixer: 'tenant admin',
      }
    case 'refused': {
      const cause = refusalCauseOf(trace)
      return { ...fixFor(cause, provider), cause }
    }
  }
}

/** Older traces have none. */
const refusalCauseOf = (trace: Trace): string => trace.cause ?? causeOf(trace) ?? 'internal'

export interface StepCheck extends Check {
  /** Name of the step that made it. */
  readonly step: string
}

/** Failed ones first, each in the order of the steps. */
export function checksOf({ steps }: Pick<Trace, 'steps'>): readonly StepCheck[] {
  const all = steps.flatMap(({ name, checks }) => checks.map((check) => ({ ...check, step: name })))
  return [...all.filter(({ ok }) => !ok), ...all.filter(({ ok }) => ok)]
}
