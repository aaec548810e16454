/** The pages about second factors in all states; `retell` replaces text of users. */
import { totpUri } from '../../../src/broker/factors/totp.ts'
import { confirmPage } from '../../../src/web/account/confirm-page.tsx'
import {
  authenticatorsPage,
  removePage,
  renamePage,
  setupPage,
} from '../../../src/web/account/factors/authenticator-pages.tsx'
import { devicesPage, forgetDevicePage } from '../../../src/web/account/factors/devices-page.tsx'
import { recoveryCodesPage, replaceCodesPage } from '../../../src/web/account/factors/recovery-codes-page.tsx'
import { offerPage } from '../../../src/web/passkeys/offer-page.tsx'
import { passkeyPage, passkeysPage } from '../../../src/web/passkeys/passkeys-page.tsx'
import { now } from './samples.ts'
import { stepUpPages } from './step-up-samples.ts'

const before = (days: number) => new Date(now.getTime() - days * 86_400_000)

export function factorPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const viewer = { tenant: { name: retell('Acme Robotics') }, name: retell('Ada Lovelace'), isAdministrator: false }
  const page = { viewer, now }
  const app = { id: retell('a1'), name: retell('Phone'), createdAt: before(200), lastUsedAt: before(0.1) }
  const apps = [app, { id: 'a2', name: retell('Old tablet'), createdAt: before(300) }]
  const uri = totpUri(Buffer.alloc(20, 7), {
    tenantName: retell('Acme Robotics'),
    account: retell('ada.lovelace@acme.test'),
  })
  const enrollment = { enrollment: 'pending.code', secret: 'A4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYH', uri }
  const device = {
    ...{ id: 'd1', device: retell('Firefox on Linux'), current: true },
    ...{ createdAt: before(3), expiresAt: before(-27), lastUsedAt: before(0.01) },
  }
  const devices = [device, { ...device, id: 'd2', device: retell('Safari on iPhone'), current: false }]
  const state = { ...page, hasFactor: true, left: 7, createdAt: before(100) }
  const codes = Array.from({ length: 10 }, (_, index) => `k7m${index}p-x9qd4`.replace(/[01]/g, 'z'))
  const wrong = { title: retell('The code is wrong'), text: retell('Enter the code that the app shows now.') }
  const passkey = { id: retell('p1'), name: retell('Work laptop'), synced: false, createdAt: before(90) }
  const passkeys = [
    { ...passkey, lastUsedAt: before(1) },
    { ...passkey, id: 'p2', model: retell('iCloud Keychain'), synced: true, suspended: true },
  ]
  const signal = {
    rpId: 'login.acme.test',
    user: { id: 'u1', name: retell('ada.lovelace@acme.test'), displayName: retell('Ada Lovelace') },
    accepted: ['c1'],
  }
  const refused = { title: retell('This passkey did not work'), text: retell('Try again.') }
  const removal = {
    viewer,
    section: 'security',
    title: retell('Remove the passkey “Work laptop”?'),
    label: 'Remove passkey',
    danger: true,
    action: '/account/security/passkeys/p1/remove',
    cancelHref: '/account/security/passkeys',
  } as const
  const onlyApps = 'Your organization does not allow new passkeys, only authenticator apps.'
  const onlyPasskeys = 'Your organization does not allow new authenticator apps, only passkeys.'
  return {
    ...stepUpPages(retell),
    'passkeys-none': passkeysPage({ ...page, passkeys: [], signsIn: true }),
    'passkeys-list': passkeysPage({ ...page, passkeys, signsIn: true, signal, notice: 'The passkey was created.' }),
    'passkeys-refused': passkeysPage({ ...page, passkeys, signsIn: false, error: refused }),
    'passkeys-not-allowed': passkeysPage({ ...page, passkeys: [], signsIn: true, refusal: onlyApps }),
    'passkeys-stale': passkeysPage({ ...page, passkeys, signsIn: true, signInAgainHref: '/login' }),
    'passkey-rename': passkeyPage({ viewer, passkey }),
    'passkey-remove': confirmPage({ ...removal, children: 'You can no longer sign in with it.' }),
    'passkey-remove-stale': confirmPage({ ...removal, signInAgainHref: '/login', children: '' }),
    'passkey-offer': offerPage({ tenant: viewer.tenant, returnTo: '/account' }),
    'passkey-offer-refused': offerPage({ tenant: viewer.tenant, returnTo: '/account', error: refused }),
    'factors-app-none': authenticatorsPage({ ...page, apps: [] }),
    'factors-app-not-allowed': authenticatorsPage({ ...page, apps, refusal: onlyPasskeys }),
    'factors-app-list': authenticatorsPage({ ...page, apps, notice: 'The authenticator app was added.' }),
    'factors-app-setup': setupPage({ viewer, enrollment }),
    'factors-app-wrong-code': setupPage({ viewer, enrollment, name: retell('Phone'), error: wrong }),
    'factors-app-rename': renamePage({ viewer, app }),
    'factors-app-remove': removePage({ viewer, app, isLast: false }),
    'factors-app-remove-last': removePage({ viewer, app, isLast: true }),
    'factors-app-remove-refused': removePage({ viewer, app, isLast: true, error: wrong }),
    'factors-codes-without-factor': recoveryCodesPage({ ...state, hasFactor: false, left: 0, createdAt: undefined }),
    'factors-codes-none': recoveryCodesPage({ ...state, left: 0, createdAt: undefined }),
    'factors-codes-left': recoveryCodesPage(state),
    'factors-codes-replace': replaceCodesPage({ viewer }),
    'factors-codes-new': recoveryCodesPage({ ...state, codes }),
    'factors-devices': devicesPage({ ...page, devices, notice: 'The browser was forgotten.' }),
    'factors-device-forget': forgetDevicePage({ viewer, device }),
    'factors-devices-none': devicesPage({ ...page, devices: [] }),
  }
}
