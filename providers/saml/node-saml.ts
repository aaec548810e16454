/**
 * @node-saml with safe options. Its defaults include SHA-1 and check no issuer, Recipient,
 * Destination or replay. We use it to write requests and to determine which bytes were signed; all
 * other checks are ours, on those bytes.
 */
import {
  type CacheProvider,
  type SamlConfig as NodeSamlConfig,
  type Profile,
  SAML,
  ValidateInResponseTo,
} from '@node-saml/node-saml'
import { getVerifiedXml, parseDomFromString } from '@node-saml/node-saml/lib/xml.js'
import { AbstractStrategy, type VerifyWithoutRequest } from '@node-saml/passport-saml'
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { runStrategy, strategyRequest } from '../passport/run-strategy.ts'
import { refusal, refuse } from './failure.ts'
import type { TrustedKey } from './signature/signature.ts'
import { registerAlgorithms } from './signature/xml-crypto.ts'

registerAlgorithms()

/** Request IDs are in the memo of the login. */
const noCache: CacheProvider = {
  saveAsync: async () => null,
  getAsync: async () => null,
  removeAsync: async () => null,
}

export function nodeSaml(options: NodeSamlConfig): SAML {
  return new SAML(withOurDefaults(options))
}

function withOurDefaults(options: NodeSamlConfig): NodeSamlConfig {
  return {
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    validateInResponseTo: ValidateInResponseTo.never,
    cacheProvider: noCache,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    skipRequestCompression: false,
    acceptedClockSkewMs: -1, // uses the process clock; we check times with ours
    audience: false, // checked by us, so that the trace shows expected and got
    ...options,
  }
}

/** passport-saml's strategy with a SAML object of ours. Its other branches take logout messages. */
class SamlStrategy extends AbstractStrategy {
  static override readonly newSamlProviderOnConstruct = false

  constructor(saml: SAML) {
    const { issuer, callbackUrl, idpCert } = saml.options
    const refuseLogout: VerifyWithoutRequest = (_, done) => done(new Error('not a login'))
    const passBytes: VerifyWithoutRequest = (profile, done) => done(null, { xml: profile?.getAssertionXml?.() })
    super({ issuer, callbackUrl, idpCert }, passBytes, refuseLogout)
    this._saml = saml
  }
}

/** The address with our AuthnRequest, or the fields of a form with it. */
export async function authnRequest(options: NodeSamlConfig, state: string): Promise<URL | Record<string, string>> {
  const strategy = new SamlStrategy(new RequestingSaml(withOurDefaults(options)))
  const request = strategyRequest({}, state, { query: { RelayState: state } })
  const outcome = await runStrategy(strategy, request, {})
  if (outcome.type === 'redirect') return outcome.url
  if (outcome.type === 'page') return fieldsForm.parse(JSON.parse(`${outcome.content}`))
  throw new GatehouseError('internal', `passport-saml began a login by ${outcome.type}`)
}

const fieldsForm = z.record(z.string(), z.string())

/** Gives the fields in place of its page, whose script our policy forbids. */
class RequestingSaml extends SAML {
  override async getAuthorizeFormAsync(state: string): Promise<string> {
    return JSON.stringify(await this.getAuthorizeMessageAsync(state))
  }
}

/** A message and the keys that signed it. */
export interface SignedMessage {
  readonly message: string
  readonly signs: { readonly response: boolean; readonly assertion: boolean }
  readonly keys: readonly TrustedKey[]
  /** Only the response is signed, and the assertion is encrypted. */
  readonly isEncrypted: boolean
}

/** The bytes that were signed: an assertion, or a response whose assertion is encrypted. */
export async function signedBytes(
  signed: SignedMessage,
  place: { readonly acs: string; readonly entityId: string },
): Promise<string> {
  const strategy = new SamlStrategy(new VerifyingSaml(signed, place))
  const form = { SAMLResponse: Buffer.from(signed.message).toString('base64') }
  const outcome = await runStrategy(strategy, strategyRequest({}, '', { form }), {})
  return verifiedForm.safeParse(outcome).data?.user.xml ?? refuse('signature', signatureRequirement, 'not verified')
}

const verifiedForm = z.object({ user: z.object({ xml: z.string() }) })

/** Stops once the signed bytes are known. node-saml would parse them again without namespaces. */
class VerifyingSaml extends SAML {
  readonly #signed: SignedMessage

  constructor(signed: SignedMessage, place: { readonly acs: string; readonly entityId: string }) {
    const { keys, signs } = signed
    const wanted = { wantAssertionsSigned: signs.assertion, wantAuthnResponseSigned: signs.response }
    const idpCert = keys.map(({ pem }) => pem)
    super(withOurDefaults({ callbackUrl: place.acs, issuer: place.entityId, idpCert, ...wanted }))
    this.#signed = signed
  }

  /** Errors of node-saml may quote the message: only their name is kept. */
  override async validatePostResponseAsync(form: Record<string, string>) {
    try {
      return this.#signed.isEncrypted ? await this.#signedResponse() : await super.validatePostResponseAsync(form)
    } catch (cause) {
      if (cause instanceof GatehouseError) throw cause
      throw refusal('signature', signatureRequirement, cause instanceof Error ? cause.name : 'not verified')
    }
  }

  protected override async processValidlySignedAssertionAsync(xml: string) {
    const profile: Profile = { issuer: '', nameID: '', nameIDFormat: '', getAssertionXml: () => xml }
    return { profile, loggedOut: false }
  }

  async #signedResponse() {
    const { message, keys } = this.#signed
    const { documentElement } = await parseDomFromString(message)
    const pems = keys.map(({ pem }) => pem)
    const xml = documentElement && getVerifiedXml(message, documentElement, pems)
    return this.processValidlySignedAssertionAsync(xml ?? refuse('signature', signatureRequirement, 'not verified'))
  }
}

const signatureRequirement = 'over the assertion or the response'
