/** Which second factors users of a tenant may add and use: `mfa.methods`. */
import { GatehouseError } from '../../errors.ts'
import { type EnrollableMethod, mfaPolicyOf, type Tenant } from '../../tenant.ts'
import type { ProvableMethod } from '../assurance/requirement.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'

const nouns: Readonly<Record<EnrollableMethod, string>> = { passkey: 'passkeys', totp: 'authenticator apps' }

export const isMethodAllowed = (tenant: Pick<Tenant, 'mfa'>, method: EnrollableMethod): boolean =>
  mfaPolicyOf(tenant).methods.includes(method)

/** Text in place of the form; undefined if the method may be added. */
export function refusalOf(tenant: Pick<Tenant, 'mfa'>, method: EnrollableMethod): string | undefined {
  if (isMethodAllowed(tenant, method)) return undefined
  const allowed = mfaPolicyOf(tenant).methods.map((each) => nouns[each])
  return `Your organization does not allow new ${nouns[method]}, only ${allowed.join(' and ')}.`
}

/** Every function that adds a second factor calls it. Throws `factor_not_allowed`. */
export function assertMethodAllowed(tenant: Pick<Tenant, 'id' | 'mfa'>, method: EnrollableMethod): void {
  const text = refusalOf(tenant, method)
  if (text === undefined) return
  throw new GatehouseError('factor_not_allowed', `mfa.methods of tenant ${tenant.id} does not list ${method}`, { text })
}

/**
 * Throws `factor_not_allowed` for a method that `usableMethods` would not offer: one that is not
 * listed works until the user has a listed one.
 * @param isAlone the method is the whole sign-in
 */
export async function assertMethodUsable(
  { authenticators, connections }: Ports<'authenticators' | 'connections'>,
  user: UserKey,
  method: ProvableMethod,
  isAlone = false,
): Promise<void> {
  const tenant = connections.tenant(user.tenant)
  if (method === 'recovery_code' || isMethodAllowed(tenant, method)) return
  const own = await authenticators.of(user)
  if (!own.some(({ kind }) => isMethodAllowed(tenant, kind))) return
  const listed = mfaPolicyOf(tenant)
    .methods.map((each) => nouns[each])
    .join(' or ')
  throw new GatehouseError('factor_not_allowed', `mfa.methods of tenant ${tenant.id} does not list ${method}`, {
    text: `Your organization no longer accepts ${nouns[method]}. ${isAlone ? 'Sign in another way, then use' : 'Use'} one of your ${listed} or a recovery code.`,
  })
}
