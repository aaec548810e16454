/** Our single logout messages (SAML core 3.7). */
import { z } from 'zod'
import type { Memo } from '../../../src/provider/provider.ts'
import type { IdentityProvider } from '../metadata/idp-metadata.ts'
import type { NameId } from '../response/name-id.ts'
import type { Upstream } from '../upstream.ts'
import { namespaces, statusPrefix } from '../xml/names.ts'
import { element, escaped } from '../xml/write.ts'
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
    id: `_${context.random(20)}`,
    issuer: upstream.entityId,
    destination: address,
    issuedAt: context.now(),
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
    id: `_${context.random(20)}`,
    issuer: upstream.entityId,
    destination: address,
    issuedAt: context.now(),
    inResponseTo: id,
    status: ['Success'],
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
  return message('LogoutRequest', facts, { NotOnOrAfter: notOnOrAfter }, [
    ...(nameId === null ? [] : [element('saml:NameID', written, escaped(nameId))]),
    ...sessions.map((session) => element('samlp:SessionIndex', {}, escaped(session))),
  ])
}

export function logoutResponseXml(
  facts: MessageFacts & { readonly inResponseTo: string; readonly status: readonly string[] },
): string {
  return message('LogoutResponse', facts, { InResponseTo: facts.inResponseTo }, [statusXml(facts.status)])
}

function message(
  name: string,
  { id: ID, issuer, destination: Destination, issuedAt: IssueInstant }: MessageFacts,
  more: Parameters<typeof element>[1],
  content: readonly string[],
): string {
  const prefixes = { 'xmlns:samlp': namespaces.protocol, 'xmlns:saml': namespaces.assertion }
  const attributes = { ...prefixes, ID, Version: '2.0', IssueInstant, Destination, ...more }
  return element(`samlp:${name}`, attributes, element('saml:Issuer', {}, escaped(issuer)), ...content)
}

/** @param status codes without their prefix, the outer one first */
export function statusXml(status: readonly string[]): string {
  const code = (inner: string, word: string) => element('samlp:StatusCode', { Value: statusPrefix + word }, inner)
  return element('samlp:Status', {}, status.reduceRight(code, ''))
}
