/**
 * Single logout by the identity provider (SAML profiles 4.4). Anyone can bring a request through a
 * browser, so it needs a pinned key's signature, our URL, a recent time, and first use (SA-89).
 */
import { createHash } from 'node:crypto'
import { GatehouseError } from '../../../src/errors.ts'
import type { LogoutInstruction, LogoutMessage, LogoutMessageId, Recorder } from '../../../src/provider/provider.ts'
import { malformedError, refuse } from '../failure.ts'
import type { IdentityProvider } from '../metadata/idp-metadata.ts'
import { decryptedElement } from '../response/assertion.ts'
import { checkIssueInstant, checkRecorder, checkValidityPeriod, isSameUrl, maxAgeSeconds } from '../response/checks.ts'
import { type NameId, nameIdOf } from '../response/name-id.ts'
import { checkIds, decoded, issuerOf, readStrictly } from '../response/response.ts'
import { signatureIn, type TrustedKey, verifySignature } from '../signature/signature.ts'
import { type Upstream, verifiedByAnyKey } from '../upstream.ts'
import { namespaces } from '../xml/names.ts'
import { clockToleranceSeconds } from '../xml/time.ts'
import { attributeOf, childrenOf, elementsIn, textIn, type XmlDocument, type XmlElement } from '../xml/xml.ts'
import { logoutAnswer } from './logout-request.ts'
import { readRedirect } from './redirect-binding.ts'

const maxRelayStateLength = 1024
const maxSessions = 50

/** Identifies a user by NameID and qualifier. */
export function nameOf({ value, qualifier }: NameId): string {
  return qualifier === undefined ? value : `${qualifier}!${value}`
}

/** Binds the session index to its user, so a request cannot name another user's session. */
export function sidOf(nameId: NameId, sessionIndex: string): string {
  const person = createHash('sha256').update(nameOf(nameId)).digest('base64url').slice(0, 22)
  return `${person}.${sessionIndex}`
}

export async function validateLogoutMessage(
  upstream: Upstream,
  notice: LogoutMessage,
): Promise<LogoutInstruction | undefined> {
  if (notice.endpoint !== 'logout')
    throw new GatehouseError('not_found', `SAML connections have no endpoint ${notice.endpoint}`)
  try {
    return await validateRequest(upstream, notice)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'callback_malformed') throw error
    const { check, message, cause } = error
    throw new GatehouseError('request_invalid', message, { cause, ...(check !== undefined && { check }) })
  }
}

async function validateRequest(upstream: Upstream, notice: LogoutMessage): Promise<LogoutInstruction | undefined> {
  const { parameters, record } = notice
  const [asks, answers] = [parameters.has('SAMLRequest'), parameters.has('SAMLResponse')]
  if (asks && answers) throw malformedError('SAMLRequest', 'a request or a response', 'both')
  if (!asks && !answers) throw malformedError('SAMLRequest', 'one', 'none')
  if (answers) return undefined // a response to our request: our session has already ended
  const received = receive(notice)
  const known = await record.step('identity provider', () => upstream.idp.get())
  const verify = (idp: IdentityProvider) => ({ request: received.verifiedBy(idp.keys), idp })
  const { request, idp } = await record.step('signature', () => verifiedByAnyKey(upstream, known, verify))
  const { id, issued } = checkLogoutRequest(request, upstream, idp, record)
  const order = logoutInstructionIn(request, upstream, idp, record)
  const answer = logoutAnswer(upstream, idp, { id, relayState: received.relayState })
  const message = messageIdOf(id, issued, upstream, idp)
  return { message, issuer: idp.entityId, ...order, ...(answer !== undefined && { answer }) }
}

interface Received {
  readonly relayState: string | undefined
  /** The request, if one of the keys signed it. */
  verifiedBy(keys: readonly TrustedKey[]): XmlElement
}

function receive({ parameters, query }: LogoutMessage): Received {
  const received = query === undefined ? byPost(parameters) : byRedirect(query)
  if ((received.relayState?.length ?? 0) > maxRelayStateLength)
    throw malformedError('RelayState', `at most ${maxRelayStateLength} characters`, 'more')
  return received
}

function byRedirect(query: string): Received {
  const message = readRedirect(query, 'SAMLRequest')
  return {
    relayState: message.relayState,
    verifiedBy(keys) {
      message.verify(keys)
      const document = requestOf(message.inflate())
      // SAML bindings 3.4.4.1: the signature is only in the query
      if (signatureIn(document.root) !== undefined) refuse('signature of the LogoutRequest', 'none', 'one')
      return document.root
    },
  }
}

function byPost(parameters: URLSearchParams): Received {
  for (const name of ['SAMLRequest', 'RelayState'])
    if (parameters.getAll(name).length > 1) throw malformedError(name, 'once', 'several times')
  const { root } = requestOf(decoded(parameters.get('SAMLRequest') ?? '', 'SAMLRequest'))
  const signature = signatureIn(root)
  return {
    relayState: parameters.get('RelayState') ?? undefined,
    verifiedBy(keys) {
      if (signature === undefined) return refuse('signature of the LogoutRequest', 'one', 'none')
      verifySignature(signature, keys)
      return root
    },
  }
}

const partsOfRequest = ['Issuer', 'Signature', 'Extensions', 'NameID', 'EncryptedID', 'SessionIndex']

function requestOf(text: string): XmlDocument {
  const document = readStrictly(text)
  const { root, elements } = document
  if (root.local !== 'LogoutRequest' || root.namespace !== namespaces.protocol)
    refuse('message', 'a SAML 2.0 LogoutRequest', root.local)
  for (const { local } of elementsIn(root))
    if (!partsOfRequest.includes(local)) refuse('parts of the LogoutRequest', partsOfRequest.join(', '), local)
  for (const { local, parent } of elements)
    if ((local === 'Signature' && parent !== root) || local === 'Object')
      refuse(`place of ${local}`, 'its own', `inside ${parent?.local ?? 'nothing'}`)
  checkIds(document, [root])
  return document
}

function checkLogoutRequest(
  request: XmlElement,
  { slo, context }: Upstream,
  { entityId }: IdentityProvider,
  record: Recorder,
) {
  const check = checkRecorder(record)
  const now = context.now()
  const version = attributeOf(request, 'Version')
  check('version of the request', version === '2.0', '2.0', version)
  check('issuer of the request', issuerOf(request) === entityId, entityId, issuerOf(request))
  const destination = attributeOf(request, 'Destination')
  check('Destination', isSameUrl(destination, slo), slo, destination)
  const issued = checkIssueInstant(request, { now }, check)
  checkValidityPeriod('LogoutRequest', request, now, check)
  return { id: attributeOf(request, 'ID') ?? '', issued }
}

/** Several sessions of a user mean all: an instruction has one, and ending more is safe. */
function logoutInstructionIn(
  request: XmlElement,
  { config, entityId, decryptionKey }: Upstream,
  { entityId: issuer }: IdentityProvider,
  record: Recorder,
): Pick<LogoutInstruction, 'sid' | 'subject'> {
  const opened = (encrypted: XmlElement) => decryptedElement(encrypted, 'NameID', decryptionKey)
  const nameId = nameIdOf(request, { issuer, entityId }, checkRecorder(record), opened)
  if (nameId === undefined) return refuse('NameID', 'one', 'none')
  const sessions = childrenOf(request, namespaces.protocol, 'SessionIndex').map(textIn)
  if (sessions.length > maxSessions || sessions.includes(undefined))
    return refuse('SessionIndex', `at most ${maxSessions} texts`, 'others')
  const [session] = sessions
  if (config.subjectAttribute !== undefined && sessions.length !== 1)
    refuse('SessionIndex', 'one, since an attribute identifies the users here', `${sessions.length}`)
  return {
    ...(config.subjectAttribute === undefined && { subject: nameOf(nameId) }),
    ...(session !== undefined && sessions.length === 1 && { sid: sidOf(nameId, session) }),
  }
}

/** Remembered until its IssueInstant is too old. */
function messageIdOf(id: string, issued: Date, { context }: Upstream, { entityId }: IdentityProvider): LogoutMessageId {
  const usableMs = issued.getTime() + (maxAgeSeconds + clockToleranceSeconds) * 1000 - context.now().getTime()
  const hash = createHash('sha256').update(`${entityId} ${id}`).digest('base64url')
  return { id: hash, seconds: Math.max(Math.ceil(usableMs / 1000) + 1, 1) }
}
