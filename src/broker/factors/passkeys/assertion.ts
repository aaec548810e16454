/** Verifies assertions of passkeys, as the first or the second factor. */
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server'
import { GatehouseError } from '../../../errors.ts'
import { recordAudit } from '../../audit/record.ts'
import { type NotifyUserPorts, notifyUser } from '../../identity/notify-user.ts'
import type { Passkey } from '../../ports/authenticators.ts'
import type { Ports } from '../../ports/core-ports.ts'
import { challengeSeconds, issueChallenge, takeChallenge } from './challenges.ts'
import { passkeysOf } from './own-passkeys.ts'
import { requirePasskeySite } from './passkey-site.ts'
import { type AssertionResponse, assertionForm, readResponse, userIdOf } from './responses.ts'
import { checkAssertion, loadWebAuthn } from './web-authn.ts'

export type AssertionPorts = NotifyUserPorts &
  Ports<'audit' | 'authenticators' | 'codes' | 'now' | 'passkeySite' | 'random'>

/** The user and the ceremony that the challenge is bound to. */
export interface AssertionSubject {
  readonly tenant: string
  /** Undefined for a first factor: the passkey identifies the user. */
  readonly userId?: string
  /**
   * SHA-256 of the browser's id, or the id of the pending sign-in or session. Programs: undefined.
   */
  readonly bound?: string
}

/**
 * Options of `navigator.credentials.get`. Throws `passkeys_unavailable`. For a first factor they
 * name no credential and require user verification.
 */
export async function passkeyAssertionOptions(
  ports: AssertionPorts,
  { tenant, userId, bound }: AssertionSubject,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const site = requirePasskeySite(ports)
  const own = userId === undefined ? [] : await passkeysOf(ports, { tenant, userId })
  const challenge = await issueChallenge(ports, {
    ...{ ceremony: 'assertion', tenant },
    ...(userId !== undefined && { userId }),
    ...(bound !== undefined && { bound }),
  })
  const { generateAuthenticationOptions } = await loadWebAuthn()
  return generateAuthenticationOptions({
    rpID: site.rpId,
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    timeout: challengeSeconds * 1000,
    userVerification: userId === undefined ? 'required' : 'preferred',
    ...(userId !== undefined && {
      allowCredentials: own.map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] })),
    }),
  })
}

export interface VerifiedAssertion {
  readonly passkey: Passkey
  readonly userVerified: boolean
  /** RFC 8176: `hwk` or `swk`, and `user` if the authenticator verified the user. */
  readonly amr: readonly string[]
}

/**
 * Uses up the challenge and checks the response. Throws `passkey_invalid`; a counter that did not
 * increase shows a copied authenticator, and is audited (WebAuthn Level 3, 6.1.1).
 * @param response AuthenticationResponseJSON (WebAuthn Level 3, 5.1.9), or its text
 * @param challenge of `passkeyAssertionOptions`; `challengeOf` reads it from the response
 */
export async function verifyPasskeyAssertion(
  ports: AssertionPorts,
  subject: AssertionSubject,
  response: unknown,
  challenge: string,
): Promise<VerifiedAssertion> {
  const site = requirePasskeySite(ports)
  const answer = readResponse(assertionForm, response)
  const { tenant, userId, bound } = subject
  await takeChallenge(ports, challenge, { ceremony: 'assertion', tenant, userId, bound })
  const passkey = await passkeyOf(ports, subject, answer)
  const checked = await checkAssertion({ response: answer, challenge, site }, passkey, userId === undefined)
  await storeUse(ports, passkey, checked)
  const { userVerified, deviceBound } = checked
  const amr = [deviceBound ? 'hwk' : 'swk', ...(userVerified ? ['user'] : [])]
  return { passkey, userVerified, amr }
}

async function passkeyOf(ports: AssertionPorts, subject: AssertionSubject, answer: AssertionResponse) {
  const passkey = await ports.authenticators.findPasskey(subject.tenant, answer.id)
  if (passkey === null) throw new PasskeyUnknown(answer)
  if (subject.userId !== undefined && subject.userId !== passkey.userId)
    throw new GatehouseError('passkey_invalid', 'the passkey belongs to another user')
  // a second factor may leave it out, a discoverable credential never does (7.2, step 6)
  const named = userIdOf(answer)
  if (named === undefined ? subject.userId === undefined : named !== passkey.userId)
    throw new GatehouseError('passkey_invalid', 'the user handle is missing or names another user')
  return passkey
}

/** The tenant has no passkey with this credential id. */
export class PasskeyUnknown extends GatehouseError {
  readonly credentialId: string
  /** User ID that the response claims; not verified. */
  readonly claimedUserId: string | undefined

  constructor(answer: AssertionResponse) {
    super('passkey_invalid', 'the tenant has no such passkey')
    this.credentialId = answer.id
    this.claimedUserId = userIdOf(answer)
  }
}

/**
 * Whether no tenant has the passkey, so that the browser may forget it: tenants share the domain
 * of passkeys, and the user may have picked one of another tenant.
 */
export async function isRemovedPasskey(
  { authenticators, users }: Ports<'authenticators' | 'users'>,
  { credentialId, claimedUserId }: PasskeyUnknown,
): Promise<boolean> {
  const claimed = claimedUserId === undefined ? null : await users.findById(claimedUserId)
  return claimed === null || (await authenticators.findPasskey(claimed.tenant, credentialId)) === null
}

/** One atomic step compares and stores the counter. */
async function storeUse(
  ports: AssertionPorts,
  passkey: Passkey,
  { counter, backedUp }: { readonly counter: number; readonly backedUp: boolean },
): Promise<void> {
  if (await ports.authenticators.usePasskey(passkey, counter, backedUp, ports.now())) return
  const { tenant, userId, id, name } = passkey
  const stored = await ports.authenticators.findPasskey(tenant, passkey.credentialId)
  if (stored === null) throw new GatehouseError('passkey_invalid', 'the passkey was removed meanwhile')
  const mail = await notifyUser(ports, passkey, { kind: 'passkey cloned', name })
  const details = { authenticator: id, name, counter: String(counter), stored: String(stored.counter), mail }
  await recordAudit(ports, { tenant, action: 'passkey.cloned', actor: userId, target: userId, details })
  throw new GatehouseError('passkey_invalid', `the counter ${counter} is not above ${stored.counter}: a copied passkey`)
}
