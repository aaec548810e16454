import type { Factors } from '../../../broker/factors/factors-of.ts'
import type { Authenticator } from '../../../broker/ports/authenticators.ts'
import { isoTime } from '../../../http/iso-time.ts'

export function authenticatorView(authenticator: Authenticator) {
  const { id, kind, name, createdAt, lastUsedAt } = authenticator
  const used = lastUsedAt !== undefined && { lastUsedAt: isoTime(lastUsedAt) }
  const isSuspended = authenticator.kind === 'passkey' && authenticator.suspendedAt !== undefined
  return { id, kind, name, createdAt: isoTime(createdAt), ...used, ...(isSuspended && { suspended: true as const }) }
}

export function factorsView({ totp, passkeys, recoveryCodesLeft: left, recoveryCodesAt }: Factors) {
  const all = [...totp, ...passkeys].toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
  const made = recoveryCodesAt !== undefined && { createdAt: isoTime(recoveryCodesAt) }
  return { authenticators: all.map(authenticatorView), recoveryCodes: { left, ...made } }
}

/** Example in the API reference. */
export const exampleAuthenticator = {
  id: 'Yx2c0mWqk4JtQ8rV',
  kind: 'totp',
  name: 'Phone',
  createdAt: '2026-11-22T09:30:00Z',
} as const

export const exampleFactors = {
  authenticators: [{ ...exampleAuthenticator, lastUsedAt: '2026-11-29T08:00:00Z' }],
  recoveryCodes: { left: 9, createdAt: '2026-11-22T09:31:00Z' },
}
