/** Logout messages of an identity provider, and the connection that receives them. */
import { deflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import type { CertifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { type SigningOptions, signed } from '../../../providers/saml/emulator/signature.ts'
import { type LogoutRequestFacts, logoutRequestXml } from '../../../providers/saml/logout/logout-request.ts'
import { readRedirect, signedRedirect } from '../../../providers/saml/logout/redirect-binding.ts'
import { trustedKey } from '../../../providers/saml/signature/certificates.ts'
import type { ConnectionContext, LogoutMessage } from '../../../src/provider/provider.ts'
import { testRecorder } from '../../contract/context.ts'
import { assertionSigned, type Config, idpEntityId, open } from './saml-forge.ts'
import { keys, signIn, withKey } from './saml-sign-in.ts'

export const slo = 'https://gatehouse.test/t/acme/okta/logout'
export const idpSlo = 'https://idp.acme.test/slo?here=1'
export const config = withKey({ singleLogoutUrl: idpSlo, endUpstreamSession: true })

const trusted = (key: CertifiedKey) => trustedKey(key.certificate) ?? expect.unreachable()

let count = 0
export function facts(changes: Partial<LogoutRequestFacts> = {}): LogoutRequestFacts {
  count += 1
  return {
    id: `_logout-${count}`,
    issuer: idpEntityId,
    destination: slo,
    issuedAt: new Date(),
    nameId: 'ada',
    sessionIndex: 'session-1',
    ...changes,
  }
}

export const noticeOf = (more: Partial<LogoutMessage>): LogoutMessage => ({
  endpoint: 'logout',
  url: new URL(slo),
  body: undefined,
  bearer: undefined,
  record: testRecorder(),
  parameters: new URLSearchParams(more.query ?? ''),
  ...more,
})

export function receiveLogout(
  notice: LogoutMessage,
  changes: Config = config,
  context: Partial<ConnectionContext> = {},
) {
  return open(changes, context).logout?.receive?.(notice)
}

export const queryOf = (xml: string, key = keys.idp, relayState?: string) =>
  signedRedirect(slo, 'SAMLRequest', { xml, relayState, privateKey: key.privateKey }).search.slice(1)
export const byRedirect = (changes: Partial<LogoutRequestFacts> = {}, key = keys.idp) =>
  noticeOf({ query: queryOf(logoutRequestXml(facts(changes)), key) })
export const posted = (xml: string, more: Readonly<Record<string, string>> = {}) =>
  noticeOf({ parameters: new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64'), ...more }) })
export const byPost = (changes: Partial<LogoutRequestFacts> = {}, key = keys.idp, options: SigningOptions = {}) =>
  posted(signed(logoutRequestXml(facts(changes)), 'LogoutRequest', key, options))

/** The query with its values written as another sender would. */
export function queryBy(algorithm: string, made: (content: Buffer) => Buffer, xml = logoutRequestXml(facts())): string {
  const message = encodeURIComponent(deflateRawSync(xml).toString('base64'))
  const content = `SAMLRequest=${message}&SigAlg=${encodeURIComponent(algorithm)}`
  return `${content}&Signature=${encodeURIComponent(made(Buffer.from(content)).toString('base64'))}`
}

export const loginOf = (changes: Config = config) => signIn((facts) => assertionSigned(facts, keys.idp), changes)

export async function textOf(url: URL, name: 'SAMLRequest' | 'SAMLResponse', key = keys.ours) {
  const query = url.search.slice(url.search.indexOf(name))
  const message = readRedirect(query, name)
  message.verify([trusted(key)])
  return { xml: message.inflate(), relayState: message.relayState }
}
