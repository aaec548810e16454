/** AuthnStatements: how and when the user authenticated, and when the session ends. */
import { textOf } from '../../../src/profile/profile.ts'
import type { Evidence } from '../../../src/provider/provider.ts'
import { refuse } from '../failure.ts'
import { namespaces } from '../xml/names.ts'
import { clockToleranceSeconds, isAfter, isoOf, momentOf } from '../xml/time.ts'
import { attributeOf, childrenOf, textIn, type XmlElement } from '../xml/xml.ts'
import type { CheckRecorder, Expected } from './checks.ts'

const maxStatements = 10

/** The latest statement with an accepted context counts, and the earliest session end. */
export function checkAuthnStatements(
  assertion: XmlElement,
  expected: Expected,
  check: CheckRecorder,
): { readonly evidence: Evidence; readonly sessionIndex: string | undefined } {
  const statements = childrenOf(assertion, namespaces.assertion, 'AuthnStatement')
  if (statements.length === 0 || statements.length > maxStatements)
    return refuse('AuthnStatement of the Assertion', `1 to ${maxStatements}`, `${statements.length}`)
  const sessionEnds = statements.flatMap((statement) => checkSessionNotOnOrAfter(statement, expected.now, check) ?? [])
  const { requiredAuthnContext: required } = expected
  const isAccepted = (statement: XmlElement) => required.length === 0 || required.includes(contextOf(statement) ?? '')
  const latest = statements.toSorted((one, other) => instantOf(other) - instantOf(one))
  const statement = latest.find(isAccepted) ?? latest[0]
  if (statement === undefined) return refuse('AuthnStatement of the Assertion', 'one', 'none')
  const acr = contextOf(statement)
  if (required.length > 0)
    check('AuthnContext', acr !== undefined && required.includes(acr), required.join(' or '), acr)
  const authenticatedAt = checkAuthnInstant(statement, expected, check)
  const sessionEndsAt =
    sessionEnds.length === 0 ? undefined : new Date(Math.min(...sessionEnds.map((end) => end.getTime())))
  return {
    evidence: {
      ...(acr && { acr }),
      ...(authenticatedAt && { authenticatedAt }),
      ...(sessionEndsAt && { sessionEndsAt }),
    },
    sessionIndex: textOf(attributeOf(statement, 'SessionIndex')),
  }
}

/** No tolerance: our session would end at once. */
function checkSessionNotOnOrAfter(statement: XmlElement, now: Date, check: CheckRecorder): Date | undefined {
  const text = attributeOf(statement, 'SessionNotOnOrAfter')?.trim() ?? ''
  if (text === '') return undefined
  const end = momentOf(text)
  const ok = end !== undefined && end.getTime() > now.getTime()
  check('SessionNotOnOrAfter', ok, `after ${now.toISOString()}`, isoOf(end))
  return end
}

function checkAuthnInstant(
  statement: XmlElement,
  { now, authenticatedAfter }: Expected,
  check: CheckRecorder,
): Date | undefined {
  const authenticatedAt = momentOf(attributeOf(statement, 'AuthnInstant'))
  if (authenticatedAt !== undefined) {
    const latest = now.getTime() + clockToleranceSeconds * 1000
    const ok = authenticatedAt.getTime() <= latest // a future time would stay fresh forever
    check('AuthnInstant', ok, `until ${now.toISOString()}`, isoOf(authenticatedAt))
  }
  if (authenticatedAfter !== undefined) {
    const ok = isAfter(authenticatedAt, authenticatedAfter)
    check('AuthnInstant', ok, `after ${authenticatedAfter.toISOString()}`, isoOf(authenticatedAt))
  }
  return authenticatedAt
}

const instantOf = (statement: XmlElement) => momentOf(attributeOf(statement, 'AuthnInstant'))?.getTime() ?? 0

function contextOf(statement: XmlElement): string | undefined {
  const [context] = childrenOf(statement, namespaces.assertion, 'AuthnContext')
  return context && textOf(textIn(childrenOf(context, namespaces.assertion, 'AuthnContextClassRef')[0]))
}
