/** Single logout of the emulated identity provider, in both directions. */
import { randomBytes } from 'node:crypto'
import { type Call, redirect, sendPage } from '../../emulator/http.ts'
import { escaped, messagePage, returnPage } from '../../emulator/pages.ts'
import { type LogoutRequestFacts, logoutRequestXml, logoutResponseXml } from '../logout/logout-request.ts'
import { signedRedirect } from '../logout/redirect-binding.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, textIn, type XmlElement } from '../xml/xml.ts'
import type { CertifiedKey } from './certificate.ts'
import { nowAt, type SamlFaults } from './faults.ts'
import type { SamlService, SamlSession } from './participants.ts'
import { type ReceivedMessage, readMessage } from './received.ts'
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
  /** Routes that take messages, and that end a session. */
  readonly routes: Readonly<Record<'/slo' | '/end/', (call: Call) => Promise<void> | void>>
}

const sessionsKept = 50
const newId = () => `_${randomBytes(16).toString('hex')}`

export function newEmulatedLogout(idp: {
  readonly entityId: string
  readonly faults: SamlFaults
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
      id: newId(),
      issuer: entityId,
      destination: service.slo ?? '',
      issuedAt,
      notOnOrAfter,
      nameId,
      written: { Format: format },
      sessionIndex: index,
      ...changes,
    })
  }

  /** Ends the named sessions; returns our signed answer if the service takes one. */
  function answerTo({ root, id, service, relayState }: ReceivedMessage): URL | undefined {
    const nameId = textIn(childrenOf(root, namespaces.assertion, 'NameID')[0])
    const indexes = childrenOf(root, namespaces.protocol, 'SessionIndex').map(textIn)
    const ended = sessions.filter((session) => session.nameId === nameId && indexes.includes(session.index))
    for (const session of ended) sessions.splice(sessions.indexOf(session), 1)
    signedOut.unshift(nameId ?? '')
    if (service.slo === undefined) return undefined
    const status = faults.has('denies') || ended.length === 0 ? ['Responder', 'RequestDenied'] : ['Success']
    const about = { id: newId(), issuer: entityId, destination: service.slo, issuedAt: nowAt(faults) }
    const xml = logoutResponseXml({ ...about, inResponseTo: id, status })
    return signedRedirect(service.slo, 'SAMLResponse', { xml, relayState, privateKey: idp.signer().privateKey })
  }

  async function singleLogout(call: Call): Promise<void> {
    const { response } = call
    const message = await readMessage(call, services)
    if (typeof message === 'string' || message.service.certificate === undefined) {
      const why = typeof message === 'string' ? message : 'It is of a service whose key is not known here.'
      return sendPage(response, messagePage('That logout message is refused', why), 400)
    }
    if (message.name === 'SAMLResponse') {
      answers.unshift(statusIn(message.root))
      return sendPage(response, messagePage('Signed out', `The service answered ${answers[0]}.`))
    }
    const next = answerTo(message)
    if (next === undefined) return sendPage(response, messagePage('Signed out', 'You are signed out here.'))
    redirect(response, next.href, 303)
  }

  function requestAddress(session: SamlSession, changes?: Partial<LogoutRequestFacts>): URL | undefined {
    const { slo } = session.service
    if (slo === undefined) return undefined
    const { privateKey } = idp.signer()
    return signedRedirect(slo, 'SAMLRequest', { xml: requestXml(session, changes), relayState: 'idp', privateKey })
  }

  /** Starts a single logout. */
  function endSession({ response, url }: Call): void {
    const index = decodeURIComponent(url.pathname.slice('/end/'.length))
    const session = sessions.find((candidate) => candidate.index === index)
    const address = session && requestAddress(session)
    if (session?.service.slo === undefined || address === undefined)
      return sendPage(response, messagePage('No such session', 'It has ended, or its service has no logout URL.'), 404)
    if (url.searchParams.get('by') !== 'post') return redirect(response, address.href, 303)
    const xml = signed(requestXml(session), 'LogoutRequest', idp.signer())
    const fields = { SAMLRequest: Buffer.from(xml).toString('base64'), RelayState: 'idp' }
    sendPage(response, returnPage(session.service.slo, fields))
  }

  return {
    sessions,
    signedOut,
    answers,
    requestAddress,
    routes: { '/slo': singleLogout, '/end/': endSession },
    opened(session) {
      sessions.unshift(session)
      sessions.length = Math.min(sessions.length, sessionsKept)
    },
  }
}

function statusIn(root: XmlElement): string {
  const [status] = childrenOf(root, namespaces.protocol, 'Status')
  const code = status && childrenOf(status, namespaces.protocol, 'StatusCode')[0]
  return attributeOf(code, 'Value')?.split(':').at(-1) ?? 'nothing'
}

/** Links that end a session by single logout. */
export function sessionList(sessions: readonly SamlSession[]): string {
  const entries = sessions.flatMap(({ index, nameId, service }) => {
    const link = (by: string) => `<a href="/end/${encodeURIComponent(index)}?by=${by}">${by}</a>`
    return service.slo === undefined
      ? []
      : [`<li>${escaped(nameId)} at ${escaped(service.entityId)}: end it by ${link('redirect')}, ${link('post')}</li>`]
  })
  return `<h2>Sessions</h2><ul>${entries.join('') || '<li>none that can be ended from here</li>'}</ul>`
}
