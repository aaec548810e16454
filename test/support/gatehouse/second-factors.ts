/** Users of a test Gatehouse who have an authenticator app. */
import { confirmTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { replaceRecoveryCodes } from '../../../src/broker/factors/recovery-codes.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import type { UserKey } from '../../../src/broker/session/session.ts'
import type { TestGatehouse } from './test-gatehouse.ts'

export interface TestFactor {
  readonly user: UserKey
  readonly recoveryCodes: readonly string[]
  /** A code that was not shown before: half a minute later. */
  nextCode(): string
}

export async function userOf({ core: { parts } }: TestGatehouse, email: string, tenant = 'acme'): Promise<UserKey> {
  const [user] = await parts.users.search({ tenant, email, limit: 1 })
  if (user === undefined) throw new Error(`no user ${email}`)
  return { tenant, userId: user.id }
}

export async function addTotp(server: TestGatehouse, email: string, tenant = 'acme'): Promise<TestFactor> {
  const { parts } = server.core
  const user = await userOf(server, email, tenant)
  const { enrollment, secret } = await startTotp(parts, user)
  const seed = seedOf(secret)
  await confirmTotp(parts, user, { enrollment, code: codeAt(seed, parts.now()) })
  const recoveryCodes = await replaceRecoveryCodes(parts, user)
  return { user, recoveryCodes, nextCode: () => codeAfter(server, seed) }
}

export function codeAfter({ clock, core }: TestGatehouse, seed: Uint8Array): string {
  clock.forward(31)
  return codeAt(seed, core.parts.now())
}
