import type { User } from '../../broker/ports/users.ts'

/** Such as `svSbTzEqp25YERuxIUXehQ (ada@acme.com) of acme`. */
export function userText({ id, tenant, profile: { email } }: Pick<User, 'id' | 'tenant' | 'profile'>): string {
  return `${id}${email === undefined ? '' : ` (${email.address})`} of ${tenant}`
}
