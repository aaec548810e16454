/** Single sign-on of the emulated identity provider. */
import { signIns } from '../../emulator/emulator.ts'
import { type Call, sendPage } from '../../emulator/http.ts'
import { escaped, messagePage, returnPage } from '../../emulator/pages.ts'
import type { LocalApps } from '../../emulator/registered-uris.ts'
import { attributeOf } from '../xml/xml.ts'
import type { CertifiedKey } from './certificate.ts'
import { faultyFacts, nowAt, responseMessage, type SamlFaults } from './faults.ts'
import type { EmulatedLogout } from './logout.ts'
import { claimsOf, type SamlPerson, type SamlService } from './participants.ts'
import { type ReceivedMessage, readMessage } from './received.ts'
import { defaultFacts, responseXml } from './response.ts'

interface SingleSignOn extends LocalApps {
  readonly entityId: string
  readonly upstream: string
  readonly people: readonly SamlPerson[]
  readonly services: readonly SamlService[]
  readonly faults: SamlFaults
  readonly logout: EmulatedLogout
  readonly signer: () => CertifiedKey
}

export function singleSignOn(idp: SingleSignOn) {
  const { entityId, upstream, people, services, faults, logout } = idp
  const pages = signIns<ReceivedMessage>({ upstream, people: people.map(claimsOf) })

  async function sso(call: Call): Promise<void> {
    const message = await readMessage(call, services, idp)
    const refusal = typeof message === 'string' ? message : requestError(message)
    if (typeof message === 'string' || refusal !== undefined)
      return sendPage(call.response, messagePage('Request refused', refusal ?? ''), 400)
    pages.ask(call.response, message, { client: message.service.name ?? message.service.entityId })
  }

  function signIn(call: Call): void {
    const choice = pages.choice(call)
    if (choice === undefined) return
    const { request, person } = choice
    const xml = responseTo(
      request,
      people.find(({ nameId }) => nameId === person?.['sub']),
    )
    const SAMLResponse = Buffer.from(xml).toString('base64')
    const fields = { SAMLResponse, ...(request.relayState !== undefined && { RelayState: request.relayState }) }
    sendPage(call.response, returnPage(request.service.acs, fields))
  }

  function responseTo({ id, service }: ReceivedMessage, person: SamlPerson | undefined): string {
    const { acs, entityId: audience } = service
    const facts = defaultFacts(nowAt(faults), { issuer: entityId, destination: acs, inResponseTo: id })
    if (person === undefined || faults.has('denies'))
      return responseXml({ ...facts, status: ['Responder', 'AuthnFailed'] }, '')
    const attributes = Object.fromEntries(
      Object.entries(person.attributes).map(([key, values]) => [key, values.map(escaped)]),
    )
    const about = { recipient: acs, audiences: [[audience]], nameId: escaped(person.nameId), attributes }
    const stated = faultyFacts({ ...facts, ...about }, faults)
    const { assertionId, nameIdFormat: format } = stated
    logout.opened({ index: `${assertionId}-session`, nameId: person.nameId, format, service })
    return responseMessage(stated, service, faults, idp.signer())
  }

  return { sso, signIn }
}

function requestError({ root, service }: ReceivedMessage): string | undefined {
  if (attributeOf(root, 'AssertionConsumerServiceURL') === service.acs) return undefined
  return 'The AssertionConsumerServiceURL is not registered.'
}
