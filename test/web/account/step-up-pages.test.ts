/** Step-up by a second factor: on the page, for a refused form, and at the API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { confirmTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { replaceRecoveryCodes } from '../../../src/broker/factors/recovery-codes.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import { tokenId } from '../../../src/crypto/token.ts'
import type { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const confirm = '/account/security/confirm'

interface Prepared {
  readonly browser: TestBrowser
  readonly token: string
  /** The id of another session of the user. */
  readonly other: string
  readonly recoveryCodes: readonly string[]
  code(): string
}

/** Signed in twice more than ten minutes ago, with an authenticator app. */
async function prepared(email: string): Promise<Prepared> {
  const browser = await browserOf(server, email)
  const token = await tokenFor(server, email)
  const other = tokenId(await tokenFor(server, email))
  const { parts } = server.core
  const session = await parts.sessions.find(tokenId(token))
  if (session === null) throw new Error('no session')
  const { tenant, userId } = session
  const { enrollment, secret } = await startTotp(parts, { tenant, userId })
  await confirmTotp(parts, { tenant, userId }, { enrollment, code: codeAt(seedOf(secret), parts.now()) })
  const recoveryCodes = await replaceRecoveryCodes(parts, { tenant, userId })
  server.clock.forward(700)
  return { browser, token, other, recoveryCodes, code: () => codeAt(seedOf(secret), parts.now()) }
}

describe('V1 the page that asks for a factor', () => {
  it('SE-01 MF-05 keeps what a refused form sent, replaces the token, and sends the form again', async () => {
    const { browser, other, code } = await prepared('form@mail.test')
    const home = new URL(publicOrigin)
    const before = browser.jar.headerFor(home)
    const refused = await postForm(browser, '/account/sessions/end', { session: other })
    expect(refused.status).toBe(403)
    expect(refused.body).toContain("Confirm it's you")
    expect(refused.body).toContain('Then we continue with what you began')
    expect(await server.core.parts.sessions.find(other)).not.toBeNull()
    const wrong = await browser.submit(refused, confirm, { code: '000000' })
    expect([wrong.status, wrong.body.includes('role="alert"')]).toEqual([401, true])
    const confirmed = await browser.submit(wrong, confirm, { code: code() })
    expect(confirmed.body).toContain('Confirmed')
    expect(browser.jar.headerFor(home)).not.toBe(before)
    await browser.submit(confirmed, '/account/sessions/end')
    expect(await server.core.parts.sessions.find(other)).toBeNull()
  })

  it('takes a recovery code, and leads back to pages of ours only', async () => {
    const { browser, recoveryCodes } = await prepared('codes@mail.test')
    const page = await browser.open(`${confirm}?return_to=${encodeURIComponent('https://evil.test/')}`)
    expect(page.body).not.toContain('evil.test')
    const done = await browser.submit(page, confirm, { method: 'recovery_code', code: recoveryCodes[0] ?? '' })
    expect(done.url.pathname).toBe('/account')
    const again = await browser.open(`${confirm}?return_to=/account/sessions`)
    expect(again.url.pathname, 'fresh now').toBe('/account/sessions')
  })

  it('offers a new sign-in to a user without a factor', async () => {
    const browser = await browserOf(server, 'none@mail.test')
    server.clock.forward(700)
    const page = await browser.open(`${confirm}?return_to=/account/sessions`)
    expect(page.status).toBe(200)
    expect(page.body).toMatch(/prompt=login[^"]*">Sign in again</)
    expect(page.body).toContain('Sign in again first.')
    expect(page.body).not.toContain('name="code"')
    const refused = await postForm(browser, '/account/sessions/end', { session: 'other' })
    expect(refused.body).toContain('Sign in again, then repeat what you did.')
    expect(refused.body).not.toContain('Then we continue')
  })
})

describe('POST /api/v1/sessions/step-up', () => {
  const post = (path: string, json: object, token: string) => api(server, path, { method: 'POST', json }, token)

  it('V1 SE-01 returns a new token that may do what was refused; the former one ended', async () => {
    const { token, other, code } = await prepared('api@mail.test')
    const end = (by: string) => api(server, `/api/v1/sessions/${other}`, { method: 'DELETE' }, by)
    expect((await end(token)).status).toBe(403)
    const wrong = await post('/api/v1/sessions/step-up', { method: 'totp', code: '000000' }, token)
    expect([wrong.status, JSON.parse(wrong.body).code]).toEqual([401, 'factor_invalid'])
    const raised = await post('/api/v1/sessions/step-up', { method: 'totp', code: code() }, token)
    expect(raised.status).toBe(201)
    const next = JSON.parse(raised.body).token
    expect(next).not.toBe(token)
    expect((await end(token)).status).toBe(401)
    expect((await end(next)).status).toBe(204)
  })

  it('MF-01 MF-02 refuses a used code, and an API token', async () => {
    const { token, code } = await prepared('used@mail.test')
    const json = { method: 'totp', code: code() }
    const first = await post('/api/v1/sessions/step-up', json, token)
    expect(first.status).toBe(201)
    const { token: next } = JSON.parse(first.body)
    expect((await post('/api/v1/sessions/step-up', json, next)).status).toBe(401)
    const made = await post('/api/v1/tokens', { name: 'CI' }, next)
    const { token: apiToken } = JSON.parse(made.body)
    expect((await post('/api/v1/sessions/step-up', json, apiToken)).status).toBe(403)
  })
})
