/** Remembered devices. Forgetting one asks for more, so it needs no recent sign-in. */
import { devicesOf, forgetAllDevices, forgetDevice } from '../../../broker/factors/remembered-devices.ts'
import { secretHash } from '../../../crypto/token.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { devicesPage, forgetAllPage, forgetDevicePage } from './devices-page.tsx'
import { openAccountOrRefuse } from './open-for-change.ts'
import { devicesPath, noticeHref } from './paths.ts'
import { readDeviceSecret } from './remembered-device-cookie.ts'

type DevicesCall = Call<OpenAccountPorts & PartsOf<typeof forgetDevice>>

export async function showDevices(call: DevicesCall, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, devicesPath)
  if (account === null) return
  const { session, viewer } = account
  const { shell, request } = call
  const secret = readDeviceSecret(shell, request.headers.cookie, session)
  const current = secret === undefined ? undefined : secretHash(secret)
  const devices = (await devicesOf(shell.parts, session)).map((each) => ({ ...each, current: each.hash === current }))
  sendPage(call.response, 200, devicesPage({ viewer, devices, notice, now: shell.parts.now() }))
}

export async function showForgetDevice(call: DevicesCall, id: string): Promise<void> {
  const account = await openAccount(call, devicesPath)
  if (account === null) return
  const device = (await devicesOf(call.shell.parts, account.session)).find((each) => each.id === id)
  if (device === undefined) return redirect(call.response, devicesPath)
  sendPage(call.response, 200, forgetDevicePage({ viewer: account.viewer, device }))
}

export async function showForgetAllDevices(call: DevicesCall): Promise<void> {
  const account = await openAccount(call, devicesPath)
  if (account !== null) sendPage(call.response, 200, forgetAllPage(account))
}

export async function submitForgetDevice(call: DevicesCall, form: { readonly device: string }): Promise<void> {
  const account = await openAccountOrRefuse(call, devicesPath)
  if (account === null) return
  const forgotten = await forgetDevice(call.shell.parts, account.session, form.device)
  redirect(call.response, forgotten ? noticeHref(devicesPath, 'forgotten') : devicesPath)
}

export async function submitForgetAllDevices(call: DevicesCall): Promise<void> {
  const account = await openAccountOrRefuse(call, devicesPath)
  if (account === null) return
  await forgetAllDevices(call.shell.parts, account.session)
  redirect(call.response, noticeHref(devicesPath, 'all-forgotten'))
}
