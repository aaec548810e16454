/** Browsers in which a user is not asked for a second factor again. */
import { secretHash } from '../../crypto/token.ts'
import type { RememberedDevice } from '../ports/authenticators.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { type FactorEventPorts, recordFactorEvent } from './factor-events.ts'

type DevicePorts = Ports<'now' | 'rememberedDevices'>

/** Its use is stored once in this time. */
const useMs = 60_000

/**
 * Whether this secret belongs to a live device of this user: another user's does nothing (MF-04).
 * @param secret from the cookie; undefined without one
 * @param maxSeconds of the tenant now: it may have been longer
 */
export async function isRemembered(
  { rememberedDevices, now }: DevicePorts,
  user: UserKey,
  secret: string | undefined,
  maxSeconds = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  if (secret === undefined) return false
  const device = await rememberedDevices.find(user, secretHash(secret))
  const at = now()
  if (device === null || at.getTime() >= device.expiresAt.getTime()) return false
  if (at.getTime() - device.createdAt.getTime() >= maxSeconds * 1000) return false
  if (at.getTime() - device.lastUsedAt.getTime() > useMs) await rememberedDevices.recordUse(user, device.id, at)
  return true
}

export interface DeviceToRemember {
  /** Such as "Chrome on Linux". */
  readonly device: string
  /** How long; from the tenant's `mfa.rememberDevices`. */
  readonly seconds: number
}

/** Call it only after a second factor. Returns the secret for the browser's cookie: 256 bits. */
export async function rememberDevice(
  ports: FactorEventPorts & DevicePorts & Ports<'random'>,
  user: UserKey,
  { device, seconds }: DeviceToRemember,
): Promise<string> {
  const { tenant, userId } = user
  const secret = ports.random(32).toString('base64url')
  const createdAt = ports.now()
  await ports.rememberedDevices.put({
    ...{ tenant, userId, device, createdAt },
    id: ports.random(12).toString('base64url'),
    hash: secretHash(secret),
    expiresAt: new Date(createdAt.getTime() + seconds * 1000),
    lastUsedAt: createdAt,
  })
  await recordFactorEvent(ports, user, { action: 'device.remembered', device })
  return secret
}

/** Newest first. */
export function devicesOf(
  { rememberedDevices, now }: DevicePorts,
  user: UserKey,
): Promise<readonly RememberedDevice[]> {
  return rememberedDevices.of(user, now())
}

type ForgetPorts = FactorEventPorts & DevicePorts

/** True if this call removed it; another user's is unknown (SE-09). */
export async function forgetDevice(ports: ForgetPorts, user: UserKey, id: string): Promise<boolean> {
  const found = (await devicesOf(ports, user)).find((each) => each.id === id)
  if (found === undefined || !(await ports.rememberedDevices.remove(user, id))) return false
  await recordFactorEvent(ports, user, { action: 'device.forgotten', device: found.device })
  return true
}

/** Returns how many. */
export async function forgetAllDevices(ports: ForgetPorts, user: UserKey): Promise<number> {
  const count = await ports.rememberedDevices.removeAll(user)
  if (count > 0) await recordFactorEvent(ports, user, { action: 'device.forgotten', device: `all (${count})` })
  return count
}
