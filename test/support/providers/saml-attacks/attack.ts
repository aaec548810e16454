/** An attack on a SAML login, as the answer that it makes of an honest one. */
import { assertionXml, type ResponseFacts, responseXml } from '../../../../providers/saml/emulator/response.ts'
import type { ErrorCode } from '../../../../src/errors.ts'
import { assertionSigned, type Config, type Keys, piece } from '../saml-forge.ts'

export interface Attack {
  readonly id: string
  readonly name: string
  readonly forge: (facts: ResponseFacts, keys: Keys) => string | Buffer
  readonly check: string
  /** Default callback_invalid. */
  readonly code?: ErrorCode
  readonly config?: (keys: Keys) => Config
}

export type Forge = Attack['forge']

export const attack = (id: string, name: string, check: string, forge: Forge, more: Partial<Attack> = {}): Attack => ({
  id,
  name,
  check,
  forge,
  ...more,
})
/** A connection that pins a key on a curve beside the RSA key. */
export const byCurve: Partial<Attack> = {
  config: ({ idp, curves }) => ({ certificates: [idp.certificate, curves['P-256'].certificate] }),
}
export const unreadable = { code: 'callback_malformed' } as const

/** The honest answer, its assertion signed, changed as text. */
export const changed =
  (change: (xml: string, facts: ResponseFacts, keys: Keys) => string): Forge =>
  (facts, keys) =>
    change(assertionSigned(facts, keys.idp), facts, keys)

/** The honest answer with other facts, signed by the IdP itself. */
export const stated =
  (changes: (facts: ResponseFacts) => Partial<ResponseFacts>): Forge =>
  (facts, keys) =>
    assertionSigned({ ...facts, ...changes(facts) }, keys.idp)

export const signature = (xml: string) => piece(xml, 'Signature')
export const evil = (facts: ResponseFacts, id = '_evil') =>
  assertionXml({ ...facts, assertionId: id, nameId: 'victim', attributes: { email: ['victim@acme.test'] } })
export const evilResponse = (facts: ResponseFacts, inside = '') =>
  responseXml({ ...facts, responseId: '_evil-response' }, evil(facts) + inside)
export const into = (xml: string, endSession: string, more: string) => {
  const at = xml.lastIndexOf(endSession)
  return xml.slice(0, at) + more + xml.slice(at)
}
export const behindIssuer = (assertion: string, more: string) =>
  assertion.replace('</saml:Issuer>', `</saml:Issuer>${more}`)
export const past = (seconds: number) => new Date(Date.now() - seconds * 1000)
export const future = (seconds: number) => new Date(Date.now() + seconds * 1000)

export const rsaSha1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
export const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1'
