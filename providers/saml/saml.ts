/**
 * The SAML engine: Web Browser SSO as a service provider on @node-saml. An answer passes, in this
 * order: strict parsing (xml, response), checks of the envelope, our signature checks with pinned
 * keys, node-saml's verification, and all checks again on the signed bytes (assertion). An
 * assertion is accepted once.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { boundAttributes } from '../../src/profile/attributes.ts'
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
} from '../../src/provider/provider.ts'
import { newMemo, readMemo } from '../oidc/login/memo.ts'
import { configForm, mappingOf, type ProviderTraits, type SamlConfig } from './config.ts'
import { malformedError, refuse } from './failure.ts'
import { probe } from './health.ts'
import { loadNodeSaml } from './load-node-saml.ts'
import { nameOf, sidOf, validateLogoutMessage } from './logout/logout.ts'
import { logoutAddress, logoutMemo } from './logout/logout-request.ts'
import { inspect, writtenIssuers } from './metadata/idp.ts'
import type { IdentityProvider } from './metadata/idp-metadata.ts'
import { published } from './metadata/published.ts'
import { challengeOf, spMetadata } from './request.ts'
import { type VerifiedAssertion, validateAssertion } from './response/assertion.ts'
import { attributesIn, groupsOmission, profileOf } from './response/attributes.ts'
import { checkRecorder } from './response/checks.ts'
import { checkResponse } from './response/envelope.ts'
import { readResponse, readStrictly, wrongBinding } from './response/response.ts'
import { signedAssertionOf, verifiedMessage } from './response/verified-response.ts'
import { samlSetup } from './setup.ts'
import { openUpstream, type Upstream, verifiedByAnyKey } from './upstream.ts'
import { isNameIdFormat } from './xml/names.ts'

export const saml: Provider = samlProvider({
  kind: 'saml',
  brand: {
    name: 'SAML',
    isProtocol: true,
    logo: new URL('./logo.svg', import.meta.url),
    logoDark: new URL('./logo-dark.svg', import.meta.url),
  },
})

export function samlProvider(traits: ProviderTraits): Provider {
  return defineProvider<SamlConfig>({
    kind: traits.kind,
    brand: traits.brand,
    config: configForm,
    load: loadNodeSaml,
    inspect,
    setup: (config) => (traits.setup ?? samlSetup)(config),
    read: (captured, { emailsVerified }) => ({
      profile: profileOf(attributesIn(captured), undefined, { mapping: mappingOf(traits), emailsVerified }),
      attributes: boundAttributes(captured),
      ...groupsOmission(attributesIn(captured)),
    }),
    open: (config, context) => {
      const upstream = openUpstream(config, traits, context)
      return {
        begin: (start) => begin(upstream, start),
        complete: (answer) => complete(upstream, answer),
        logout: {
          ...(config.endUpstreamSession && { start: (memo: Memo) => logoutAddress(upstream, memo) }),
          receive: (message) => validateLogoutMessage(upstream, message),
          identifiers: ['sid', 'subject'],
        },
        metadata: { publish: () => publishedMetadata(upstream), ...upstream.idp.review },
        health: (signal) => probe(upstream, signal),
        published: () => published(upstream),
        traits: {
          ...(config.metadataUrl !== undefined && { metadataUrl: config.metadataUrl }),
          acceptsIdpInitiated: config.allowIdpInitiated,
          stateParameter: 'RelayState',
          get issuers() {
            return writtenIssuers(config, context)
          },
        },
      } satisfies Connection
    },
  })
}

/** Our SP metadata. With a key of our own it does not depend on the IdP's metadata. */
async function publishedMetadata(upstream: Upstream): Promise<string> {
  const idp = upstream.privateKey === undefined ? await upstream.idp.get().catch(() => undefined) : undefined
  return spMetadata(upstream, idp)
}

const secretsForm = z.object({ requestId: z.string().min(1) })

type Expectations = z.infer<typeof secretsForm> & { readonly authenticatedAfter: Date | undefined }

async function begin(upstream: Upstream, start: LoginStart): Promise<Challenge> {
  const { context } = upstream
  const idp = await start.record.step('identity provider', () => upstream.idp.get())
  const requestId = `_${context.random(20)}`
  const { reauthenticate = false } = start
  return challengeOf(upstream, idp, start, newMemo(context, reauthenticate, { requestId }))
}

async function complete(upstream: Upstream, { parameters, state, memo, record }: Answer): Promise<Login> {
  const login = readMemo(secretsForm, memo, upstream.context)
  const received = readResponse(messageIn(parameters, state, record))
  const idp = await record.step('identity provider', () => upstream.idp.get())
  checkResponse(received, { issuer: idp.entityId, acs: upstream.acs, requestId: login.requestId }, record)
  const verified = await record.step('signature', () =>
    verifiedByAnyKey(upstream, idp, (each) => verifiedMessage(received, upstream, each)),
  )
  const xml = await record.step('node-saml', () => signedAssertionOf(verified, upstream))
  const assertion = validateAssertion(
    readStrictly(xml).root,
    expectationsOf(upstream, idp, login),
    record,
    upstream.decryptionKey,
  )
  await consumeAssertion(assertion, upstream, idp, record)
  const { nameId, evidence, sessionIndex } = assertion
  const { mapping, config } = upstream
  const profile = profileOf(assertion.attributes, nameId, { mapping, emailsVerified: config.emailsVerified })
  const attributes = boundAttributes({
    ...Object.fromEntries(assertion.attributes),
    ...(nameId && { NameID: nameId.value }),
  })
  return {
    identity: {
      issuer: idp.entityId,
      subject: subjectOf(assertion, upstream),
      profile,
      attributes,
      ...groupsOmission(assertion.attributes),
      // unless the tenant asserts that all are verified
      ...(!assertion.attributes.has('email_verified') && { emailVerificationUnknown: true as const }),
    },
    evidence,
    ...(nameId !== undefined && sessionIndex !== undefined && { sid: sidOf(nameId, sessionIndex) }),
    ...(config.endUpstreamSession && nameId !== undefined && { memo: logoutMemo(nameId, sessionIndex) }),
  }
}

/** The message, if the RelayState is this login's. */
function messageIn(parameters: URLSearchParams, state: string, record: Recorder): string {
  for (const name of ['RelayState', 'SAMLResponse'])
    if (parameters.getAll(name).length > 1) throw malformedError(name, 'once', 'several times')
  const relayState = parameters.get('RelayState')
  const ours = 'the state of this login'
  if (relayState !== state)
    throw malformedError('RelayState', ours, relayState === null ? 'none: unsolicited' : 'another value')
  record.check({ name: 'RelayState', ok: true, expected: ours, got: ours })
  const message = parameters.get('SAMLResponse')
  if (message === null && parameters.has('SAMLart')) throw wrongBinding('HTTP-Artifact (SAMLart)')
  return message ?? ''
}

/** Atomic across processes, until the assertion expires. */
async function consumeAssertion(
  { id, usableUntil }: VerifiedAssertion,
  { context }: Upstream,
  { entityId }: IdentityProvider,
  record: Recorder,
): Promise<void> {
  const seconds = Math.ceil((usableUntil.getTime() - context.now().getTime()) / 1000) + 1
  const key = createHash('sha256').update(`${entityId} ${id}`).digest('base64url')
  const isFirst = await context.once(`saml-assertion:${key}`, Math.max(seconds, 1))
  const got = isFirst ? 'not used before' : 'one that was used'
  checkRecorder(record)('replay', isFirst, 'an assertion not used before', got)
}

/** The configured attribute, otherwise a NameID that is stable. */
function subjectOf({ nameId, attributes }: VerifiedAssertion, { config }: Upstream): string {
  if (config.subjectAttribute !== undefined) {
    const values = [...new Set(attributes.get(config.subjectAttribute))]
    const [subject] = values
    if (subject !== undefined && values.length === 1 && subject.length <= 256 && /^\P{Cc}+$/u.test(subject))
      return subject
    const several = values.length === 1 ? 'an unusable one' : `${values.length} values`
    const got = attributes.has(config.subjectAttribute) ? several : `none; the assertion has ${namesIn(attributes)}`
    return refuse('subject attribute', `one value of ${config.subjectAttribute}`, got)
  }
  if (nameId === undefined) return refuse('NameID', 'one, or set subjectAttribute', 'none')
  if (isNameIdFormat(nameId.format, 'transient'))
    return refuse('format of the NameID', 'one that lasts, or set subjectAttribute', 'transient')
  return nameOf(nameId)
}

function namesIn(attributes: VerifiedAssertion['attributes']): string {
  return [...attributes.keys()].slice(0, 10).join(', ') || 'no attributes'
}

function expectationsOf({ context, config, acs, entityId }: Upstream, idp: IdentityProvider, login: Expectations) {
  const { requiredAuthnContext } = config
  return { ...login, issuer: idp.entityId, acs, entityId, now: context.now(), requiredAuthnContext }
}
