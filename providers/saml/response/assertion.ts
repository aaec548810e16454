/** The one assertion, read from the bytes that were signed: the comparisons of the Web Browser SSO profile (SAML profiles 4.1.4). */
import type { Check } from '../../../src/errors.ts'
import type { Evidence, Recorder } from '../../../src/provider/provider.ts'
import { isSameAddress } from '../address.ts'
import { contentOf } from '../encryption/decrypted.ts'
import { type DecryptionKey, decryptElement } from '../encryption/decryption.ts'
import { refuse, wordOf } from '../failure.ts'
import { bearer, nameIdFormats, namespaces } from '../xml/names.ts'
import { clockToleranceSeconds, isAfter, isBefore, isoOf, momentOf } from '../xml/time.ts'
import { attributeOf, childrenOf, elementsIn, textIn, type XmlElement } from '../xml/xml.ts'
import { attributesOf } from './attribute-statement.ts'
import { issuerOf, readStrictly } from './response.ts'
import { checkAuthnStatements } from './statement.ts'

/** An assertion is used right after it was made; older ones are refused, so that a replay need not be remembered for long. */
export const maxAgeSeconds = 600
const maxNameIdLength = 256 // SAML core 8.3.7

export interface Expected {
  readonly issuer: string
  readonly entityId: string
  readonly acs: string
  readonly requestId: string
  readonly now: Date
  readonly requiredAuthnContext: readonly string[]
  /** The person had to prove themselves after this moment. */
  readonly authenticatedAfter: Date | undefined
}

export interface NameId {
  readonly value: string
  readonly format: string
  readonly qualifier: string | undefined
  /** Its attributes as the identity provider wrote them, by which it knows it again. */
  readonly written: Readonly<Record<string, string>>
}

export interface VerifiedAssertion {
  readonly id: string
  /** Undefined when the IdP names nobody; a configured attribute has to, then. */
  readonly nameId: NameId | undefined
  /** When it cannot be used any more, tolerance included. */
  readonly usableUntil: Date
  readonly evidence: Evidence
  readonly sessionIndex: string | undefined
  readonly attributes: ReadonlyMap<string, readonly string[]>
}

/** @param decryptionKey opens an EncryptedID and each EncryptedAttribute */
export function validateAssertion(
  assertion: XmlElement,
  expected: Expected,
  record: Recorder,
  decryptionKey: DecryptionKey,
): VerifiedAssertion {
  const check = checkRecorder(record)
  check(
    'version of the assertion',
    attributeOf(assertion, 'Version') === '2.0',
    '2.0',
    attributeOf(assertion, 'Version'),
  )
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

/** What an element of a signed message holds encrypted. */
export function decryptedElement(encrypted: XmlElement, local: string, decryptionKey: DecryptionKey): XmlElement {
  const { text } = decryptElement(encrypted, decryptionKey)
  const { root } = readStrictly(contentOf(text, encrypted))
  if (root.local !== local || root.namespace !== namespaces.assertion)
    return refuse(`content of the ${encrypted.local}`, local, root.local)
  return root
}

export type CheckRecorder = (name: string, ok: boolean, expected: string, got: string | undefined) => void

export function checkRecorder(record: Recorder): CheckRecorder {
  return (name, ok, expected, got) => {
    if (!ok) refuse(name, expected, wordOf(got))
    record.check({ name, ok, expected, got: wordOf(got) })
  }
}

/** @returns when it was made */
export function checkIssueInstant(assertion: XmlElement, { now }: Pick<Expected, 'now'>, check: CheckRecorder): Date {
  const issued = momentOf(attributeOf(assertion, 'IssueInstant'))
  const age = issued === undefined ? Number.NaN : (now.getTime() - issued.getTime()) / 1000
  const ok = age >= -clockToleranceSeconds && age <= maxAgeSeconds + clockToleranceSeconds
  check('IssueInstant', ok, `within ${maxAgeSeconds} seconds before ${now.toISOString()}`, isoOf(issued))
  return issued ?? now
}

function checkConditions(assertion: XmlElement, { entityId, now }: Expected, check: CheckRecorder): void {
  const conditions = one(assertion, 'Conditions')
  checkValidityPeriod('Conditions', conditions, now, check)
  const known = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction']
  for (const { local, namespace } of elementsIn(conditions)) // SAML core 2.5.1.1: what is not understood makes it invalid
    if (namespace !== namespaces.assertion || !known.includes(local)) refuse('Conditions', known.join(', '), local)
  const restrictions = childrenOf(conditions, namespaces.assertion, 'AudienceRestriction')
  if (restrictions.length === 0) check('audience', false, entityId, 'none')
  for (const restriction of restrictions) {
    const audiences = childrenOf(restriction, namespaces.assertion, 'Audience').map(textIn)
    check('audience', audiences.includes(entityId), entityId, audiences.slice(0, 10).map(wordOf).join(', '))
  }
}

export function checkValidityPeriod(name: string, element: XmlElement, now: Date, check: CheckRecorder): void {
  const [from, until] = ['NotBefore', 'NotOnOrAfter'].map((attribute) => filled(attributeOf(element, attribute)))
  if (from !== undefined)
    check(
      `NotBefore of the ${name}`,
      isBefore(momentOf(from), now),
      `not after ${now.toISOString()}`,
      isoOf(momentOf(from)),
    )
  if (until !== undefined)
    check(
      `NotOnOrAfter of the ${name}`,
      isAfter(momentOf(until), now),
      `after ${now.toISOString()}`,
      isoOf(momentOf(until)),
    )
}

/** One bearer confirmation has to hold; of the ones that do not, the first says why. */
function checkSubjectConfirmation(subject: XmlElement, expected: Expected, check: CheckRecorder): Date {
  const confirmations = childrenOf(subject, namespaces.assertion, 'SubjectConfirmation')
  const bearers = confirmations.filter((confirmation) => attributeOf(confirmation, 'Method') === bearer)
  const methods = confirmations.map((confirmation) => attributeOf(confirmation, 'Method')?.split(':').at(-1))
  check('method of the subject confirmation', bearers.length > 0, 'bearer', methods.slice(0, 5).map(wordOf).join(', '))
  const evaluation = bearers.slice(0, 5).map((confirmation) => checksOf(confirmation, expected))
  const holding = evaluation.find(({ checks }) => checks.every(({ ok }) => ok)) ?? evaluation[0]
  for (const { name, ok, expected: expectation = '', got } of holding?.checks ?? []) check(name, ok, expectation, got)
  return holding?.until ?? expected.now
}

function checksOf(
  confirmation: XmlElement,
  { acs, now, requestId }: Expected,
): { readonly checks: readonly Check[]; readonly until: Date | undefined } {
  const found = childrenOf(confirmation, namespaces.assertion, 'SubjectConfirmationData')
  const content = found.length === 1 ? found[0] : undefined
  const [recipient, inResponseTo, notBefore] = ['Recipient', 'InResponseTo', 'NotBefore'].map((name) =>
    filled(attributeOf(content, name)),
  )
  const until = momentOf(attributeOf(content, 'NotOnOrAfter'))
  const check = (name: string, ok: boolean, expectation: string, got: string | undefined): Check => ({
    ...{ name, ok, expected: expectation },
    got: wordOf(got),
  })
  return {
    until,
    checks: [
      check('Recipient', isSameAddress(recipient, acs), acs, recipient),
      check(
        'NotOnOrAfter of the subject confirmation',
        isAfter(until, now),
        `after ${now.toISOString()}`,
        isoOf(until),
      ),
      check(
        'NotBefore of the subject confirmation',
        notBefore === undefined || isBefore(momentOf(notBefore), now),
        `none, or not after ${now.toISOString()}`,
        notBefore,
      ),
      check('InResponseTo', inResponseTo === requestId, theRequest, requestGot(inResponseTo, requestId)),
    ],
  }
}

export const theRequest = 'the request of this login'

/** The id itself is a secret of the login until it is over. */
export function requestGot(got: string | undefined, requestId: string): string {
  if (got === undefined) return 'none: nobody asked for it (IdP-initiated)'
  return got === requestId ? theRequest : 'another request'
}

/** An empty optional attribute says nothing. */
export function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? undefined : trimmed
}

const writtenNames = ['Format', 'NameQualifier', 'SPNameQualifier']

/** The NameID of a subject or of a logout request. */
export function nameIdOf(
  subject: XmlElement,
  { issuer, entityId }: Pick<Expected, 'issuer' | 'entityId'>,
  check: CheckRecorder,
  open?: (encrypted: XmlElement) => XmlElement,
): NameId | undefined {
  const encrypted = open === undefined ? [] : childrenOf(subject, namespaces.assertion, 'EncryptedID')
  const names = [
    ...childrenOf(subject, namespaces.assertion, 'NameID'),
    ...encrypted.flatMap((each) => open?.(each) ?? []),
  ]
  if (names.length === 0) return undefined
  const [nameId] = names
  const value = textIn(nameId)
  const isName =
    names.length === 1 && value !== undefined && value.length <= maxNameIdLength && /^\P{Cc}+$/u.test(value)
  check(
    'NameID',
    isName,
    'one, a text',
    isName ? 'one, a text' : names.length > 1 ? `${names.length}` : 'something else',
  )
  const decryptionKey = filled(attributeOf(nameId, 'SPNameQualifier')) ?? entityId
  check('SPNameQualifier of the NameID', decryptionKey === entityId, entityId, decryptionKey)
  const qualifier = filled(attributeOf(nameId, 'NameQualifier'))
  return {
    value: value ?? '',
    format: filled(attributeOf(nameId, 'Format')) ?? nameIdFormats.unspecified,
    qualifier: qualifier === issuer ? undefined : qualifier,
    written: Object.fromEntries(
      writtenNames.flatMap((name) => {
        const got = attributeOf(nameId, name)
        return got === undefined ? [] : [[name, got]]
      }),
    ),
  }
}

function one(element: XmlElement, local: string): XmlElement {
  const found = childrenOf(element, namespaces.assertion, local)
  const [first] = found
  if (first === undefined || found.length > 1)
    return refuse(`${local} of the ${element.local}`, 'one', `${found.length}`)
  return first
}
