/** Notifies users of a sign-in from a browser or program that is new for them. */
import { recordAuditLater } from '../audit/record.ts'
import { methodName } from '../identity/notify-owner.ts'
import { type NotifyUserPorts, notifyUser } from '../identity/notify-user.ts'
import { keyOf } from '../limits/rate-limits.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from './session.ts'

export type NewDevicePorts = NotifyUserPorts & Ports<'audit' | 'counters' | 'now'>

const daySeconds = 86_400
const maxMailsADay = 5
/** A program counts as new again after this long without a sign-in. */
const rememberedSeconds = 90 * daySeconds

export interface DeviceUse {
  readonly session: Session
  /** IP address of the request. */
  readonly address: string | undefined
  /** Whether the user has signed in before. Undefined: ask the audit log. */
  readonly hasSignedIn?: boolean | undefined
}

/**
 * After a sign-in in a browser without the cookie of this user. Audits and emails it, unless it is
 * the user's first sign-in. Never throws: the sign-in is done.
 */
export async function reportNewDevice(ports: NewDevicePorts, use: DeviceUse): Promise<void> {
  const { session, address } = use
  try {
    if (!(use.hasSignedIn ?? (await ports.audit.hasEarlierSignIn(session)))) return
    const mail = await mailNewDevice(ports, session, address)
    const { id, tenant, userId, connection, device } = session
    const details = { session: id, connection, device, mail }
    recordAuditLater(ports, { tenant, action: 'sign_in.new_device', actor: userId, target: userId, details })
  } catch {
    // a store is down: the sign-in counts more than the email
  }
}

/** After a sign-in of a program: the name of the device and its network identify it. */
export async function reportNewProgram(ports: NewDevicePorts, use: DeviceUse & { readonly network: string }) {
  const { tenant, userId, device } = use.session
  try {
    const { count } = await ports.counters.hit(keyOf('program', tenant, userId, device, use.network), rememberedSeconds)
    if (count > 1) return
  } catch {
    return
  }
  await reportNewDevice(ports, use)
}

async function mailNewDevice(ports: NewDevicePorts, session: Session, address: string | undefined): Promise<string> {
  const { tenant: tenantId, userId, connection, device } = session
  const tenant = ports.connections.tenant(tenantId)
  if (tenant.notifications?.newDevice === false) return 'none: turned off (notifications.newDevice)'
  const { count } = await ports.counters.hit(keyOf('new-device-mail', tenantId, userId), daySeconds)
  if (count > maxMailsADay) return `none: ${maxMailsADay} were sent within a day`
  const isListed = tenant.connections.some(({ id }) => id === connection)
  const method = isListed ? { method: methodName(ports.connections.get(tenantId, connection)) } : {}
  return notifyUser(ports, session, { kind: 'new device', device, address, at: ports.now(), ...method })
}
