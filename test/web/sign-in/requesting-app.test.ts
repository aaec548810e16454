import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { consentHref } from '../../../src/http/interaction.ts'
import { requestingApp, siteOf } from '../../../src/web/sign-in/requesting-app.ts'
import { sampleApp } from '../../support/store/samples.ts'

const keyRing = new KeyRing([randomBytes(32)])
const shop = sampleApp({ id: 'shop', tenants: ['acme'] })
const parts = { appRegistry: { find: async (id: string) => (id === 'shop' ? shop : null) } }
const ports = { keyRing, publicUrl: new URL('https://login.acme.test'), parts }
const returnTo = consentHref(keyRing, 'uid-1', 'shop')

it.each([
  ['of the return URL that Gatehouse signed', returnTo, 'acme', shop],
  ['before the tenant is known', returnTo, undefined, shop],
  ['not for a tenant that it may not serve', returnTo, 'beta', undefined],
  ['not without a signature', '/consent/uid-1?app=shop', 'acme', undefined],
  ['not with the signature of another request', returnTo.replace('uid-1', 'uid-2'), 'acme', undefined],
  ['not on another site', `https://evil.test${returnTo}`, 'acme', undefined],
])('the app that asks is read %s', async (_, returnTo, tenant, expected) => {
  expect(await requestingApp(ports as never, { returnTo }, tenant)).toBe(expected)
})

it.each([
  [['http://127.0.0.1:4000/signed-in', 'https://shop.test/signed-in'], 'https://shop.test'],
  [['http://localhost:4000/signed-in', 'com.acme.app:/signed-in'], undefined],
])('the site of an app with %j is %s', (redirectUris, site) => {
  expect(siteOf({ redirectUris })).toBe(site)
})
