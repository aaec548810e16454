/** Our single logout messages (SAML core 3.7). */
import { z } from 'zod'
import type { Memo } from '../../../src/provider/provider.ts'
import type { IdentityProvider } from '../metadata/idp-metadata.ts'
import type { NameId } from '../response/name-id.ts'
import type { Upstream } from '../upstream.ts'
import { namespaces, statusPrefix } from '../xml/names.ts'
import { signedRedirect } from './redirect-binding.ts'

const memoForm = z.object({
  nameId: z.string(),
  written: z.record(z.string(), z.string()),
  sessionIndex: z.string().optional(),
})

export function logoutMemo({ value, written }: NameId, sessionIndex: string | undefined): Memo {
  return { nameId: value, written, ...(sessionIndex !== undefined && { sessionIndex }) } satisfies z.infer<
    typeof memoForm
  >
}

/** The configured logout URL, otherwise the metadata's. */
export function singleLogoutOf(
  { config }: Pick<Upstream, 'config'>,
  idp: IdentityProvider | undefined,
): IdentityProvider['singleLogout'] {
  const { singleLogoutUrl: address } = config
  return address === undefined ? idp?.singleLogout : { requests: address, answers: address }
}

/** Undefined without a URL or a key: identity providers refuse unsigned requests. */
export async function logoutAddress(upstream: Upstream, memo: Memo): Promise<URL | undefined> {
  const { privateKey, context } = upstream
  const login = memoForm.safeParse(memo)
  if (privateKey === undefined || !login.success) return undefined
  const address = singleLogoutOf(upstream, await upstream.idp.get())?.requests
  if (address === undefined) return undefined
  const xml = logoutRequestXml({
    ...{ id: `_${context.random(20)}`, issuer: upstream.entityId, destination: address, issuedAt: context.now() },
    ...login.data,
  })
  return signedRedirect(address, 'SAMLRequest', { xml, privateKey })
}

/** The successful response to its logout request. */
export function logoutAnswer(
  upstream: Upstream,
  idp: IdentityProvider,
  { id, relayState }: { readonly id: string; readonly relayState: string | undefined },
): URL | undefined {
  const { privateKey, context } = upstream
  const address = singleLogoutOf(upstream, idp)?.answers
  if (privateKey === undefined || address === undefined) return undefined
  const xml = logoutResponseXml({
    ...{ id: `_${context.random(20)}`, issuer: upstream.entityId, destination: address, issuedAt: context.now() },
    ...{ inResponseTo: id, status: ['Success'] },
  })
  return signedRedirect(address, 'SAMLResponse', { xml, relayState, privateKey })
}

interface MessageFacts {
  readonly id: string
  readonly issuer: string
  readonly destination: string | null
  readonly issuedAt: Date
}

export interface LogoutRequestFacts extends MessageFacts {
  /** Null for a request without NameID. */
  readonly nameId: string | null
  /** Attributes of the NameID. */
  readonly written?: Readonly<Record<string, string>>
  readonly sessionIndex?: string | undefined
  readonly sessionIndexes?: readonly string[]
  readonly notOnOrAfter?: Date
}

export function logoutRequestXml(facts: LogoutRequestFacts): string {
  const { nameId, written = {}, sessionIndex, notOnOrAfter } = facts
  const sessions = facts.sessionIndexes ?? (sessionIndex === undefined ? [] : [sessionIndex])
  const until = notOnOrAfter === undefined ? {} : { NotOnOrAfter: notOnOrAfter.toISOString() }
  return message('LogoutRequest', facts, until, [
    ...(nameId === null ? [] : [`<saml:NameID${attributes(written)}>${escaped(nameId)}</saml:NameID>`]),
    ...sessions.map((session) => `<samlp:SessionIndex>${escaped(session)}</samlp:SessionIndex>`),
  ])
}

export function logoutResponseXml(
  facts: MessageFacts & { readonly inResponseTo: string; readonly status: readonly string[] },
): string {
  const status = facts.status.reduceRight(
    (inner, word) => `<samlp:StatusCode Value="${statusPrefix}${word}">${inner}</samlp:StatusCode>`,
    '',
  )
  const about = { InResponseTo: facts.inResponseTo }
  return message('LogoutResponse', facts, about, [`<samlp:Status>${status}</samlp:Status>`])
}

function message(
  name: string,
  { id, issuer, destination, issuedAt }: MessageFacts,
  more: Readonly<Record<string, string>>,
  content: readonly string[],
): string {
  const start = attributes({
    ...{ 'xmlns:samlp': namespaces.protocol, 'xmlns:saml': namespaces.assertion, ID: id, Version: '2.0' },
    ...{ IssueInstant: issuedAt.toISOString(), ...(destination !== null && { Destination: destination }), ...more },
  })
  return `<samlp:${name}${start}><saml:Issuer>${escaped(issuer)}</saml:Issuer>${content.join('')}</samlp:${name}>`
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('')
}

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => signs[sign] ?? sign)
}
