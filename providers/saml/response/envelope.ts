/** Checks of the response around the assertion, signed or not: status, issuer, Destination. */
import { GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { refuse, wordOf } from '../failure.ts'
import { namespaces, statusPrefix } from '../xml/names.ts'
import { attributeOf, childrenOf, elementsIn, textIn, type XmlElement } from '../xml/xml.ts'
import { checkRecorder, type Expected, filled, isSameUrl, requestGot, theRequest } from './checks.ts'
import { issuerOf, type ReceivedResponse } from './response.ts'

/** Throws `user_denied` or `sign_in_refused` for error statuses, else `callback_invalid`. */
export function checkResponse(
  { response, responseSignature, assertion, encryptedAssertion }: ReceivedResponse,
  { issuer: idp, acs, requestId }: Pick<Expected, 'issuer' | 'acs' | 'requestId'>,
  record: Recorder,
): void {
  const check = checkRecorder(record)
  const status = statusOf(response)
  const hasAssertion = assertion !== undefined || encryptedAssertion !== undefined
  if (status.code !== 'Success' && !hasAssertion) throw refusalBy(status)
  check('status', status.code === 'Success', 'Success', statusText(status))
  check('version of the response', attributeOf(response, 'Version') === '2.0', '2.0', attributeOf(response, 'Version'))
  check('assertion', hasAssertion, 'one', hasAssertion ? 'one' : 'none')
  const issuer = issuerOf(response)
  const isGiven = elementsIn(response).some((element) => element.local === 'Issuer' && element.children.length > 0)
  if (isGiven) check('issuer of the response', issuer === idp, idp, issuer)
  // SAML bindings 3.5.5.2 requires it on signed messages. Some that sign only the assertion omit it
  // (elasticsearch#31175, crewjam/saml#213); the signed Recipient then states the same
  const destination = filled(attributeOf(response, 'Destination'))
  if (destination !== undefined || responseSignature !== undefined)
    check('Destination', isSameUrl(destination, acs), acs, destination)
  const inResponseTo = filled(attributeOf(response, 'InResponseTo'))
  if (inResponseTo !== undefined)
    check('InResponseTo of the response', inResponseTo === requestId, theRequest, requestGot(inResponseTo, requestId))
}

interface Status {
  readonly code: string
  readonly detail: string | undefined
  /** The IdP's message; unverified, so only for the trace. */
  readonly message: string | undefined
}

/** Status codes without their prefix, such as `Responder` and `AuthnFailed`. */
function statusOf(response: XmlElement): Status {
  const [status] = childrenOf(response, namespaces.protocol, 'Status')
  const codes = status === undefined ? [] : childrenOf(status, namespaces.protocol, 'StatusCode')
  const [code] = codes
  if (code === undefined || codes.length > 1)
    return refuse('status', 'Success', codes.length === 0 ? 'none' : 'several')
  const [detail] = childrenOf(code, namespaces.protocol, 'StatusCode')
  const [message] = status === undefined ? [] : childrenOf(status, namespaces.protocol, 'StatusMessage')
  return { code: codeIn(code) ?? 'none', detail: detail && codeIn(detail), message: textIn(message) }
}

function codeIn(code: XmlElement): string | undefined {
  const value = attributeOf(code, 'Value')?.trim()
  if (value === undefined) return undefined
  const word = value.startsWith(statusPrefix) ? value.slice(statusPrefix.length) : ''
  return /^[A-Za-z]{1,40}$/.test(word) ? word : 'another'
}

/** Text of a SAML status for the trace. */
function statusText({ code, detail, message }: Status): string {
  const codes = detail === undefined ? code : `${code}, ${detail}`
  return message === undefined ? codes : `${codes}: ${wordOf(message.slice(0, 200))}`
}

const askAdmin = 'Tell your administrator the reference below.'

/** Texts by second-level status code. Default: the text of our error code. */
const texts: Readonly<Record<string, string>> = {
  AuthnFailed: 'The identity provider did not sign you in: you canceled, or it could not verify you. Try again.',
  RequestDenied: `The identity provider refused the request. You may not have access to this app there. ${askAdmin}`,
  UnknownPrincipal: `The identity provider does not know you. ${askAdmin}`,
  NoPassive: 'The identity provider must ask you something first. Sign in there, then try again.',
  NoAuthnContext: `The identity provider cannot sign you in by the method that is required here. ${askAdmin}`,
  InvalidNameIDPolicy: `The identity provider cannot give the kind of name that is asked for (nameIdFormat). ${askAdmin}`,
  NoAvailableIDP: `The identity provider knows none that could sign you in. ${askAdmin}`,
  NoSupportedIDP: `The identity provider knows none that could sign you in. ${askAdmin}`,
}

/** These concern the user or their access; others are faults between the IdP and us. */
const userDenialStatuses = ['AuthnFailed', 'RequestDenied', 'UnknownPrincipal']

function refusalBy(status: Status): GatehouseError {
  const { detail = '' } = status
  const code = userDenialStatuses.includes(detail) ? 'user_denied' : 'sign_in_refused'
  const said = statusText(status)
  return new GatehouseError(code, `the identity provider answered ${said}`, {
    check: { name: 'status', ok: false, expected: 'Success', got: said },
    ...(Object.hasOwn(texts, detail) && { text: texts[detail] }),
  })
}
