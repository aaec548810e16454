/** Signs in with a passkey alone: something the user has, unlocked by what they know or are. */
import { GatehouseError } from '../../../errors.ts'
import { mfaPolicyOf, passkeyConnection, passkeyPolicyOf, type Tenant } from '../../../tenant.ts'
import type { Connections } from '../../connections.ts'
import { assertLinkBrowser, type LinkingPorts, linkPendingIdentity } from '../../identity/linking.ts'
import { findPendingLink } from '../../identity/pending-link.ts'
import { signInRefusal } from '../../identity/resolve-user.ts'
import { enforceSourceLimit } from '../../limits/rate-limits.ts'
import { isTraceAllowed, openTrace, runTraced, type TracePorts } from '../../login/attempt.ts'
import { storeUserSession } from '../../login/open-user-session.ts'
import type { Refused, SignedIn } from '../../login/outcome.ts'
import { checkReturnUrl } from '../../login/return-url.ts'
import type { Ports } from '../../ports/core-ports.ts'
import { assertMethodUsable, isMethodAllowed } from '../allowed-methods.ts'
import { type CancelRecoveryPorts, cancelRecovery } from '../recovery/recover.ts'
import { type AssertionPorts, verifyPasskeyAssertion } from './assertion.ts'
import { challengeOf } from './challenges.ts'
import type { PasskeySite } from './passkey-site.ts'
import { assertionForm, readResponse } from './responses.ts'
import { assertSignsIn } from './suspend-passkeys.ts'

export type PasskeySignInPorts = AssertionPorts &
  CancelRecoveryPorts &
  LinkingPorts &
  TracePorts &
  Ports<'counters' | 'publicUrl'>

interface Offer {
  readonly connections: Connections
  readonly passkeySite: PasskeySite | undefined
}

/** Whether the tenant accepts passkeys as a first factor, which counts as two. */
export function offersPasskeySignIn({ connections, passkeySite }: Offer, tenant: Tenant): boolean {
  if (passkeySite === undefined) return false
  if (mfaPolicyOf(tenant).required === 'all' && !isMethodAllowed(tenant, 'passkey')) return false
  const hasOwnMethods = connections.passwordConnection(tenant) !== null || connections.emailConnection(tenant) !== null
  return passkeyPolicyOf(tenant).signIn ?? hasOwnMethods
}

export interface PasskeyRequest {
  readonly tenant: string
  readonly returnTo: string
  readonly link?: string
  /** SHA-256 of the browser's id; undefined for programs. */
  readonly browser?: string
}

export interface PasskeyAnswer {
  /** AuthenticationResponseJSON (WebAuthn Level 3, 5.1.9), or its text. */
  readonly response: unknown
  readonly device: string
  readonly source: string
}

/** Throws `passkeys_unavailable`, `return_to_refused`; other refusals have a trace. */
export async function signInWithPasskey(
  ports: PasskeySignInPorts,
  request: PasskeyRequest,
  { response, device, source }: PasskeyAnswer,
): Promise<SignedIn | Refused> {
  const tenant = ports.connections.tenant(request.tenant)
  assertOffered(ports, tenant)
  const returnTo = checkReturnUrl(request.returnTo, tenant, ports.publicUrl)
  const { link, browser } = request
  const place = { tenant: tenant.id, connection: passkeyConnection }
  const trace = openTrace(ports, { ...place, returnTo })
  const resume = { ...place, reference: trace.reference, returnTo, ...(link !== undefined && { link }) }
  const connection = { tenant, settings: { id: passkeyConnection, kind: passkeyConnection } }
  const steps = async () => {
    await assertLinkBrowser(
      ports,
      { tenant: tenant.id, browser: browser ?? '', ...(link !== undefined && { link }) },
      trace,
    )
    await trace.step('limits', () => enforceSourceLimit(ports.counters, 'passkey-answer', source, tenant.id))
    const subject = { tenant: tenant.id, ...(browser !== undefined && { bound: browser }) }
    const { user, passkey, amr } = await trace.step('passkey', async () => {
      const answer = readResponse(assertionForm, response)
      const { passkey, amr } = await verifyPasskeyAssertion(ports, subject, answer, challengeOf(answer))
      trace.ofUser(passkey.userId)
      return { user: await ports.users.find(tenant.id, passkey.userId), passkey, amr }
    })
    if (user === null) throw new GatehouseError('passkey_invalid', 'the user of the passkey is gone')
    const refusal = signInRefusal(user)
    if (refusal !== undefined) throw new GatehouseError(refusal.code, `the user is ${refusal.why}`)
    await assertSignsIn(ports, passkey)
    await assertMethodUsable(ports, passkey, 'passkey', true)
    if (user.profile.email !== undefined) trace.ofEmail(user.profile.email.address)
    const pendingLink = link === undefined ? null : await findPendingLink(ports, link)
    if (pendingLink !== null && !pendingLink.existingUserIds.includes(user.id))
      throw new GatehouseError('link_mismatch', 'the user who signed in does not have the email')
    const completedAt = ports.now()
    const attempt = { connection, resume, trace, device }
    const opening = { evidence: { authenticatedAt: completedAt }, completedAt }
    const factor = { method: 'passkey', amr, at: completedAt } as const
    const signedIn = await storeUserSession(ports, attempt, user, opening, factor)
    // a recovery may be an attacker's
    await cancelRecovery(ports, signedIn.session, 'a passkey').catch(() => undefined)
    await linkPendingIdentity(ports, signedIn, trace)
    return signedIn
  }
  return runTraced(ports, { trace, resume }, steps, isTraceAllowed(ports, source))
}

/** Throws `passkeys_unavailable`. */
export function assertOffered(ports: Offer, tenant: Tenant): void {
  if (!offersPasskeySignIn(ports, tenant))
    throw new GatehouseError('passkeys_unavailable', `tenant ${tenant.id} does not offer passkeys`)
}
