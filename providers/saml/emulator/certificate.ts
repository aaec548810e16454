/** A key with a self-signed certificate. node:crypto only reads X.509, so this writes the DER. */
import { generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'

export interface CertifiedKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** PEM. */
  readonly certificate: string
}

export interface CertificateOptions {
  /** Default: one day ago. */
  readonly from?: Date
  /** Default: in two years. */
  readonly until?: Date
  /** Default: RSA of 2048 bits. */
  readonly curve?: 'P-256' | 'P-384' | 'P-521' | 'secp256k1'
}

const generate = promisify(generateKeyPair)
const dayMs = 24 * 3600_000

export async function certifiedKey(name: string, options: CertificateOptions = {}): Promise<CertifiedKey> {
  const pair = await keyPair(options)
  return { ...pair, certificate: certificateBy(pair.privateKey, pair.publicKey, name, options) }
}

/** A certificate of the public key, in PEM. The signing key has the form that the options say. */
export function certificateBy(
  privateKey: KeyObject,
  publicKey: KeyObject,
  name: string,
  options: CertificateOptions = {},
): string {
  const from = options.from ?? new Date(Date.now() - dayMs)
  const until = options.until ?? new Date(Date.now() + 730 * dayMs)
  const algorithm =
    options.curve === undefined
      ? sequence(objectId('2a864886f70d01010b'), der(0x05)) // sha256WithRSAEncryption
      : sequence(objectId('2a8648ce3d040302')) // ecdsa-with-SHA256
  // commonName
  const who = sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(name)))))
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    who,
    sequence(time(from), time(until)),
    who,
    publicKey.export({ format: 'der', type: 'spki' }),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey))
  const base64 = sequence(content, algorithm, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g)?.join('\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

function keyPair({ curve }: CertificateOptions) {
  return curve === undefined ? generate('rsa', { modulusLength: 2048 }) : generate('ec', { namedCurve: curve })
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content)
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
// GeneralizedTime
const time = (moment: Date): Buffer => der(0x18, Buffer.from(moment.toISOString().replace(/[-:T]|\.\d+/g, '')))
