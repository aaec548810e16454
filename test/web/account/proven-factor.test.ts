/** Users who have a second factor prove it before they change second factors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import { api, browserOf, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { softAuthenticator } from '../../support/passkeys/soft-authenticator.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const own = '/api/v1/user/authenticators'

async function post(path: string, json: object, token?: string) {
  const { status, body } = await api(server, path, { method: 'POST', json }, token)
  return { status, body: body === '' ? {} : JSON.parse(body) }
}

/** A user whose only factor is a passkey, and a later session by password alone. */
async function withPasskey(email: string) {
  const browser = await browserOf(server, email)
  const first = await tokenFor(server, email)
  const device = softAuthenticator({ origin: publicOrigin, rpId: new URL(publicOrigin).hostname })
  const { options } = (await post(`${own}/passkeys/challenge`, {}, first)).body
  const created = await post(`${own}/passkeys`, { response: device.create(options) }, first)
  expect(created.status).toBe(201)
  return { device, browser, id: created.body.id, token: await tokenFor(server, email) }
}

const challenge = async () => (await post('/api/v1/passkeys/challenge', { tenant: 'acme' })).body.options

describe('MF-04 MF-05 a password alone, right after the sign-in', () => {
  it('neither adds nor removes a factor of a user who has a passkey', async () => {
    const { token, id } = await withPasskey('ada@mail.test')
    const refused = { status: 403, body: { code: 'fresh_sign_in_required' } }
    for (const path of [`${own}/totp`, `${own}/passkeys/challenge`, '/api/v1/user/recovery-codes'])
      expect(await post(path, {}, token), path).toMatchObject(refused)
    expect((await api(server, `${own}/${id}`, { method: 'DELETE' }, token)).status).toBe(403)
  })

  it('does not finish a setup that began before the passkey was created', async () => {
    const token = await tokenFor(server, 'eve@mail.test')
    const { enrollment, secret } = (await post(`${own}/totp`, {}, token)).body
    await withPasskey('eve@mail.test')
    const json = { enrollment, code: codeAt(seedOf(secret), server.clock.now()) }
    expect(await post(`${own}/totp/confirm`, json, token)).toMatchObject({ status: 403 })
  })

  it('neither creates nor removes a passkey on the pages, which lead to the passkey', async () => {
    const { browser, id } = await withPasskey('bob@mail.test')
    for (const path of ['options', `${id}/remove`]) {
      const { status } = await postForm(browser, `/account/security/passkeys/${path}`, {})
      expect(status, path).toBe(403)
    }
    const page = await browser.open('/account/security/confirm?return_to=/account/security')
    expect(page.body).toContain('data-passkey="get"')
    expect(page.body).toContain('This needs your second factor.')
  })
})

describe('the passkey', () => {
  it('allows the change after POST /api/v1/sessions/step-up, and after a sign-in by it', async () => {
    const { token, device } = await withPasskey('cy@mail.test')
    const response = device.get(await challenge())
    const raised = await post('/api/v1/sessions/step-up', { method: 'passkey', response }, token)
    expect(raised.status).toBe(201)
    expect((await post(`${own}/totp`, {}, raised.body.token)).status).toBe(201)
    const signIn = await post('/api/v1/sessions/passkey', { tenant: 'acme', response: device.get(await challenge()) })
    expect((await post(`${own}/totp`, {}, signIn.body.token)).status).toBe(201)
  })

  it('MF-04 of another user does not', async () => {
    const { device } = await withPasskey('dan@mail.test')
    const { token } = await withPasskey('fay@mail.test')
    const json = { method: 'passkey', response: device.get(await challenge()) }
    expect((await post('/api/v1/sessions/step-up', json, token)).status).toBe(401)
  })

  it('allows the change after the page that asks for it', async () => {
    const { browser, device } = await withPasskey('gus@mail.test')
    const path = '/account/security/confirm'
    const page = await browser.open(`${path}?return_to=/account/security`)
    const options = JSON.parse((await postForm(browser, '/login/second-factor/passkey-options', {})).body)
    const response = JSON.stringify(device.get(options))
    const done = await browser.submit(page, path, { method: 'passkey', response })
    expect(done.url.pathname).toBe('/account/security')
    const { status } = await postForm(browser, '/account/security/passkeys/options', {})
    expect(status).toBe(200)
  })
})

describe('MF-05 the setup at sign-in', () => {
  it('adds no authenticator app for a user who has one, whatever the level', async () => {
    const browser = await browserOf(server, 'hal@mail.test')
    const token = await tokenFor(server, 'hal@mail.test')
    const { enrollment, secret } = (await post(`${own}/totp`, {}, token)).body
    const code = codeAt(seedOf(secret), server.clock.now())
    expect((await post(`${own}/totp/confirm`, { enrollment, code }, token)).status).toBe(201)
    const form = { level: 'phr', step: 'start', return_to: '/account' }
    const started = await postForm(browser, '/login/second-factor/setup', form)
    expect(started.status).toBe(403)
    expect(started.body).not.toContain('otpauth:')
  })
})
