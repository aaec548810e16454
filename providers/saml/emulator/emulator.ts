/**
 * A SAML identity provider on a real port, for tests and for the quickstart: HTTP-Redirect and HTTP-POST in, HTTP-POST out, people who
 * sign in by one click, a key and certificate made at start, and faults that can be switched by `fault` or on its page at `/`.
 */
import { randomUUID, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { inflateRawSync } from 'node:zlib'
import { escaped, messagePage } from '../../oidc/emulator/pages.ts'
import { trustedKey } from '../signature/certificates.ts'
import { signatureIn, verifySignature } from '../signature/signature.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, readXml, textIn } from '../xml/xml.ts'
import { type CertifiedKey, certifiedKey } from './certificate.ts'
import { type FaultName, type FaultValue, faultyFacts, isFaultName, newFaults, nowAt } from './faults.ts'
import { type EmulatedLogout, newEmulatedLogout } from './logout.ts'
import { controlPage, returnPage, signInPage } from './pages.ts'
import { assertionXml, defaultFacts, encrypted, idpMetadata, type ResponseFacts, responseXml } from './response.ts'
import { signed } from './signature.ts'

export interface SamlPerson {
  readonly nameId: string
  /** By name, each a list: `email`, `displayName`, `givenName`, `familyName`, `groups`, or whatever the brand calls them. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** A service provider that may ask: Gatehouse's connection. */
export interface SamlService {
  readonly entityId: string
  readonly acs: string
  /** Where it takes logout messages, if it does. */
  readonly slo?: string
  /** PEM; requests must be signed by its key then, and assertions can be encrypted for it. */
  readonly certificate?: string
}

export interface SamlEmulatorOptions {
  /** Default 0: any free one. */
  readonly port?: number
  /** The name of this machine in its addresses; it listens on 127.0.0.1. Default localhost. */
  readonly host?: string
  /** What its pages call it. Default 'identity provider'. */
  readonly name?: string
  readonly services: readonly SamlService[]
  readonly people: readonly SamlPerson[]
  /** What signs at first. Default: made at start. */
  readonly key?: CertifiedKey
}

export interface SamlEmulator {
  readonly entityId: string
  /** Its page. */
  readonly url: string
  readonly metadataUrl: string
  readonly people: readonly SamlPerson[]
  /** The key that signs now, and the one of a stranger. */
  readonly key: CertifiedKey
  readonly untrustedKey: CertifiedKey
  /** Single logout, both ways. */
  readonly logout: EmulatedLogout
  readonly counters: Readonly<Record<'requests' | 'metadata', number>>
  fault(name: FaultName, value?: FaultValue): void
  /** Ends all faults and sets the counters to 0. */
  reset(): void
  /** From now on another key signs; the metadata holds both certificates, signed by the key before. @param options.silent: without the signature */
  rotateKey(options?: { readonly silent?: boolean }): Promise<void>
  close(): Promise<void>
}

interface PendingRequest {
  readonly id: string
  readonly service: SamlService
  readonly relayState: string | null
}

const requestsKept = 50

export async function startSamlEmulator(options: SamlEmulatorOptions): Promise<SamlEmulator> {
  const { host = 'localhost', name = 'identity provider', people, services } = options
  const server = createServer()
  server.listen(options.port ?? 0, '127.0.0.1')
  const [[first, untrustedKey]] = await Promise.all([
    Promise.all([options.key ?? certifiedKey(name), certifiedKey('stranger')]),
    once(server, 'listening'),
  ])
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const entityId = `${url}/metadata`
  const faults = newFaults()
  const pending = new Map<string, PendingRequest>()
  const log: string[] = []
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

  function answerFor(request: PendingRequest, person: SamlPerson | undefined): string {
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
    return written(stated, request.service)
  }

  function singleLogout(response: ServerResponse, asked: URL): void {
    const next = logout.take(asked.search.slice(1))
    if (next instanceof URL) response.writeHead(303, { location: next.href }).end()
    else page(response, next.status, next.html)
  }

  /** Signing out begins here. */
  function endSession(response: ServerResponse, asked: URL): void {
    const index = decodeURIComponent(asked.pathname.slice('/end/'.length))
    const session = logout.sessions.find((candidate) => candidate.index === index)
    const address = session && logout.requestAddress(session)
    if (session?.service.slo === undefined || address === undefined)
      return page(response, 404, messagePage('No such session', 'It has ended, or its service takes no such message.'))
    if (asked.searchParams.get('by') === 'post')
      return page(response, 200, returnPage(session.service.slo, logout.requestForm(session)))
    response.writeHead(303, { location: address.href }).end()
  }

  function written(facts: ResponseFacts, service: SamlService): string {
    const weak = {
      signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
      digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
    }
    const how = faults.has('sha1') ? weak : {}
    const bare = assertionXml(facts)
    const plain = faults.has('unsigned') || faults.has('signedResponse')
    const assertion = plain ? bare : signed(bare, 'Assertion', signer(), how)
    const lock = service.certificate === undefined ? undefined : trustedKey(service.certificate)?.publicKey
    const wantsEncryption = faults.has('encrypted') || faults.has('encryptedCbc')
    const content = { content: faults.has('encryptedCbc') ? ('aes256-cbc' as const) : ('aes256-gcm' as const) }
    const carried = wantsEncryption && lock !== undefined ? encrypted(assertion, lock, content) : assertion
    const forged = faults.has('twoAssertions')
      ? assertionXml({ ...facts, assertionId: '_forged', nameId: 'somebody-else' })
      : ''
    const whole = responseXml(facts, forged + carried)
    const isWholeSigned = faults.has('signedResponse') || faults.has('signedBoth')
    const sealed = isWholeSigned ? signed(whole, 'Response', signer(), how) : whole
    const changed = faults.has('changed') ? sealed.replace(/(<saml:NameID[^<>]*>)[^<]*/, '$1somebody-else') : sealed
    return faults.has('doctype') ? `<!DOCTYPE Response [<!ENTITY x "y">]>${changed}` : changed
  }

  /** An AuthnRequest, by either binding. Returns what is wrong with it, or its page. */
  function ask(asked: URLSearchParams, binding: 'redirect' | 'post', rawQuery: string): PendingRequest | string {
    const bytes = Buffer.from(asked.get('SAMLRequest') ?? '', 'base64')
    const root = readXml(
      (binding === 'redirect' ? inflateRawSync(bytes, { maxOutputLength: 100_000 }) : bytes).toString(),
      {
        ...{ depth: 20, elements: 200, attributes: 400 },
      },
    ).root
    const issuer = textIn(childrenOf(root, namespaces.assertion, 'Issuer')[0])
    const service = services.find(({ entityId: known }) => known === issuer)
    if (service === undefined) return `The service ${issuer} is not known here.`
    if (attributeOf(root, 'AssertionConsumerServiceURL') !== service.acs)
      return 'The answer shall go to an address that is not registered.'
    if (attributeOf(root, 'Destination') !== `${url}/sso`) return 'The request is for another identity provider.'
    if (service.certificate !== undefined) {
      const trusted = trustedKey(service.certificate)
      const signature = signatureIn(root)
      if (trusted === undefined) return 'The certificate of the service cannot be used.'
      if (binding === 'post' && signature === undefined) return 'The request is not signed.'
      if (binding === 'post' && signature !== undefined) verifySignature(signature, [trusted])
      const content = rawQuery.replace(/&Signature=.*/, '')
      const isSigned = () =>
        verify('sha256', Buffer.from(content), trusted.publicKey, Buffer.from(asked.get('Signature') ?? '', 'base64'))
      if (binding === 'redirect' && !isSigned()) return 'The request is not signed by the key of the service.'
    }
    return { id: attributeOf(root, 'ID') ?? '', service, relayState: asked.get('RelayState') }
  }

  async function singleSignOn(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<void> {
    const binding = request.method === 'POST' ? 'post' : 'redirect'
    const parameters = binding === 'post' ? new URLSearchParams(await textOf(request)) : asked.searchParams
    let found: PendingRequest | string
    try {
      found = ask(parameters, binding, asked.search.slice(1))
    } catch {
      found = 'The request cannot be read.'
    }
    if (typeof found === 'string') return page(response, 400, messagePage('That request is refused', found))
    const ticket = randomUUID()
    pending.set(ticket, found)
    page(response, 200, signInPage({ people, service: found.service.entityId, path: `/signin/${ticket}`, name }))
  }

  function signIn(response: ServerResponse, asked: URL): void {
    const request = pending.get(asked.pathname.split('/').at(-1) ?? '')
    const person = people.find(({ nameId }) => nameId === asked.searchParams.get('as'))
    if (request === undefined || (person === undefined && !asked.searchParams.has('cancel')))
      return page(response, 400, messagePage('That sign-in is over', 'Go back to the app and start again.'))
    const SAMLResponse = Buffer.from(answerFor(request, person)).toString('base64')
    const fields = { SAMLResponse, ...(request.relayState !== null && { RelayState: request.relayState }) }
    page(response, 200, returnPage(request.service.acs, fields))
  }

  async function rotateKey({ silent = false } = {}): Promise<void> {
    const next = await certifiedKey(name)
    published = { certificates: [key.certificate, next.certificate], signer: silent ? undefined : key }
    key = next
  }

  async function switchFaults(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = new URLSearchParams(await textOf(request))
    const fault = wanted.get('on') ?? wanted.get('off') ?? ''
    if (wanted.has('reset')) faults.reset()
    if (wanted.has('rotate')) await rotateKey()
    if (isFaultName(fault)) faults.set(fault, !wanted.has('off'))
    response.writeHead(303, { location: '/' }).end()
  }

  server.on('request', (request, response) => {
    const asked = new URL(request.url ?? '/', url)
    request.on('error', () => undefined)
    if (asked.pathname === '/faults' && request.method === 'POST') return void switchFaults(request, response)
    if (asked.pathname === '/')
      return page(
        response,
        200,
        controlPage({ name, entityId, people, faults: faults.list(), requests: log, sessions: logout.sessions }),
      )
    void answer(request, response, asked)
  })

  async function answer(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<void> {
    counters.requests += 1
    if (asked.pathname === '/metadata') counters.metadata += 1
    log.unshift(`${new Date().toISOString().slice(11, 19)} ${request.method} ${asked.pathname}`)
    log.length = Math.min(log.length, requestsKept)
    const slow = faults.value('slow')
    if (slow !== undefined) await wait(typeof slow === 'number' ? slow : 3000)
    if (faults.has('hang')) return
    if (faults.has('down')) return void response.destroy()
    if (faults.has('status500')) return page(response, 500, messagePage('Sorry', 'Something went wrong.'))
    if (asked.pathname === '/metadata' && !faults.has('html'))
      return void response.writeHead(200, { 'content-type': 'application/samlmetadata+xml' }).end(metadata())
    if (asked.pathname === '/metadata') return page(response, 200, messagePage('Welcome', 'Nothing to see here.'))
    if (asked.pathname === '/sso') return singleSignOn(request, response, asked)
    if (asked.pathname === '/slo') return singleLogout(response, asked)
    if (asked.pathname.startsWith('/end/')) return endSession(response, asked)
    if (asked.pathname.startsWith('/signin/')) return signIn(response, asked)
    page(response, 404, messagePage('Nothing here', 'The page is at /.'))
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
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}
