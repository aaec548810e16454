/** Which level a sign-in must reach, and how its user can reach it. Pure. */
import type { MfaPolicy } from '../../tenant.ts'
import { higherOf, type Level, levelOfAcr, levelRank, type RequiredLevel } from './level.ts'

export interface RequirementInput {
  /** MFA policy of the tenant. */
  readonly policy: MfaPolicy | undefined
  /** Current roles of the user. */
  readonly roles: readonly string[]
  /** The user has set up an authenticator app, so that sign-in asks for it. */
  readonly hasAuthenticatorApp?: boolean
  /** Setting of the app that signs the user in. */
  readonly appMfa?: 'required' | undefined
  /** Values that the app requests; any one of them is enough. */
  readonly acrValues?: readonly string[]
}

/** The highest level that the user, the tenant, the app or its request requires. */
export function requiredAssurance(input: RequirementInput): Level {
  const { policy, roles, hasAuthenticatorApp = false, appMfa, acrValues = [] } = input
  const ofTenant = hasAuthenticatorApp || isRequiredByTenant(policy, roles) ? 'second factor' : 'none'
  const ofApp = appMfa === 'required' ? 'second factor' : 'none'
  return higherOf(higherOf(ofTenant, ofApp), requestedLevel(acrValues))
}

function isRequiredByTenant(policy: MfaPolicy | undefined, roles: readonly string[]): boolean {
  const required = policy?.required ?? 'none'
  if (required === 'none' || required === 'all') return required === 'all'
  return required.roles.some((role) => roles.includes(role))
}

/** The lowest level that satisfies one of the values; `none` if a value is not ours to reach. */
export function requestedLevel(acrValues: readonly string[]): Level {
  const requested = acrValues.flatMap((acr) => levelOfAcr(acr) ?? [])
  return (
    requested.reduce<Level | undefined>(
      (lowest, level) => (lowest === undefined || levelRank(level) < levelRank(lowest) ? level : lowest),
      undefined,
    ) ?? 'none'
  )
}

/** Until `graceUntil`, users without a factor may postpone the setup. */
export function isGracePeriod(policy: Pick<MfaPolicy, 'graceUntil'> | undefined, now: Date): boolean {
  return policy?.graceUntil !== undefined && now < policy.graceUntil
}

export interface OwnFactors {
  readonly totp: boolean
  readonly passkey: boolean
  readonly recoveryCodes: boolean
}

export type ProvableMethod = 'passkey' | 'totp' | 'recovery_code'

/**
 * Methods that the user can prove now, best first. Empty: the user must set one up. Methods that
 * the tenant no longer allows count only for users without an allowed one: setting up another
 * always needs proof of the one the user has.
 */
export function usableMethods(
  own: OwnFactors,
  allowed: MfaPolicy['methods'],
  level: RequiredLevel = 'second factor',
): readonly ProvableMethod[] {
  const has = (['passkey', 'totp'] as const).filter((method) => own[method])
  const permitted = has.filter((method) => allowed.includes(method))
  const authenticators = permitted.length > 0 ? permitted : has
  if (level === 'phishing-resistant') return authenticators.filter((method) => method === 'passkey')
  return authenticators.length > 0 && own.recoveryCodes ? [...authenticators, 'recovery_code'] : authenticators
}
