/** Registers a passkey of a signed-in user, or of one whose sign-in needs a second factor. */
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialUserEntityJSON } from '@simplewebauthn/server'
import { displayName } from '../../../profile/profile.ts'
import { requireCurrentUser } from '../../identity/fresh-sign-in.ts'
import type { Passkey } from '../../ports/authenticators.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User } from '../../ports/users.ts'
import type { Session, UserKey } from '../../session/session.ts'
import { assertMethodAllowed } from '../allowed-methods.ts'
import { assertAuthenticatorLimit, authenticatorName, storeAuthenticator } from '../authenticators.ts'
import { type FactorEventPorts, recordFactorEvent } from '../factor-events.ts'
import { challengeOf, challengeSeconds, issueChallenge, takeChallenge } from './challenges.ts'
import { modelName } from './models.ts'
import { isPasskey } from './own-passkeys.ts'
import { requirePasskeySite } from './passkey-site.ts'
import { readResponse, registrationForm, userHandleOf } from './responses.ts'
import { algorithms, checkRegistration, loadWebAuthn } from './web-authn.ts'

export type RegistrationPorts = FactorEventPorts &
  Ports<'authenticators' | 'codes' | 'passkeySite' | 'random' | 'sessions' | 'users'>

/** How browsers and password managers list the passkey. */
export function passkeyUserOf({ id, profile }: Pick<User, 'id' | 'profile'>): PublicKeyCredentialUserEntityJSON {
  const name = profile.email?.address ?? displayName(profile) ?? 'user'
  const handle = userHandleOf(id).toString('base64url')
  return { id: handle, name, displayName: displayName(profile) ?? name }
}

/** The user who creates a passkey. */
export interface Registrant extends UserKey {
  /** Binding of the challenge, such as the ID of the session. */
  readonly id: string
  /** Throws once the session, or the pending sign-in, has ended. */
  currentUser(): Promise<User>
}

type RegistrantPorts = Ports<'now' | 'sessions' | 'users'>

export function registrantOf(ports: RegistrantPorts, session: Session): Registrant {
  const { tenant, userId, id } = session
  return { tenant, userId, id, currentUser: () => requireCurrentUser(ports, session) }
}

/**
 * Options of `navigator.credentials.create`, with a challenge for this session. The caller has
 * checked that the sign-in is recent. Throws `factor_not_allowed`, `session_invalid`,
 * `authenticators_full`.
 * @param isConditional right after a password sign-in, the browser may create it without asking
 */
export function passkeyCreationOptions(
  ports: RegistrationPorts,
  session: Session,
  isConditional = false,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return creationOptionsFor(ports, registrantOf(ports, session), isConditional)
}

export async function creationOptionsFor(
  ports: RegistrationPorts,
  by: Registrant,
  isConditional = false,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const site = requirePasskeySite(ports)
  assertMethodAllowed(ports.connections.tenant(by.tenant), 'passkey')
  const user = await by.currentUser()
  const passkeys = (await assertAuthenticatorLimit(ports, by)).filter(isPasskey)
  const { tenant, userId, id } = by
  const challenge = await issueChallenge(ports, {
    ...{ ceremony: 'registration', tenant, userId, session: id },
    ...(isConditional && { conditional: true }),
  })
  const { id: handle, name, displayName } = passkeyUserOf(user)
  const { generateRegistrationOptions } = await loadWebAuthn()
  return generateRegistrationOptions({
    rpName: ports.connections.tenant(tenant).name,
    rpID: site.rpId,
    userID: new Uint8Array(Buffer.from(handle, 'base64url')),
    userName: name,
    userDisplayName: displayName,
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    timeout: challengeSeconds * 1000,
    attestationType: 'none',
    excludeCredentials: passkeys.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
    // a conditional creation proves no presence and no verification
    authenticatorSelection: { residentKey: 'required', userVerification: isConditional ? 'preferred' : 'required' },
    supportedAlgorithmIDs: algorithms,
  })
}

/**
 * Stores the passkey of this response, with email and audit event. Throws `factor_not_allowed`,
 * `passkey_invalid`, `authenticators_full`, `session_invalid`.
 * @param response RegistrationResponseJSON (WebAuthn Level 3, 5.1.8), or its text
 */
export async function registerPasskey(
  ports: RegistrationPorts,
  session: Session,
  response: unknown,
  name?: string,
): Promise<Passkey> {
  return (await registerFor(ports, registrantOf(ports, session), response, name)).passkey
}

export interface Registered {
  readonly passkey: Passkey
  /** Authentication Method Reference values (RFC 8176). */
  readonly amr: readonly string[]
}

/** Does what `registerPasskey` does, and throws what `by.currentUser` throws. */
export async function registerFor(
  ports: RegistrationPorts,
  by: Registrant,
  response: unknown,
  name?: string,
): Promise<Registered> {
  const site = requirePasskeySite(ports)
  assertMethodAllowed(ports.connections.tenant(by.tenant), 'passkey')
  const answer = readResponse(registrationForm, response)
  const challenge = challengeOf(answer)
  const { tenant, userId, id: sessionId } = by
  const issued = await takeChallenge(ports, challenge, {
    ...{ ceremony: 'registration', tenant, userId, session: sessionId },
  })
  const isConditional = issued.conditional === true
  const { deviceBound, ...checked } = await checkRegistration({ response: answer, challenge, site }, isConditional)
  await by.currentUser()
  // other challenges may have been used since this one was issued
  const others = (await assertAuthenticatorLimit(ports, by)).filter(isPasskey)
  const passkey: Passkey = {
    ...{ kind: 'passkey', id: ports.random(16).toString('base64url'), tenant, userId, ...checked },
    name: authenticatorName(name, modelName(checked.aaguid) ?? 'Passkey', others),
    createdAt: ports.now(),
    transports: answer.response.transports ?? [],
  }
  await storeAuthenticator(ports, passkey)
  await recordFactorEvent(ports, by, { action: 'factor.added', authenticator: passkey })
  return { passkey, amr: [deviceBound ? 'hwk' : 'swk', ...(isConditional ? [] : ['user'])] }
}
