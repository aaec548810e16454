/**
 * Checks WebAuthn responses with @simplewebauthn/server, which takes two tenths of a second to
 * load: the first ceremony loads it.
 */
import { GatehouseError } from '../../../errors.ts'
import type { Passkey } from '../../ports/authenticators.ts'
import type { PasskeySite } from './passkey-site.ts'
import type { AssertionResponse, RegistrationResponse } from './responses.ts'

/** COSE: ES256, EdDSA, RS256. */
export const algorithms = [-7, -8, -257]

type WebAuthn = typeof import('@simplewebauthn/server') & typeof import('@simplewebauthn/server/helpers')

export const loadWebAuthn = async (): Promise<WebAuthn> => ({
  ...(await import('@simplewebauthn/server')),
  ...(await import('@simplewebauthn/server/helpers')),
})

interface Ceremony<R> {
  readonly response: R
  readonly challenge: string
  readonly site: PasskeySite
}

export interface CheckedRegistration {
  readonly credentialId: string
  /** COSE key, base64url. */
  readonly publicKey: string
  readonly counter: number
  readonly aaguid: string
  readonly backedUp: boolean
  /** Whether the passkey cannot leave its authenticator. */
  readonly deviceBound: boolean
}

/**
 * Throws `passkey_invalid`. The attestation statement is dropped: none was asked for, and the
 * library would fetch the revocation lists that its certificates name.
 * @param isConditional created without asking the user: no presence, no verification
 */
export async function checkRegistration(
  { response, challenge, site }: Ceremony<RegistrationResponse>,
  isConditional: boolean,
): Promise<CheckedRegistration> {
  const { verifyRegistrationResponse, decodeAttestationObject, isoCBOR } = await loadWebAuthn()
  const checked = await refuseFailures(async () => {
    const attestation = decodeAttestationObject(bytesOf(response.response.attestationObject))
    const bare = new Map<string, string | Uint8Array | Map<string, string>>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', attestation.get('authData')],
    ])
    const attestationObject = Buffer.from(isoCBOR.encode(bare)).toString('base64url')
    return verifyRegistrationResponse({
      response: {
        id: response.id,
        rawId: response.rawId,
        type: response.type,
        clientExtensionResults: {},
        response: { clientDataJSON: response.response.clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...site.origins],
      expectedRPID: site.rpId,
      requireUserPresence: !isConditional,
      requireUserVerification: !isConditional,
      supportedAlgorithmIDs: algorithms,
    })
  })
  if (!checked.verified) throw new GatehouseError('passkey_invalid', 'the registration could not be verified')
  const { credential, aaguid, credentialBackedUp, credentialDeviceType } = checked.registrationInfo
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    aaguid,
    backedUp: credentialBackedUp,
    deviceBound: credentialDeviceType === 'singleDevice',
  }
}

export interface CheckedAssertion {
  readonly counter: number
  readonly backedUp: boolean
  /** Whether the passkey cannot leave its authenticator. */
  readonly deviceBound: boolean
  readonly userVerified: boolean
}

/** Throws `passkey_invalid`. The caller compares the counter, in one step with storing it. */
export async function checkAssertion(
  { response, challenge, site }: Ceremony<AssertionResponse>,
  { credentialId, publicKey }: Passkey,
  requiresVerification: boolean,
): Promise<CheckedAssertion> {
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  const { clientDataJSON, authenticatorData, signature } = response.response
  const checked = await refuseFailures(() =>
    verifyAuthenticationResponse({
      response: {
        id: response.id,
        rawId: response.rawId,
        type: response.type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...site.origins],
      expectedRPID: site.rpId,
      credential: { id: credentialId, publicKey: bytesOf(publicKey), counter: 0 },
      requireUserVerification: requiresVerification,
    }),
  )
  if (!checked.verified) throw new GatehouseError('passkey_invalid', 'the signature is wrong')
  const { newCounter, userVerified, credentialBackedUp, credentialDeviceType } = checked.authenticationInfo
  const deviceBound = credentialDeviceType === 'singleDevice'
  return { counter: newCounter, userVerified, backedUp: credentialBackedUp, deviceBound }
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))

/** The library throws plain errors, which name what it expected and got. */
async function refuseFailures<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'a fault'
    throw new GatehouseError('passkey_invalid', `the response was refused: ${why}`, { cause })
  }
}
