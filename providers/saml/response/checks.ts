/** Checks that assertions, responses and logout requests share. */
import type { Recorder } from '../../../src/provider/provider.ts'
import { refuse, wordOf } from '../failure.ts'
import { clockToleranceSeconds, isAfter, isBefore, isoOf, momentOf } from '../xml/time.ts'
import { attributeOf, type XmlElement } from '../xml/xml.ts'

/** Older assertions are refused, so that replays need not be remembered for long. */
export const maxAgeSeconds = 600

export interface Expected {
  readonly issuer: string
  readonly entityId: string
  readonly acs: string
  readonly requestId: string
  readonly now: Date
  readonly requiredAuthnContext: readonly string[]
  /** In a reauthentication, the user must have authenticated after this time. */
  readonly authenticatedAfter: Date | undefined
}

export type CheckRecorder = (name: string, ok: boolean, expected: string, got: string | undefined) => void

export function checkRecorder(record: Recorder): CheckRecorder {
  return (name, ok, expected, got) => {
    if (!ok) refuse(name, expected, wordOf(got))
    record.check({ name, ok, expected, got: wordOf(got) })
  }
}

export function checkIssueInstant(assertion: XmlElement, { now }: Pick<Expected, 'now'>, check: CheckRecorder): Date {
  const issued = momentOf(attributeOf(assertion, 'IssueInstant'))
  const age = issued === undefined ? Number.NaN : (now.getTime() - issued.getTime()) / 1000
  const ok = age >= -clockToleranceSeconds && age <= maxAgeSeconds + clockToleranceSeconds
  check('IssueInstant', ok, `within ${maxAgeSeconds} seconds before ${now.toISOString()}`, isoOf(issued))
  return issued ?? now
}

export function checkValidityPeriod(name: string, element: XmlElement, now: Date, check: CheckRecorder): void {
  const [from, until] = ['NotBefore', 'NotOnOrAfter'].map((attribute) => filled(attributeOf(element, attribute)))
  const [start, end, time] = [momentOf(from), momentOf(until), now.toISOString()]
  if (from !== undefined) check(`NotBefore of the ${name}`, isBefore(start, now), `not after ${time}`, isoOf(start))
  if (until !== undefined) check(`NotOnOrAfter of the ${name}`, isAfter(end, now), `after ${time}`, isoOf(end))
}

export const theRequest = 'the request of this login'

/** The ID stays secret until the login is over. */
export function requestGot(got: string | undefined, requestId: string): string {
  if (got === undefined) return 'none: unsolicited (IdP-initiated)'
  return got === requestId ? theRequest : 'another request'
}

/** Treats an empty attribute as absent. */
export function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? undefined : trimmed
}

export function isSameUrl(one: string | undefined, other: string): boolean {
  if (one === undefined) return false
  return one === other || (isPlainUrl(one) && isPlainUrl(other) && new URL(one).href === new URL(other).href)
}

/**
 * Whether URL parsing keeps the text. Other URLs must be equal as texts: parsers drop spaces, turn
 * `\` into `/`.
 */
function isPlainUrl(address: string): boolean {
  return /^https?:\/\/[^\s\\@]+$/i.test(address) && URL.canParse(address)
}
