/** An authenticator in software, for responses that no browser would send. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'

interface Options {
  readonly challenge: string
  readonly user?: { readonly id: string }
}

export interface Misuse {
  readonly origin?: string
  readonly rpId?: string
  readonly counter?: number
  readonly userHandle?: string | undefined
  /** Default: present and verified. */
  readonly flags?: number
  readonly challenge?: string
}

const present = 0x01
const verified = 0x04
const attested = 0x40

export function softAuthenticator(place: { readonly origin: string; readonly rpId: string }) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let counter = 0
  let userHandle: string | undefined

  const clientData = (type: string, options: Options, { origin = place.origin, challenge }: Misuse) =>
    Buffer.from(JSON.stringify({ type, challenge: challenge ?? options.challenge, origin, crossOrigin: false }))

  function authenticatorData(
    { rpId = place.rpId, flags, counter: given }: Misuse,
    usual: number,
    rest = Buffer.alloc(0),
  ) {
    const head = Buffer.alloc(37)
    createHash('sha256').update(rpId).digest().copy(head)
    head[32] = flags ?? usual
    head.writeUInt32BE(given ?? ++counter, 33)
    return Buffer.concat([head, rest])
  }

  const common = { id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key' as const }

  return {
    credentialId: common.id,
    create(options: Options, misuse: Misuse = {}) {
      userHandle = options.user?.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const credential = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)])
      const authData = authenticatorData(misuse, present | verified | attested, credential)
      const attestation = new Map<string, string | Uint8Array | Map<string, string>>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData)],
      ])
      return {
        ...common,
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', options, misuse).toString('base64url'),
          attestationObject: Buffer.from(isoCBOR.encode(attestation)).toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    get(options: Options, misuse: Misuse = {}) {
      const data = clientData('webauthn.get', options, misuse)
      const authData = authenticatorData(misuse, present | verified)
      const signed = Buffer.concat([authData, createHash('sha256').update(data).digest()])
      return {
        ...common,
        clientExtensionResults: {},
        response: {
          clientDataJSON: data.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          userHandle: 'userHandle' in misuse ? misuse.userHandle : userHandle,
        },
      }
    },
  }
}

function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  const cose = new Map<number, number | Uint8Array>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, bytes(x)],
    [-3, bytes(y)],
  ])
  return Buffer.from(isoCBOR.encode(cose))
}
