/** Attacks on encrypted assertions. */
import {
  assertionXml,
  encrypted,
  type ResponseFacts,
  responseXml,
} from '../../../../providers/saml/emulator/response.ts'
import { signed } from '../../../../providers/saml/emulator/signature.ts'
import type { Config, Keys } from '../saml-forge.ts'
import { type Attack, attack, evil, type Forge, rsaSha1 } from './attack.ts'

export const withKey = ({ ours }: Keys): Config => ({
  privateKey: ours.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  certificate: ours.certificate,
})
export const keyed = { config: withKey }

export const sealed =
  (
    options: Parameters<typeof encrypted>[2],
    inside: (facts: ResponseFacts, keys: Keys) => string = (facts, { idp }) =>
      signed(assertionXml(facts), 'Assertion', idp),
    change: (xml: string) => string = (xml) => xml,
  ): Forge =>
  (facts, keys) =>
    change(responseXml(facts, encrypted(inside(facts, keys), keys.ours.publicKey, options)))

/** The last cipher value, its bytes changed. */
const flipped = (at: number) => (xml: string) => {
  const values = [...xml.matchAll(/<xenc:CipherValue>([^<]+)/g)]
  const value = values.at(-1)?.[1] ?? ''
  const bytes = Buffer.from(value, 'base64')
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = (bytes[place] ?? 0) ^ 1
  return xml.replace(value, bytes.toString('base64'))
}

export const encryptionAttacks: readonly Attack[] = [
  attack('SA-88', 'key transport by PKCS#1 v1.5', 'key transport algorithm', sealed({ transport: 'rsa-1_5' }), keyed),
  attack(
    'SA-88',
    '3DES',
    'encryption algorithm',
    sealed({}, undefined, (xml) => xml.replace(/xmlenc11#aes256-gcm/, 'xmlenc#tripledes-cbc')),
    keyed,
  ),
  attack('SA-88', 'an unsigned assertion inside', 'encrypted assertion', sealed({}, assertionXml), keyed),
  attack(
    'SA-88',
    'an unsigned assertion inside AES-CBC',
    'encrypted assertion',
    sealed({ content: 'aes128-cbc' }, assertionXml),
    keyed,
  ),
  attack(
    'SA-88',
    'an assertion of a stranger inside',
    'encrypted assertion',
    sealed({}, (facts, { stranger }) => signed(assertionXml(facts), 'Assertion', stranger)),
    keyed,
  ),
  attack(
    'SA-88',
    'a CBC block changed',
    'encrypted assertion',
    sealed({ content: 'aes256-cbc' }, undefined, flipped(40)),
    keyed,
  ),
  attack(
    'SA-88',
    'the CBC padding changed',
    'encrypted assertion',
    sealed({ content: 'aes256-cbc' }, undefined, flipped(-17)),
    keyed,
  ),
  attack(
    'SA-88',
    'the last CBC block changed',
    'encrypted assertion',
    sealed({ content: 'aes256-cbc' }, undefined, flipped(-1)),
    keyed,
  ),
  attack('SA-88', 'the GCM tag changed', 'encrypted assertion', sealed({}, undefined, flipped(-1)), keyed),
  attack(
    'SA-88',
    'the wrapped key changed',
    'encrypted assertion',
    (facts, keys) =>
      responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', keys.idp), keys.stranger.publicKey)),
    keyed,
  ),
  attack(
    'SA-88',
    'a document type inside',
    'encrypted assertion',
    sealed({}, (facts, { idp }) => `<!DOCTYPE a>${signed(assertionXml(facts), 'Assertion', idp)}`),
    keyed,
  ),
  attack(
    'SA-88',
    'a comment in the name inside',
    'encrypted assertion',
    sealed({}, (facts, { idp }) => signed(assertionXml({ ...facts, nameId: 'a<!-- -->da' }), 'Assertion', idp)),
    keyed,
  ),
  attack(
    'SA-88',
    'SHA-1 inside',
    'encrypted assertion',
    sealed({}, (facts, { idp }) => signed(assertionXml(facts), 'Assertion', idp, { signatureAlgorithm: rsaSha1 })),
    keyed,
  ),
  attack(
    'SA-88',
    'text that breaks out of its place',
    'encrypted assertion',
    sealed({}, (facts) => `${assertionXml(facts)}</samlp:Response><samlp:Response>`),
    keyed,
  ),
  attack(
    'SA-88',
    'a plain assertion beside the encrypted one',
    'assertions',
    (facts, { idp, ours }) =>
      responseXml(facts, encrypted(signed(assertionXml(facts), 'Assertion', idp), ours.publicKey) + evil(facts)),
    keyed,
  ),
  attack(
    'SA-88',
    'a response changed after it was signed',
    'digest of the Response',
    (facts, keys) =>
      signed(sealed({})(facts, keys).toString(), 'Response', keys.idp).replace(
        'status:Success"',
        'status:Success" A=""',
      ),
    keyed,
  ),
  attack('SA-88', 'an encrypted assertion for a connection without a key', 'encrypted assertion', sealed({})),
]
