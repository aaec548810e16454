/** A connection whose identity provider's keys we have, to write any response. */
import { type CertifiedKey, certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import {
  assertionXml,
  defaultFacts,
  type ResponseFacts,
  responseXml,
} from '../../../providers/saml/emulator/response.ts'
import { type SigningOptions, signed } from '../../../providers/saml/emulator/signature.ts'
import { saml } from '../../../providers/saml/saml.ts'
import type { Challenge, Connection, ConnectionContext, Login } from '../../../src/provider/provider.ts'
import { testContext, testRecorder } from '../../contract/context.ts'

export const idpEntityId = 'https://idp.acme.test/metadata'
export const acs = 'https://gatehouse.test/t/acme/okta/callback'
export const entityId = 'https://gatehouse.test/t/acme/okta/metadata'
export const state = 'state-of-this-login'

export interface Keys {
  readonly idp: CertifiedKey
  readonly next: CertifiedKey
  readonly stranger: CertifiedKey
  readonly ours: CertifiedKey
  /** By curve. */
  readonly curves: Readonly<Record<'P-256' | 'P-384' | 'P-521' | 'secp256k1', CertifiedKey>>
}

/** The same for all test files of a worker: RSA keys take long to generate. */
export const sharedKeys = (): Promise<Keys> => (shared ??= newKeys())

let shared: Promise<Keys> | undefined

async function newKeys(): Promise<Keys> {
  const [idp, next, stranger, ours] = await Promise.all(
    ['idp', 'next', 'stranger', 'ours'].map((name) => certifiedKey(name)),
  )
  if (!idp || !next || !stranger || !ours) throw new Error('no keys')
  return { idp, next, stranger, ours, curves: await curveKeys() }
}

async function curveKeys(): Promise<Keys['curves']> {
  const keyOn = (curve: keyof Keys['curves']) => certifiedKey(curve, { curve })
  return {
    'P-256': await keyOn('P-256'),
    'P-384': await keyOn('P-384'),
    'P-521': await keyOn('P-521'),
    secp256k1: await keyOn('secp256k1'),
  }
}

export type Config = Readonly<Record<string, unknown>>

/** The config of a connection that knows its identity provider by heart. */
export function configOf({ idp }: Keys, changes: Config = {}): Config {
  const known = { entityId: idpEntityId, singleSignOnUrl: 'https://idp.acme.test/sso', certificates: [idp.certificate] }
  return { ...known, ...changes }
}

export function open(config: Config, context: Partial<ConnectionContext> = {}): Connection {
  return saml.open(saml.config.parse(config), testContext(context))
}

export interface Begun {
  readonly challenge: Challenge
  readonly facts: (changes?: Partial<ResponseFacts>) => ResponseFacts
  /** Brings a response back: its text, or bytes, or the parameters themselves. */
  readonly finish: (answer: string | Buffer | URLSearchParams, context?: Partial<ConnectionContext>) => Promise<Login>
}

/** A login that has begun, and the facts of the honest answer to it. */
export async function beginLogin(
  config: Config,
  context: Partial<ConnectionContext> = {},
  options: { readonly reauthenticate?: boolean } = {},
): Promise<Begun> {
  const challenge = await open(config, context).begin({ state, record: testRecorder(), ...options })
  const requestId = `${challenge.memo['requestId']}`
  return {
    challenge,
    facts: (changes = {}) =>
      defaultFacts(new Date(), {
        issuer: idpEntityId,
        destination: acs,
        recipient: acs,
        audiences: [[entityId]],
        inResponseTo: requestId,
        nameId: 'ada',
        attributes: { email: ['ada@acme.test'] },
        ...changes,
      }),
    finish: (answer, elsewhere = {}) => {
      const parameters = answer instanceof URLSearchParams ? answer : answerOf(answer)
      const connection = open(config, { ...context, ...elsewhere })
      return connection.complete({ parameters, memo: challenge.memo, state, record: testRecorder() })
    },
  }
}

export function answerOf(xml: string | Buffer): URLSearchParams {
  return new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: state })
}

/** A response whose assertion is signed. */
export function assertionSigned(facts: ResponseFacts, key: CertifiedKey, options: SigningOptions = {}): string {
  return responseXml(facts, signed(assertionXml(facts), 'Assertion', key, options))
}

/** A response that is signed as a whole, and its assertion not. */
export function responseSigned(facts: ResponseFacts, key: CertifiedKey, options: SigningOptions = {}): string {
  return signed(responseXml(facts, assertionXml(facts)), 'Response', key, options)
}

export function bothSigned(facts: ResponseFacts, key: CertifiedKey): string {
  return signed(assertionSigned(facts, key), 'Response', key)
}

/** Pieces of a response, as text. */
export function piece(xml: string, local: string): string {
  const found = new RegExp(`<((?:\\w+:)?${local})[ >/][\\s\\S]*</\\1>`).exec(xml)?.[0]
  if (found === undefined) throw new Error(`there is no ${local}`)
  return found
}
