import type { OpenConnection } from '../../connections.ts'
import type { Ports } from '../../ports/core-ports.ts'
import { assertSsoAllowed, type SsoPorts } from './assert-sso.ts'
import { isBreakGlassEmail } from './decide-sso.ts'

/**
 * Before a password is set, by an emailed link or by its user. Throws `sso_required` if the user of
 * this password could not sign in with it.
 */
export async function assertPasswordAllowed(
  ports: SsoPorts & Ports<'passwords'>,
  { tenant, settings, upstream }: OpenConnection,
  email: string,
): Promise<void> {
  if (tenant.ssoOnly === undefined || isBreakGlassEmail(tenant, email)) return
  const record = await ports.passwords.find(tenant.id, email)
  const identity = record === null ? undefined : upstream.passwords?.identify(record)
  const [proven] = await ports.users.findByProvenEmail(tenant.id, email)
  const owner = identity && (await ports.users.findByIdentity(tenant.id, identity.issuer, identity.subject))
  const unknown = { profile: { email: { address: email, verified: true } }, emailProven: false }
  const user = owner ?? proven ?? unknown
  await assertSsoAllowed(ports, { tenant, connection: settings.id, asserted: email, user })
}
