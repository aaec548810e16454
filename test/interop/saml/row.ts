/** An unusual SAML message and the expected result, from public bug reports. */
import type { CertifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import {
  assertionXml,
  defaultFacts,
  encrypted,
  idpMetadata,
  type ResponseFacts,
  responseXml,
} from '../../../providers/saml/emulator/response.ts'
import { type SigningOptions, signed } from '../../../providers/saml/emulator/signature.ts'
import type { ErrorCode } from '../../../src/errors.ts'

export interface SamlKeys {
  readonly idp: CertifiedKey
  readonly next: CertifiedKey
  readonly ours: CertifiedKey
}

/** One login at the identity provider: the honest facts of its answer, and the keys. */
export interface SamlLogin extends SamlKeys {
  readonly facts: ResponseFacts
}

type Members = Readonly<Record<string, unknown>>

export interface SamlRow {
  /** Of the finding it belongs to. */
  readonly id: string
  readonly name: string
  /** Who sends it, or who reported it. */
  readonly source: string
  /** The bytes its metadata address answers. Default: plain metadata. */
  readonly metadata?: (entity: string, keys: SamlKeys) => string | Uint8Array
  /** More lines of the connection. */
  readonly connection?: Members
  /** The message, or the whole form. Default: a signed assertion. */
  readonly answers?: (login: SamlLogin) => string | Uint8Array | Readonly<Record<string, string>>
  /** The profile and the session's maximum lifetime, or the error code and the trace text. */
  readonly expected?:
    | { readonly profile?: Members; readonly identity?: string; readonly seconds?: number }
    | { readonly refused: ErrorCode; readonly says: RegExp; readonly page?: RegExp }
}

export const idp = 'https://idp.interop.test/saml'

export const entityOf = ({ certificate }: CertifiedKey): string =>
  idpMetadata({ entityId: idp, address: `${idp}/sso`, certificates: [certificate] })

export function factsOf(request: string, acs: string, entityId: string): ResponseFacts {
  return defaultFacts(new Date(), {
    issuer: idp,
    destination: acs,
    recipient: acs,
    audiences: [[entityId]],
    inResponseTo: request,
    nameId: 'ada-1',
    attributes: { email: ['ada@corp.test'], displayName: ['Ada'] },
  })
}

/** A response whose assertion is signed, after a change of its text. */
export const signedAssertion =
  (change: (assertion: string, login: SamlLogin) => string = (xml) => xml, options: SigningOptions = {}) =>
  (login: SamlLogin): string =>
    responseXml(login.facts, signed(change(assertionXml(login.facts), login), 'Assertion', login.idp, options))

/** Other facts in a response whose assertion is signed. */
export const withFacts =
  (changes: (facts: ResponseFacts) => Partial<ResponseFacts>) =>
  (login: SamlLogin): string =>
    signedAssertion()({ ...login, facts: { ...login.facts, ...changes(login.facts) } })

/** The response signed, its assertion changed as text and not signed itself. */
export const signedResponse =
  (change: (response: string, login: SamlLogin) => string = (xml) => xml) =>
  (login: SamlLogin): string =>
    signed(change(responseXml(login.facts, assertionXml(login.facts)), login), 'Response', login.idp)

export const encryptedXml = (xml: string, { ours }: SamlLogin, options: Parameters<typeof encrypted>[2] = {}): string =>
  encrypted(xml, ours.publicKey, options)

/** The attribute statement with one attribute more. */
export const withAttribute = (attribute: string) => (assertion: string) =>
  assertion.replace('</saml:AttributeStatement>', () => `${attribute}</saml:AttributeStatement>`)

export const status =
  (codes: readonly string[], message = '') =>
  ({ facts }: SamlLogin) =>
    responseXml({ ...facts, status: codes }, '').replace(
      '</samlp:Status>',
      () => `${message === '' ? '' : `<samlp:StatusMessage>${message}</samlp:StatusMessage>`}</samlp:Status>`,
    )

export const answerRow = (
  id: string,
  name: string,
  source: string,
  answers: NonNullable<SamlRow['answers']>,
  expected: SamlRow['expected'] = {},
  connection: Members = {},
): SamlRow => ({ id, name, source, answers, expected, connection })

export const callbackInvalid = (says: RegExp): SamlRow['expected'] => ({ refused: 'callback_invalid', says })
