/**
 * An emailed link by which the user proves their own address. It works in a session of that user
 * only, so that an owner of the mailbox never proves it for another's account (ID-03, ID-04).
 */
import { z } from 'zod'
import { GatehouseError } from '../../../errors.ts'
import { domainOf } from '../../../profile/profile.ts'
import { connectionsForDomain, type Tenant } from '../../../tenant.ts'
import { isSsoOnlyEmail } from '../../access/sso/decide-sso.ts'
import { recordAudit } from '../../audit/record.ts'
import { isMailAllowed } from '../../limits/mail-limits.ts'
import { issueCode, ownerOf, useCode } from '../../one-time-code.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User } from '../../ports/users.ts'
import type { Session } from '../../session/session.ts'
import { requireCurrentUser } from '../fresh-sign-in.ts'
import { tenantBrand } from '../notify-owner.ts'

export type VerifyEmailPorts = Ports<
  'audit' | 'codes' | 'connections' | 'counters' | 'mailer' | 'now' | 'publicUrl' | 'random' | 'sessions' | 'users'
>

const purpose = 'verify-email'
const minutes = 60
const content = z.object({ userId: z.string(), email: z.string() })

export const verifyEmailPath = '/account/email/verify'

/** A connection that claims the domain speaks for its addresses, and no email does. Pure. */
export function isVerifiableByMail(tenant: Tenant, { profile: { email }, emailProven }: User): boolean {
  if (email === undefined || emailProven) return false
  return connectionsForDomain(tenant, domainOf(email.address)).length === 0 && !isSsoOnlyEmail(tenant, email.address)
}

/** Returns the address. Throws `email_not_verifiable`, `too_many_attempts`, `session_invalid`. */
export async function mailVerification(ports: VerifyEmailPorts, by: Session): Promise<string> {
  const user = await requireCurrentUser(ports, by)
  const tenant = ports.connections.tenant(by.tenant)
  const { email } = user.profile
  if (email === undefined || !isVerifiableByMail(tenant, user))
    throw new GatehouseError('email_not_verifiable', 'the address is proven, or a connection speaks for its domain')
  const { address } = email
  if (!(await isMailAllowed(ports.counters, tenant.id, address, `user ${user.id}`)))
    throw new GatehouseError('too_many_attempts', 'the mailbox got enough emails for this hour', {
      text: 'Enough emails went to this address within the last hour. Try again in an hour.',
      retryAfterSeconds: 3600,
    })
  const code = await issueCode(ports.codes, {
    purpose,
    owner: ownerOf(tenant.id, user.id),
    content: { userId: user.id, email: address },
    seconds: minutes * 60,
    secret: ports.random(32),
  })
  const link = new URL(verifyEmailPath, ports.publicUrl)
  link.searchParams.set('code', code)
  await ports.mailer.verifyEmail({ to: address, ...tenantBrand(tenant), link: link.href, minutes })
  return address
}

/**
 * Uses the code up. Throws `link_invalid` for the session of another user and after a change of the
 * address, and `email_not_verifiable` if another user has proven it.
 */
export async function verifyEmail(ports: VerifyEmailPorts, by: Session, code: string): Promise<void> {
  await useCode(ports.codes, purpose, code, async (found) => {
    const meant = content.safeParse(found).data
    // again if a sign-in changed the user meanwhile
    for (let attempt = 0; attempt < 3; attempt++) {
      const user = await requireCurrentUser(ports, by)
      const { tenant, id, profile } = user
      if (meant === undefined || meant.userId !== id || meant.email !== profile.email?.address)
        throw new GatehouseError('link_invalid', 'the code is unknown, used, expired, or of another user or address')
      if (user.emailProven) return
      if (!isVerifiableByMail(ports.connections.tenant(tenant), user)) break
      const email = { address: meant.email, verified: true }
      if (!(await ports.users.updateProfile({ ...user, profile: { ...profile, email }, emailProven: true }, user)))
        continue
      await recordAudit(ports, { tenant, action: 'user.email_verified', actor: id, target: id })
      return
    }
    throw new GatehouseError('email_not_verifiable', 'a connection or another user has the address')
  })
}
