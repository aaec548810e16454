/** An admin resets the second factors of a user, on the page and at the API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRecoveryCodes, addTotp } from '../../../support/broker/factors.ts'
import type { TestBrowser } from '../../../support/browser/test-browser.ts'
import { adminOf, lastEventOf, startWithAdministrators, userIdOf } from '../../../support/gatehouse/administrators.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let admin: TestBrowser
beforeAll(async () => {
  server = await startWithAdministrators()
  admin = await adminOf(server)
})
afterAll(() => server.stop())

/** A user with an authenticator app and recovery codes. */
async function userWithFactors(email: string) {
  const token = await tokenFor(server, email)
  const user = { tenant: 'acme', userId: await userIdOf(server, email) }
  await addTotp(server.core.parts, user, 'Phone')
  await addRecoveryCodes(server.core.parts, user)
  return { ...user, token }
}

/** Authenticators, and whether there are recovery codes. */
async function factorsLeft(user: { readonly tenant: string; readonly userId: string }) {
  const { authenticators, recoveryCodes } = server.core.parts
  return [(await authenticators.of(user)).length, (await recoveryCodes.stateOf(user)) !== undefined]
}

describe('the second factors of a user', () => {
  it('are reset on the page after a question, audited and emailed; sessions go on', async () => {
    const user = await userWithFactors('page@mail.test')
    const page = await admin.open(`/admin/users/${user.userId}`)
    expect(page.body).toContain('<h3>Phone</h3>')
    expect(page.body).toContain('10 of 10 recovery codes are left')
    const question = await admin.click(page, 'Reset second factors')
    expect(await factorsLeft(user)).toEqual([1, true])
    const done = await admin.submit(question, question.url.pathname)
    expect(done.body).toContain('The second factors were reset.')
    expect(await factorsLeft(user)).toEqual([0, false])
    expect(await lastEventOf(server, 'factors.reset')).toMatchObject({
      actor: await userIdOf(server, 'admin@mail.test'),
      target: user.userId,
      details: { authenticators: '1', mail: 'queued' },
    })
    expect((await api(server, '/api/v1/session', {}, user.token)).status).toBe(200)
  })

  it('are listed and reset at the API, never with a secret', async () => {
    const user = await userWithFactors('api@mail.test')
    const path = `/api/v1/admin/users/${user.userId}/authenticators`
    const token = await tokenFor(server, 'admin@mail.test')
    const listed = await api(server, path, {}, token)
    expect(JSON.parse(listed.body)).toMatchObject({
      authenticators: [{ kind: 'totp', name: 'Phone' }],
      recoveryCodes: { left: 10 },
    })
    expect(listed.body).not.toMatch(/sealed|lastStep|secret/)
    expect((await api(server, path, { method: 'DELETE' }, user.token)).status).toBe(403)
    const reset = await api(server, path, { method: 'DELETE' }, token)
    expect([reset.status, JSON.parse(reset.body)]).toEqual([200, { removed: 1 }])
    expect(await factorsLeft(user)).toEqual([0, false])
  })

  it('MF-05 are not reset by an admin whose sign-in is old', async () => {
    const user = await userWithFactors('fresh@mail.test')
    const token = await tokenFor(server, 'admin@mail.test')
    const { sessions } = server.core.parts
    const adminId = await userIdOf(server, 'admin@mail.test')
    for (const session of await sessions.list('acme', adminId)) {
      const authenticatedAt = new Date(session.authenticatedAt.getTime() - 1_800_000)
      await sessions.delete(session)
      await sessions.put({ ...session, authenticatedAt })
    }
    const path = `/api/v1/admin/users/${user.userId}/authenticators`
    const refused = await api(server, path, { method: 'DELETE' }, token)
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'fresh_sign_in_required'])
    expect(await factorsLeft(user)).toEqual([1, true])
  })
})
