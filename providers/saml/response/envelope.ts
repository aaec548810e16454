/** Checks status, issuer and Destination of the response, signed or not. */
import type { Recorder } from '../../../src/provider/provider.ts'
import { isSameUrl } from '../same-url.ts'
import { attributeOf, elementsIn } from '../xml/xml.ts'
import { checkRecorder, filled, requestGot, theRequest } from './checks.ts'
import { issuerOf, type ReceivedResponse } from './response.ts'
import { refusalBy, statusOf, statusText } from './status.ts'

export interface ResponseExpectations {
  readonly issuer: string
  readonly acs: string
  readonly requestId: string
}

/** Throws `user_denied` or `sign_in_refused` for error statuses, else `callback_invalid`. */
export function checkResponse(
  { response, responseSignature, assertion, encryptedAssertion }: ReceivedResponse,
  { issuer: idp, acs, requestId }: ResponseExpectations,
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
