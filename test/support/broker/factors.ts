/** Users with second factors, for tests of the core. */
import { confirmTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { replaceRecoveryCodes } from '../../../src/broker/factors/recovery-codes.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import type { CorePorts } from '../../../src/broker/ports/core-ports.ts'
import type { UserKey } from '../../../src/broker/session/session.ts'
import { sampleIdentity, sampleUser } from '../store/samples.ts'

export async function addUser(parts: CorePorts, tenant = 'acme'): Promise<UserKey & { readonly email: string }> {
  const user = sampleUser({ tenant })
  await parts.users.create(user, sampleIdentity())
  return { tenant, userId: user.id, email: user.profile.email?.address ?? '' }
}

/** An authenticator app of a user: `codeAt` shows its code of a time. */
export async function addTotp(parts: CorePorts, user: UserKey, name?: string) {
  const { enrollment, secret } = await startTotp(parts, user)
  const seed = seedOf(secret)
  const totp = await confirmTotp(parts, user, { enrollment, code: codeAt(seed, parts.now()), name })
  return { totp, seed, codeAt: (at: Date) => codeAt(seed, at) }
}

export const addRecoveryCodes = replaceRecoveryCodes
