/** Single logout of the emulated identity provider, in both directions. */
import { randomBytes } from 'node:crypto'
import { messagePage } from '../../oidc/emulator/pages.ts'
import { type LogoutRequestFacts, logoutRequestXml, logoutResponseXml } from '../logout/logout-request.ts'
import { readRedirect, signedRedirect } from '../logout/redirect-binding.ts'
import { trustedKey } from '../signature/certificates.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, readXml, textIn, type XmlElement } from '../xml/xml.ts'
import type { CertifiedKey } from './certificate.ts'
import { type Faults, nowAt } from './faults.ts'
import type { SamlService, SamlSession } from './participants.ts'
import { signed } from './signature.ts'

export interface EmulatedLogout {
  /** Newest first. */
  readonly sessions: readonly SamlSession[]
  /** NameIDs of our requests, and statuses of our answers to its requests; newest first. */
  readonly signedOut: readonly string[]
  readonly answers: readonly string[]
  opened(session: SamlSession): void
  /** Its request by HTTP-Redirect; undefined if the service has no logout URL. */
  requestAddress(session: SamlSession, changes?: Partial<LogoutRequestFacts>): URL | undefined
  /** Its request by HTTP-POST. */
  requestForm(session: SamlSession, changes?: Partial<LogoutRequestFacts>): Readonly<Record<string, string>>
  /** Handles a message by HTTP-Redirect: the next redirect, or a page. */
  take(query: string): URL | { readonly status: number; readonly html: string }
}

const sessionsKept = 50
const limits = { depth: 20, elements: 200, attributes: 400 }
const newId = () => `_${randomBytes(16).toString('hex')}`

export function newEmulatedLogout(idp: {
  readonly entityId: string
  readonly url: string
  readonly faults: Faults
  readonly services: readonly SamlService[]
  readonly signer: () => CertifiedKey
}): EmulatedLogout {
  const { entityId, faults, services } = idp
  const sessions: SamlSession[] = []
  const signedOut: string[] = []
  const answers: string[] = []

  function requestXml({ index, nameId, format, service }: SamlSession, changes: Partial<LogoutRequestFacts> = {}) {
    const issuedAt = nowAt(faults)
    const notOnOrAfter = new Date(issuedAt.getTime() + 300_000)
    return logoutRequestXml({
      ...{ id: newId(), issuer: entityId, destination: service.slo ?? '', issuedAt, notOnOrAfter },
      ...{ nameId, written: { Format: format }, sessionIndex: index },
      ...changes,
    })
  }

  function answerTo(request: XmlElement, service: SamlService, relayState: string | undefined) {
    const nameId = textIn(childrenOf(request, namespaces.assertion, 'NameID')[0])
    const indexes = childrenOf(request, namespaces.protocol, 'SessionIndex').map(textIn)
    const ended = sessions.filter((session) => session.nameId === nameId && indexes.includes(session.index))
    for (const session of ended) sessions.splice(sessions.indexOf(session), 1)
    signedOut.unshift(nameId ?? '')
    const { slo } = service
    if (slo === undefined) return done('You are signed out here.')
    const denied = faults.has('denies') || ended.length === 0
    const xml = logoutResponseXml({
      ...{ id: newId(), issuer: entityId, destination: slo, issuedAt: nowAt(faults) },
      ...{
        inResponseTo: attributeOf(request, 'ID') ?? '',
        status: denied ? ['Responder', 'RequestDenied'] : ['Success'],
      },
    })
    return signedRedirect(slo, 'SAMLResponse', { xml, relayState, privateKey: idp.signer().privateKey })
  }

  function take(query: string) {
    const name = new URLSearchParams(query).has('SAMLRequest') ? 'SAMLRequest' : 'SAMLResponse'
    try {
      const message = readRedirect(query, name)
      const { root } = readXml(message.inflate(), limits)
      const issuer = textIn(childrenOf(root, namespaces.assertion, 'Issuer')[0])
      const service = services.find(({ entityId: known }) => known === issuer)
      const key = service?.certificate === undefined ? undefined : trustedKey(service.certificate)
      if (service === undefined || key === undefined) return refused('It is of a service whose key is not known here.')
      message.verify([key])
      if (attributeOf(root, 'Destination') !== `${idp.url}/slo`) return refused('It is for another identity provider.')
      if (name === 'SAMLRequest') return answerTo(root, service, message.relayState)
      const [status] = childrenOf(root, namespaces.protocol, 'Status').flatMap((parent) =>
        childrenOf(parent, namespaces.protocol, 'StatusCode'),
      )
      const word = attributeOf(status, 'Value')?.split(':').at(-1) ?? 'nothing'
      answers.unshift(word)
      return done(`The service answered ${word}.`)
    } catch {
      return refused('It cannot be read, or the service did not sign it.')
    }
  }

  return {
    ...{ sessions, signedOut, answers, take },
    opened(session) {
      sessions.unshift(session)
      sessions.length = Math.min(sessions.length, sessionsKept)
    },
    requestAddress(session, changes) {
      const { slo } = session.service
      const { privateKey } = idp.signer()
      const xml = () => requestXml(session, changes)
      return slo === undefined
        ? undefined
        : signedRedirect(slo, 'SAMLRequest', { xml: xml(), relayState: 'idp', privateKey })
    },
    requestForm(session, changes) {
      const xml = signed(requestXml(session, changes), 'LogoutRequest', idp.signer())
      return { SAMLRequest: Buffer.from(xml).toString('base64'), RelayState: 'idp' }
    },
  }
}

const done = (sentence: string) => ({ status: 200, html: messagePage('Signed out', sentence) })
const refused = (why: string) => ({ status: 400, html: messagePage('That logout message is refused', why) })
