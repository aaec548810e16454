/** Suspended passkeys on `/account/security/passkeys`. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { suspendPasskeys } from '../../../../src/broker/factors/passkeys/suspend-passkeys.ts'
import { userIdOf } from '../../../support/gatehouse/administrators.ts'
import { browserOf } from '../../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { samplePasskey } from '../../../support/store/samples.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

it('RE-03 ID-04: shows a suspended passkey, which the owner confirms after a recent sign-in', async () => {
  const browser = await browserOf(server, 'ada@mail.test')
  const { parts } = server.core
  const user = { tenant: 'acme', userId: await userIdOf(server, 'ada@mail.test') }
  const passkey = samplePasskey(user)
  await parts.authenticators.add(passkey)
  await suspendPasskeys(parts, user, passkey.createdAt)
  const path = `/account/security/passkeys/${passkey.id}/confirm`
  const page = await browser.open('/account/security/passkeys')
  expect(page.body).toContain('<span class="badge warning">Suspended</span>')
  server.clock.forward(601)
  await browser.submit(page, path)
  expect(await parts.authenticators.of(user)).not.toEqual([passkey])
  server.clock.forward(-601)
  const done = await browser.submit(page, path)
  expect(done.body).toContain('The passkey is confirmed.')
  expect(done.body).not.toContain('Suspended')
  expect(await parts.authenticators.of(user)).toEqual([passkey])
})
