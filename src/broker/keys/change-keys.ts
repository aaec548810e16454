/** Rotates and retires signing keys for an operator. Processes see a change within 30 seconds. */
import { type AuditPorts, deploymentTenant, recordAudit } from '../audit/record.ts'
import type { SigningKey } from '../ports/durable.ts'
import { activatableAt, activateNextKeys, nextChangeAt, retired } from './key-lifecycle.ts'
import { type SigningKeyPorts, updateKeys } from './signing-keys.ts'

export type ChangeKeysPorts = SigningKeyPorts & AuditPorts

export interface KeyChange {
  /** A user id, or `cli`. */
  readonly actor: string
  /** Despite what apps or tokens lose by it. */
  readonly now: boolean
}

export type Rotation =
  | { readonly outcome: 'rotated'; readonly keys: readonly SigningKey[] }
  /** Nothing changed: apps may not know the next keys before `at`. */
  | { readonly outcome: 'early'; readonly publishedAt: Date | undefined; readonly at: Date }

/** Activates the next keys. Concurrent rotations rotate once. */
export async function rotateSigningKeys(ports: ChangeKeysPorts, { actor, now }: KeyChange): Promise<Rotation> {
  const at = ports.now()
  const next = (await updateKeys(ports)).filter(({ status }) => status === 'next')
  const ripe = knownToAppsAt(next, ports)
  if (ripe !== undefined && ripe > at && !now) return { outcome: 'early', publishedAt: next[0]?.createdAt, at: ripe }
  const keys = await updateKeys(ports, (stored) => (isUnchanged(stored, next) ? activateNextKeys(stored, at) : stored))
  if (next.length > 0) await auditKeys(ports, 'signing_keys.rotated', actor, next.map(({ id }) => id).join(' '))
  return { outcome: 'rotated', keys }
}

/** When every app may know the `next` keys among these. Undefined if there are none. */
export function knownToAppsAt(
  keys: readonly SigningKey[],
  { policy }: Pick<SigningKeyPorts, 'policy'>,
): Date | undefined {
  const times = keys.filter(({ status }) => status === 'next').map((key) => activatableAt(key, policy).getTime())
  return times.length === 0 ? undefined : new Date(Math.max(...times))
}

export type Retirement =
  | { readonly outcome: 'retired'; readonly keys: readonly SigningKey[] }
  | { readonly outcome: 'unknown' }
  /** Nothing changed: the key is retired already, and published until then. */
  | { readonly outcome: 'already'; readonly until: Date | undefined }

/** Retires one key; its tokens stay valid. With `now` it is not published any more. */
export async function retireSigningKey(
  ports: ChangeKeysPorts,
  id: string,
  { actor, now }: KeyChange,
): Promise<Retirement> {
  const key = (await updateKeys(ports)).find((each) => each.id === id)
  if (key === undefined) return { outcome: 'unknown' }
  if (key.status === 'retired' && !now) return { outcome: 'already', until: nextChangeAt(key, [key], ports.policy) }
  const keys = await updateKeys(ports, (stored) => without(stored, id, now, ports.now()))
  await auditKeys(ports, 'signing_keys.retired', actor, id)
  return { outcome: 'retired', keys }
}

/** A next key has signed nothing, so it is removed. */
function without(keys: readonly SigningKey[], id: string, now: boolean, at: Date): readonly SigningKey[] {
  return keys.flatMap((key) => {
    if (key.id !== id) return [key]
    if (key.status === 'next' || now) return []
    return [key.status === 'active' ? retired(key, at) : key]
  })
}

function isUnchanged(stored: readonly SigningKey[], next: readonly SigningKey[]): boolean {
  return next.every(({ id }) => stored.some((key) => key.id === id && key.status === 'next'))
}

function auditKeys(
  ports: AuditPorts,
  action: 'signing_keys.rotated' | 'signing_keys.retired',
  actor: string,
  keys: string,
): Promise<void> {
  return recordAudit(ports, { tenant: deploymentTenant, action, actor, target: 'signing keys', details: { keys } })
}
