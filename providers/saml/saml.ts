/**
 * The SAML engine: Web Browser SSO as a service provider, on @node-saml. A brand is the list of its differences (`Quirks`).
 * An answer passes, in this order: one strict and bounded reading of its text (xml, response), the cheap checks of what the browser
 * brought (status, issuer, Destination), its signatures by our pinned keys (signature), node-saml's own verification, and then every
 * comparison again on the bytes that were signed (assertion). A signed assertion is taken once.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import {
  type Answer,
  type Challenge,
  type Connection,
  defineProvider,
  type Login,
  type LoginStart,
  type Memo,
  type Provider,
  type Recorder,
  type Site,
} from '../../src/provider.ts'
import { type BelievedAssertion, judgeAssertion, judgeWith, requestGot, theRequest } from './assertion.ts'
import { profileOf } from './attributes.ts'
import { configForm, type Quirks, type SamlConfig } from './config.ts'
import { notOpened, openAssertion } from './decryption.ts'
import { malformed, refuse } from './failure.ts'
import { probe } from './health.ts'
import type { IdentityProvider } from './idp-metadata.ts'
import { nameIdFormats } from './names.ts'
import { signedAssertion } from './node-saml.ts'
import { challengeOf, ourMetadata } from './request.ts'
import { issuerOf, type ReceivedResponse, readResponse, readStrictly, statusOf, structureOf } from './response.ts'
import { signatureIn, type TrustedKey, verifySignature } from './signature.ts'
import { openUpstream, type Upstream } from './upstream.ts'
import { attributeOf } from './xml.ts'

export const saml: Provider = samlProvider({
  kind: 'saml',
  brand: { name: 'SAML', mark: new URL('./mark.svg', import.meta.url) },
})

export function samlProvider(quirks: Quirks): Provider {
  return defineProvider<SamlConfig>({
    kind: quirks.kind,
    brand: quirks.brand,
    config: configForm,
    open: (config, site) => {
      const upstream = openUpstream(config, quirks, site)
      return {
        stateParameter: 'RelayState',
        welcomesUnsolicited: config.allowIdpInitiated,
        begin: (start) => begin(upstream, start),
        complete: (answer) => complete(upstream, answer),
        metadata: async () => ourMetadata(upstream),
        health: (signal) => probe(upstream, signal),
      } satisfies Connection
    },
  })
}

const memoForm = z.object({
  connection: z.string(),
  requestId: z.string().min(1),
  begunAt: z.number(),
  reauthenticate: z.boolean(),
})

async function begin(upstream: Upstream, start: LoginStart): Promise<Challenge> {
  const { site } = upstream
  const idp = await start.record.step('identity provider', () => upstream.idp.get())
  const requestId = `_${site.random(20)}`
  const { reauthenticate = false } = start
  const memo = { connection: placeOf(site), requestId, begunAt: site.now().getTime(), reauthenticate }
  return challengeOf(upstream, idp, start, requestId, memo satisfies z.infer<typeof memoForm>)
}

async function complete(upstream: Upstream, { parameters, state, memo, record }: Answer): Promise<Login> {
  const login = readMemo(memo, upstream.site)
  const received = readResponse(messageIn(parameters, state, record))
  const idp = await record.step('identity provider', () => upstream.idp.get())
  judgeResponse(received, upstream, idp, login, record)
  const { opened, keys } = await record.step('signature', async () => verified(received, upstream, idp))
  const xml = await record.step('node-saml', () => signedAssertion(opened, keys, upstream))
  const assertion = judgeAssertion(readStrictly(xml).root, expectationsOf(upstream, idp, login), record)
  await takeOnce(assertion, upstream, idp, record)
  const profile = profileOf(assertion.attributes, assertion.nameId, {
    mapping: upstream.mapping,
    emailsVerified: upstream.config.emailsVerified,
  })
  return {
    identity: { issuer: idp.entityId, subject: subjectOf(assertion, upstream), profile },
    evidence: assertion.evidence,
  }
}

/** The message, once the RelayState is that of this login. */
function messageIn(parameters: URLSearchParams, state: string, record: Recorder): string {
  for (const name of ['RelayState', 'SAMLResponse'])
    if (parameters.getAll(name).length > 1) throw malformed(name, 'once', 'several times')
  const relayState = parameters.get('RelayState')
  if (relayState !== state)
    throw malformed(
      'RelayState',
      'the state of this login',
      relayState === null ? 'none: nobody asked for it' : 'another value',
    )
  record.check({ name: 'RelayState', ok: true, expected: 'the state of this login', got: 'the state of this login' })
  return parameters.get('SAMLResponse') ?? ''
}

const refusedByPerson = ['AuthnFailed', 'RequestDenied']

/** What stands around the assertion; signed or not, it must not contradict. */
function judgeResponse(
  { response, responseSignature, assertion, encryptedAssertion }: ReceivedResponse,
  { acs }: Upstream,
  idp: IdentityProvider,
  login: Expectations,
  record: Recorder,
): void {
  const judge = judgeWith(record)
  const status = statusOf(response)
  const hasAssertion = assertion !== undefined || encryptedAssertion !== undefined
  const said = status.detail === undefined ? status.code : `${status.code}, ${status.detail}`
  if (status.code !== 'Success' && !hasAssertion) {
    const code = refusedByPerson.includes(status.detail ?? '') ? 'user_denied' : 'upstream_refused'
    throw new GatehouseError(code, `the identity provider answered ${said}`, {
      check: { name: 'status', ok: false, expected: 'Success', got: said },
    })
  }
  judge('status', status.code === 'Success', 'Success', said)
  judge('version of the response', attributeOf(response, 'Version') === '2.0', '2.0', attributeOf(response, 'Version'))
  judge('assertion', hasAssertion, 'one', hasAssertion ? 'one' : 'none')
  const issuer = issuerOf(response)
  const isTold = response.children.some((child) => typeof child !== 'string' && child.local === 'Issuer')
  if (isTold) judge('issuer of the response', issuer === idp.entityId, idp.entityId, issuer)
  const destination = attributeOf(response, 'Destination')
  if (destination !== undefined || responseSignature !== undefined)
    judge('Destination', destination === acs, acs, destination)
  const inResponseTo = attributeOf(response, 'InResponseTo')
  if (inResponseTo !== undefined)
    judge(
      'InResponseTo of the response',
      inResponseTo === login.requestId,
      theRequest,
      requestGot(inResponseTo, login.requestId),
    )
}

interface Verified {
  readonly opened: ReceivedResponse
  readonly keys: readonly TrustedKey[]
}

/** Every signature that is there must hold, and those the connection wants must be there. */
function verified(received: ReceivedResponse, upstream: Upstream, idp: IdentityProvider): Verified {
  const { responseSignature, encryptedAssertion } = received
  const responseKey = responseSignature && verifySignature(responseSignature, idp.keys)
  const { signed } = upstream.config
  if (responseKey === undefined && (signed === 'response' || signed === 'both'))
    refuse('signature of the Response', 'one', 'none')
  if (encryptedAssertion !== undefined) return decrypted(received, upstream, idp)
  const signature = received.assertion && signatureIn(received.assertion)
  const assertionKey = signature && verifySignature(signature, idp.keys)
  if (assertionKey === undefined && signed !== 'response' && (signed !== 'either' || responseKey === undefined))
    refuse('signature of the Assertion', 'one', 'none')
  return { opened: received, keys: [...(responseKey ? [responseKey] : []), ...(assertionKey ? [assertionKey] : [])] }
}

/**
 * The decrypted assertion in the place of the encrypted one. The response's own signature was over the encrypted text, has been
 * checked, and is taken out; what counts from here is the signature inside, always demanded (SA-88).
 */
function decrypted(received: ReceivedResponse, upstream: Upstream, idp: IdentityProvider): Verified {
  const { document, encryptedAssertion, responseSignature } = received
  if (encryptedAssertion === undefined) throw notOpened()
  const { text, weak } = openAssertion(encryptedAssertion, upstream.privateKey)
  try {
    readStrictly(text) // by itself: it closes every element it opens, and declares its own prefixes
    const pieces = [{ ...encryptedAssertion, text }, ...(responseSignature ? [{ ...responseSignature, text: '' }] : [])]
    const opened = structureOf(readStrictly(replaced(document.text, pieces)))
    const signature = opened.assertion && signatureIn(opened.assertion)
    if (signature === undefined) throw notOpened()
    const keys = [verifySignature(signature, idp.keys)]
    if (weak) upstream.seen.weakEncryption = true
    return { opened, keys }
  } catch {
    throw notOpened()
  }
}

function replaced(
  text: string,
  pieces: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  const fromTheEnd = pieces.toSorted((one, other) => other.start - one.start)
  return fromTheEnd.reduce((whole, piece) => whole.slice(0, piece.start) + piece.text + whole.slice(piece.end), text)
}

/** Atomic over all processes, until the assertion is of no use to anybody. */
async function takeOnce(
  { id, usableUntil }: BelievedAssertion,
  { site }: Upstream,
  { entityId }: IdentityProvider,
  record: Recorder,
): Promise<void> {
  const seconds = Math.ceil((usableUntil.getTime() - site.now().getTime()) / 1000) + 1
  const key = createHash('sha256').update(`${entityId} ${id}`).digest('base64url')
  const isFirst = await site.once(`saml-assertion:${key}`, Math.max(seconds, 1))
  judgeWith(record)(
    'replay',
    isFirst,
    'an assertion not used before',
    isFirst ? 'not used before' : 'one that was used',
  )
}

/** Who it is: an attribute where one is configured, else the NameID, which must then mean the same person every time. */
function subjectOf({ nameId, attributes }: BelievedAssertion, { config }: Upstream): string {
  if (config.subjectAttribute !== undefined) {
    const values = attributes.get(config.subjectAttribute) ?? []
    const [subject] = values
    if (subject === undefined || values.length > 1 || subject.length > 256 || !/^\P{Cc}+$/u.test(subject))
      return refuse(
        'subject attribute',
        'one value',
        values.length === 1 ? 'an unusable one' : `${values.length} values`,
      )
    return subject
  }
  if (nameId === undefined) return refuse('NameID', 'one', 'none')
  if (nameId.format === nameIdFormats.transient)
    return refuse('format of the NameID', 'one that lasts, or set subjectAttribute', 'transient')
  return nameId.qualifier === undefined ? nameId.value : `${nameId.qualifier}!${nameId.value}`
}

interface Expectations {
  readonly requestId: string
  readonly authenticatedAfter: Date | undefined
}

function expectationsOf({ site, config, acs, entityId }: Upstream, idp: IdentityProvider, login: Expectations) {
  return {
    ...login,
    issuer: idp.entityId,
    acs,
    entityId,
    now: site.now(),
    requiredAuthnContext: config.requiredAuthnContext,
  }
}

function readMemo(memo: Memo, site: Site): Expectations {
  const parsed = memoForm.safeParse(memo)
  if (!parsed.success)
    throw new GatehouseError('callback_malformed', 'this login was not begun by this kind of connection')
  const { connection, requestId, begunAt, reauthenticate } = parsed.data
  if (connection !== placeOf(site))
    throw new GatehouseError('callback_malformed', `this login was begun by ${connection}, not by ${placeOf(site)}`)
  return { requestId, authenticatedAfter: reauthenticate ? new Date(begunAt) : undefined }
}

function placeOf(site: Site): string {
  return `${site.tenant}/${site.connection}`
}
