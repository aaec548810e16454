/**
 * Browsers in which a user needs no second factor at sign-in
 * (broker/factors/remembered-devices.ts).
 */
import { isRemembered, rememberDevice } from '../../../broker/factors/remembered-devices.ts'
import type { Ports } from '../../../broker/ports/core-ports.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { deviceOf } from '../../../http/device.ts'
import { mfaPolicyOf } from '../../../tenant.ts'
import { readDeviceSecret, writeDeviceSecret } from '../../account/factors/remembered-device-cookie.ts'
import type { Call, PartsOf, Shell } from '../../shell.ts'

export type RememberedBrowserPorts = Pick<Shell, 'cookie' | 'keyRing'> &
  PartsOf<typeof isRemembered> &
  PartsOf<typeof rememberDevice> & { readonly parts: Ports<'connections'> }
type ReadCall = Pick<Call<RememberedBrowserPorts>, 'shell' | 'request'>

const secondsOf = ({ parts }: RememberedBrowserPorts, { tenant }: UserKey) =>
  mfaPolicyOf(parts.connections.tenant(tenant)).rememberSeconds

/** False too if the tenant remembers browsers no longer, or for a shorter time. */
export async function isRememberedHere({ shell, request }: ReadCall, user: UserKey): Promise<boolean> {
  const seconds = secondsOf(shell, user)
  return isRemembered(shell.parts, user, readDeviceSecret(shell, request.headers.cookie, user), seconds)
}

/** After the user proved a factor and asked for it. */
export async function rememberHere(call: Call<RememberedBrowserPorts>, user: UserKey): Promise<void> {
  const { shell, request, response } = call
  const seconds = secondsOf(shell, user)
  if (seconds === 0) return
  const { cookie: header, 'user-agent': agent } = request.headers
  const { tenant, userId } = user
  const secret = await rememberDevice(shell.parts, { tenant, userId }, { device: deviceOf(agent), seconds })
  writeDeviceSecret(shell, { header, response }, user, secret)
}
