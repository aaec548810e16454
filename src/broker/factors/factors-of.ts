/** The second factors that a user has. */
import type { Passkey, Totp } from '../ports/authenticators.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'

export interface Factors {
  /** Oldest first. */
  readonly totp: readonly Totp[]
  readonly passkeys: readonly Passkey[]
  /**
   * Number of unused recovery codes. They only recover an account, and are no second factor
   * themselves.
   */
  readonly recoveryCodesLeft: number
  /** When the recovery codes were made; undefined without any, used or not. */
  readonly recoveryCodesAt: Date | undefined
}

export async function factorsOf(
  { authenticators, recoveryCodes }: Ports<'authenticators' | 'recoveryCodes'>,
  user: UserKey,
): Promise<Factors> {
  const [all, codes] = await Promise.all([authenticators.of(user), recoveryCodes.stateOf(user)])
  return {
    totp: all.filter((each) => each.kind === 'totp'),
    passkeys: all.filter((each) => each.kind === 'passkey'),
    recoveryCodesLeft: codes?.remaining ?? 0,
    recoveryCodesAt: codes?.createdAt,
  }
}
