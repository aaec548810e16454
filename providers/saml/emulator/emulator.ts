/**
 * An emulated SAML identity provider on a real port, for tests and the quickstart: requests by
 * HTTP-Redirect or HTTP-POST, answers by HTTP-POST. Faults are set by `fault` or on the page at
 * `/`.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { escaped, messagePage, returnPage } from '../../oidc/emulator/pages.ts'
import {
  formOf,
  type ListenOptions,
  listen,
  logRequest,
  redirect,
  sendPage,
  switchFaults,
} from '../../oidc/emulator/server.ts'
import { type ReceivedRequest, readAuthnRequest } from './authn-request.ts'
import { type CertifiedKey, certifiedKey } from './certificate.ts'
import { type FaultName, type FaultValue, faultyFacts, newFaults, nowAt } from './faults.ts'
import { type EmulatedLogout, newEmulatedLogout } from './logout.ts'
import { controlPage, signInPage } from './pages.ts'
import type { SamlPerson, SamlService } from './participants.ts'
import { defaultFacts, idpMetadata, responseXml } from './response.ts'
import { responseMessage } from './response-message.ts'
import { signed } from './signature.ts'

export interface SamlEmulatorOptions extends ListenOptions {
  /** Name on its pages. Default 'identity provider'. */
  readonly name?: string
  readonly services: readonly SamlService[]
  readonly people: readonly SamlPerson[]
  /** The first signing key. Default: generated. */
  readonly key?: CertifiedKey
}

export interface SamlEmulator {
  readonly entityId: string
  /** URL of its page. */
  readonly url: string
  readonly metadataUrl: string
  readonly people: readonly SamlPerson[]
  /** The current signing key, and an untrusted one. */
  readonly key: CertifiedKey
  readonly untrustedKey: CertifiedKey
  readonly logout: EmulatedLogout
  readonly counters: Readonly<Record<'requests' | 'metadata', number>>
  fault(name: FaultName, value?: FaultValue): void
  /** Ends all faults and clears the counters. */
  reset(): void
  /** Publishes both certificates, signed by the old key unless `silent`. */
  rotateKey(options?: { readonly silent?: boolean }): Promise<void>
  close(): Promise<void>
}

export async function startSamlEmulator(options: SamlEmulatorOptions): Promise<SamlEmulator> {
  const { name = 'identity provider', people, services } = options
  const [first, untrustedKey] = await Promise.all([options.key ?? certifiedKey(name), certifiedKey('stranger')])
  const { server, url, close } = await listen(options)
  const entityId = `${url}/metadata`
  const faults = newFaults()
  const pending = new Map<string, ReceivedRequest>()
  const requests: string[] = []
  const counters = { requests: 0, metadata: 0 }
  let key = first
  let published: { readonly certificates: readonly string[]; readonly signer: CertifiedKey | undefined } = {
    certificates: [first.certificate],
    signer: first,
  }

  const signer = () => (faults.has('foreignKey') ? untrustedKey : key)
  const logout = newEmulatedLogout({ entityId, url, faults, services, signer })

  function metadata(): string {
    const entity = faults.has('otherEntity') ? 'https://other.idp.example' : entityId
    const { certificates } = published
    const addresses = { address: `${url}/sso`, logoutAddress: `${url}/slo` }
    const xml = idpMetadata({ entityId: entity, ...addresses, certificates })
    return published.signer === undefined ? xml : signed(xml, 'EntityDescriptor', published.signer)
  }

  function answerFor(request: ReceivedRequest, person: SamlPerson | undefined): string {
    const now = nowAt(faults)
    const { acs, entityId: audience } = request.service
    const facts = defaultFacts(now, { issuer: entityId, destination: acs, inResponseTo: request.id })
    if (person === undefined || faults.has('denies'))
      return responseXml({ ...facts, status: ['Responder', 'AuthnFailed'] }, '')
    const about = { recipient: acs, audiences: [[audience]], nameId: escaped(person.nameId) }
    const attributes = Object.fromEntries(
      Object.entries(person.attributes).map(([key, values]) => [key, values.map(escaped)]),
    )
    const stated = faultyFacts({ ...facts, ...about, attributes }, faults)
    const { assertionId, nameIdFormat: format } = stated
    logout.opened({ index: `${assertionId}-session`, nameId: person.nameId, format, service: request.service })
    return responseMessage(stated, request.service, faults, signer())
  }

  function singleLogout(response: ServerResponse, asked: URL): void {
    const next = logout.take(asked.search.slice(1))
    if (next instanceof URL) redirect(response, next.href, 303)
    else sendPage(response, next.html, next.status)
  }

  /** Starts a single logout. */
  function endSession(response: ServerResponse, asked: URL): void {
    const index = decodeURIComponent(asked.pathname.slice('/end/'.length))
    const session = logout.sessions.find((candidate) => candidate.index === index)
    const address = session && logout.requestAddress(session)
    if (session?.service.slo === undefined || address === undefined)
      return sendPage(response, messagePage('No such session', 'It has ended, or its service has no logout URL.'), 404)
    if (asked.searchParams.get('by') === 'post')
      return sendPage(response, returnPage(session.service.slo, logout.requestForm(session)))
    redirect(response, address.href, 303)
  }

  async function singleSignOn(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<void> {
    const binding = request.method === 'POST' ? 'post' : 'redirect'
    const parameters = binding === 'post' ? await formOf(request) : asked.searchParams
    let found: ReceivedRequest | string
    try {
      found = readAuthnRequest({ binding, parameters, rawQuery: asked.search.slice(1) }, services, url)
    } catch {
      found = 'The request cannot be read.'
    }
    if (typeof found === 'string') return sendPage(response, messagePage('Request refused', found), 400)
    const ticket = randomUUID()
    pending.set(ticket, found)
    sendPage(response, signInPage({ people, service: found.service.entityId, path: `/signin/${ticket}`, name }))
  }

  function signIn(response: ServerResponse, asked: URL): void {
    const request = pending.get(asked.pathname.split('/').at(-1) ?? '')
    const person = people.find(({ nameId }) => nameId === asked.searchParams.get('as'))
    if (request === undefined || (person === undefined && !asked.searchParams.has('cancel')))
      return sendPage(response, messagePage('This sign-in has expired', 'Go back to the app and start again.'), 400)
    const SAMLResponse = Buffer.from(answerFor(request, person)).toString('base64')
    const fields = { SAMLResponse, ...(request.relayState !== null && { RelayState: request.relayState }) }
    sendPage(response, returnPage(request.service.acs, fields))
  }

  async function rotateKey({ silent = false } = {}): Promise<void> {
    const next = await certifiedKey(name)
    published = { certificates: [key.certificate, next.certificate], signer: silent ? undefined : key }
    key = next
  }

  server.on('request', (request, response) => {
    const asked = new URL(request.url ?? '/', url)
    request.on('error', () => undefined)
    if (asked.pathname === '/faults' && request.method === 'POST')
      return void switchFaults(request, response, { faults, rotateKey })
    if (asked.pathname !== '/') return void answer(request, response, asked)
    const { sessions } = logout
    sendPage(response, controlPage({ name, entityId, people, active: faults.names(), requests, sessions }))
  })

  async function answer(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<void> {
    counters.requests += 1
    if (asked.pathname === '/metadata') counters.metadata += 1
    logRequest(requests, request, response, asked.pathname)
    const slow = faults.value('slow')
    if (slow !== undefined) await wait(typeof slow === 'number' ? slow : 3000)
    if (faults.has('hang')) return
    if (faults.has('down')) return void response.destroy()
    if (faults.has('status500')) return sendPage(response, messagePage('Error', 'Something went wrong.'), 500)
    if (asked.pathname === '/metadata' && !faults.has('html'))
      return void response.writeHead(200, { 'content-type': 'application/samlmetadata+xml' }).end(metadata())
    if (asked.pathname === '/metadata') return sendPage(response, messagePage('Home', 'This is not metadata.'))
    if (asked.pathname === '/sso') return singleSignOn(request, response, asked)
    if (asked.pathname === '/slo') return singleLogout(response, asked)
    if (asked.pathname.startsWith('/end/')) return endSession(response, asked)
    if (asked.pathname.startsWith('/signin/')) return signIn(response, asked)
    sendPage(response, messagePage('Page not found', 'The emulator’s page is at /.'), 404)
  }

  return {
    ...{ entityId, url, people, counters, untrustedKey, logout, metadataUrl: `${url}/metadata` },
    get key() {
      return key
    },
    fault: (fault, value) => faults.set(fault, value),
    reset() {
      faults.reset()
      Object.assign(counters, { requests: 0, metadata: 0 })
    },
    rotateKey,
    close,
  }
}
