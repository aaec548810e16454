/** Checks of the signed assertion by the Web Browser SSO profile (SAML profiles 4.1.4). */
import type { Evidence, Recorder } from '../../../src/provider/provider.ts'
import { contentOf, type DecryptionKey, decryptElement } from '../encryption/decryption.ts'
import { onlyChild, refuse, wordOf } from '../failure.ts'
import { bearer, namespaces } from '../xml/names.ts'
import { clockToleranceSeconds, isAfter, isBefore, isoOf, momentOf } from '../xml/time.ts'
import { attributeOf, childrenOf, elementsIn, textIn, type XmlElement } from '../xml/xml.ts'
import { attributesOf } from './attribute-statement.ts'
import {
  type CheckRecorder,
  checkIssueInstant,
  checkRecorder,
  checkValidityPeriod,
  type Expected,
  filled,
  isSameUrl,
  maxAgeSeconds,
  requestGot,
  theRequest,
} from './checks.ts'
import { type NameId, nameIdOf } from './name-id.ts'
import { issuerOf, readStrictly } from './response.ts'
import { checkAuthnStatements } from './statement.ts'

export interface VerifiedAssertion {
  readonly id: string
  /** Undefined if there is none; then `subjectAttribute` is required. */
  readonly nameId: NameId | undefined
  /** End of its usability, tolerance included. */
  readonly usableUntil: Date
  readonly evidence: Evidence
  readonly sessionIndex: string | undefined
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

/** @param decryptionKey for EncryptedID and EncryptedAttribute */
export function validateAssertion(
  assertion: XmlElement,
  expected: Expected,
  record: Recorder,
  decryptionKey: DecryptionKey,
): VerifiedAssertion {
  const check = checkRecorder(record)
  const version = attributeOf(assertion, 'Version')
  check('version of the assertion', version === '2.0', '2.0', version)
  check('issuer of the assertion', issuerOf(assertion) === expected.issuer, expected.issuer, issuerOf(assertion))
  const issued = checkIssueInstant(assertion, expected, check)
  checkConditions(assertion, expected, check)
  const subject = one(assertion, 'Subject')
  const confirmedUntil = checkSubjectConfirmation(subject, expected, check)
  const { evidence, sessionIndex } = checkAuthnStatements(assertion, expected, check)
  const oldest = issued.getTime() + maxAgeSeconds * 1000
  return {
    id: attributeOf(assertion, 'ID') ?? refuse('ID of the assertion', 'one', 'none'),
    nameId: nameIdOf(subject, expected, check, (encrypted) => decryptedElement(encrypted, 'NameID', decryptionKey)),
    usableUntil: new Date(Math.min(oldest, confirmedUntil.getTime()) + clockToleranceSeconds * 1000),
    evidence,
    sessionIndex,
    attributes: attributesOf(assertion, (encrypted) => decryptedElement(encrypted, 'Attribute', decryptionKey)),
  }
}

/** The decrypted content of an element of a signed message. */
export function decryptedElement(encrypted: XmlElement, local: string, decryptionKey: DecryptionKey): XmlElement {
  const { text } = decryptElement(encrypted, decryptionKey)
  const { root } = readStrictly(contentOf(text, encrypted))
  if (root.local !== local || root.namespace !== namespaces.assertion)
    return refuse(`content of the ${encrypted.local}`, local, root.local)
  return root
}

function checkConditions(assertion: XmlElement, { entityId, now }: Expected, check: CheckRecorder): void {
  const conditions = one(assertion, 'Conditions')
  checkValidityPeriod('Conditions', conditions, now, check)
  const known = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']
  // SAML core 2.5.1.1: an unknown condition invalidates the assertion
  for (const { local, namespace } of elementsIn(conditions))
    if (namespace !== namespaces.assertion || !known.includes(local)) refuse('Conditions', known.join(', '), local)
  const restrictions = childrenOf(conditions, namespaces.assertion, 'AudienceRestriction')
  if (restrictions.length === 0) check('audience', false, entityId, 'none')
  for (const restriction of restrictions) {
    const audiences = childrenOf(restriction, namespaces.assertion, 'Audience').map(textIn)
    check('audience', audiences.includes(entityId), entityId, audiences.slice(0, 10).map(wordOf).join(', '))
  }
}

/** One bearer confirmation must hold; otherwise the first one's failure is reported. */
function checkSubjectConfirmation(subject: XmlElement, expected: Expected, check: CheckRecorder): Date {
  const confirmations = childrenOf(subject, namespaces.assertion, 'SubjectConfirmation')
  const bearers = confirmations.filter((confirmation) => attributeOf(confirmation, 'Method')?.trim() === bearer)
  const methods = confirmations.map((confirmation) => attributeOf(confirmation, 'Method')?.split(':').at(-1))
  check('method of the subject confirmation', bearers.length > 0, 'bearer', methods.slice(0, 5).map(wordOf).join(', '))
  const evaluation = bearers.slice(0, 5).map((confirmation) => checksOf(confirmation, expected))
  const holding = evaluation.find(({ checks }) => checks.every(([, ok]) => ok)) ?? evaluation[0]
  for (const row of holding?.checks ?? []) check(...row)
  return holding?.until ?? expected.now
}

function checksOf(confirmation: XmlElement, { acs, now, requestId }: Expected) {
  const found = childrenOf(confirmation, namespaces.assertion, 'SubjectConfirmationData')
  const content = found.length === 1 ? found[0] : undefined
  const [recipient, inResponseTo, notBefore] = ['Recipient', 'InResponseTo', 'NotBefore'].map((name) =>
    filled(attributeOf(content, name)),
  )
  const until = momentOf(attributeOf(content, 'NotOnOrAfter'))
  const [time, isBegun] = [now.toISOString(), notBefore === undefined || isBefore(momentOf(notBefore), now)]
  const checks: readonly Parameters<CheckRecorder>[] = [
    ['Recipient', isSameUrl(recipient, acs), acs, recipient],
    ['NotOnOrAfter of the subject confirmation', isAfter(until, now), `after ${time}`, isoOf(until)],
    ['NotBefore of the subject confirmation', isBegun, `none, or not after ${time}`, notBefore],
    ['InResponseTo', inResponseTo === requestId, theRequest, requestGot(inResponseTo, requestId)],
  ]
  return { until, checks }
}

const one = (element: XmlElement, local: string) => onlyChild(element, namespaces.assertion, local, element.local)
