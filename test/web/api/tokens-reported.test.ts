/** `POST /api/v1/tokens/reported`: secret scanners report credentials that they found in public. */
import { hash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setAppDisabled } from '../../../src/broker/apps/disable-app.ts'
import { deploymentTenant } from '../../../src/broker/audit/record.ts'
import { formatToken } from '../../../src/crypto/token.ts'
import { tokenApi } from '../../support/gatehouse/api-tokens.ts'
import { api, portal, portalYaml, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const declaredSecret = formatToken('gth_c_', randomBytes(32))
const declaredYaml = `  declared: { name: Declared, kind: service, tenants: all, secrets: [${declaredSecret}] }
`

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n') }
  server = await startTestGatehouse({ okta, tenants, settings: `${portalYaml}${declaredYaml}` })
})
afterAll(() => server.stop())

const { read, check, created, post } = tokenApi(() => server)
const url = 'https://git.example.test/acme/app/blob/main/.env'
const report = (...tokens: readonly string[]) =>
  api(server, '/api/v1/tokens/reported', {
    method: 'POST',
    json: tokens.map((token) => ({ token, type: 'gatehouse', url, source: 'content' })),
  })
const ours = (token: string) => ({
  token_hash: hash('sha256', token, 'base64'),
  token_type: 'gatehouse',
  label: 'true_positive',
})
const mailTo = async (address: string) =>
  (await server.mails()).filter(({ to, subject }) => to === address && subject.includes('found in public'))
const eventsOf = async (action: 'credential.leaked' | 'token.revoked') =>
  server.core.parts.audit.recent({ tenant: 'acme', action, limit: 10 })

describe('reporting a leaked credential', () => {
  it('revokes an API token within a second, emails its owner once, and leaves others', async () => {
    const session = await tokenFor(server, 'leaks@mail.test')
    const [leaked, kept] = [await created(session, { name: 'ci' }), await created(session, { name: 'deploy' })]
    const page = await report(leaked.token, leaked.token)
    expect([page.status, read(page)]).toEqual([200, [ours(leaked.token), ours(leaked.token)]])
    expect((await check(leaked.token)).status).toBe(401)
    expect((await check(kept.token)).status).toBe(200)
    expect((await check(session)).status).toBe(200)
    await expect.poll(() => mailTo('leaks@mail.test')).toHaveLength(1)
    const [mail] = await mailTo('leaks@mail.test')
    expect(mail?.text).toContain('API token (ci)')
    expect(mail?.text).toContain(url)
    const [event] = await eventsOf('credential.leaked')
    expect(event).toMatchObject({
      actor: 'system',
      address: '127.0.0.1',
      details: { credential: 'API token', id: leaked.apiToken.id, url },
    })
    expect((await eventsOf('token.revoked'))[0]).toMatchObject({ actor: 'system' })
    expect(read(await report(leaked.token))).toEqual([ours(leaked.token)])
    expect(await mailTo('leaks@mail.test')).toHaveLength(1)
  })

  it("ends sessions, and client secrets of developers and of their apps, but not of gatehouse.yaml's apps", async () => {
    const session = await tokenFor(server, 'dev@mail.test')
    const developer = read(await post('/api/v1/developer/secrets', {}, session))
    const app = read(
      await post('/api/v1/apps', { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] }, session),
    )
    const { secret } = read(await post(`/api/v1/apps/${app.id}/secrets`, {}, session))
    const asApp = (text: string) => api(server, '/api/v1/app', { headers: { authorization: `Secret ${text}` } })
    const asDeveloper = (text: string) => api(server, '/api/v1/apps', { headers: { authorization: `Secret ${text}` } })
    expect([(await asApp(secret)).status, (await asDeveloper(developer.secret)).status]).toEqual([200, 200])
    const page = await report(secret, developer.secret, session)
    expect(read(page)).toEqual([secret, developer.secret, session].map(ours))
    await expect.poll(async () => (await asApp(secret)).status).toBe(401)
    expect((await asDeveloper(developer.secret)).status).toBe(401)
    expect((await check(session)).status).toBe(401)
    await expect.poll(() => mailTo('dev@mail.test')).toHaveLength(3)
    expect((await asApp(portal.secret)).status).toBe(200)
  })

  it('knows and ends a client secret of a disabled app, and of a blocked owner', async () => {
    const session = await tokenFor(server, 'off@mail.test')
    const { apps, users } = server.core.parts
    for (const state of ['disabled', 'owner blocked']) {
      const json = { name: `Shop ${state}`, kind: 'web', redirectUris: ['https://shop.test/cb'] }
      const { id } = read(await post('/api/v1/apps', json, session))
      const { secret } = read(await post(`/api/v1/apps/${id}/secrets`, {}, session))
      const app = (await apps.find(id))!
      if (state === 'disabled') await setAppDisabled(server.core.parts, id, 'cli', true)
      else await users.setStatus('acme', app.owner?.userId ?? '', 'blocked')
      expect(read(await report(secret)), state).toEqual([ours(secret)])
      expect((await apps.find(id))?.secrets, state).toEqual([])
    }
  })

  it('reports a secret of gatehouse.yaml to the operator once an hour', async () => {
    const events = async () =>
      (await server.core.parts.audit.recent({ tenant: deploymentTenant, action: 'credential.leaked', limit: 10 }))
        .length
    const warnings = () => server.logged.join('').split('stays valid: change it there').length - 1
    server.clock.forward(3600)
    const before = [await events(), warnings()] as const
    for (const page of [await report(declaredSecret, declaredSecret), await report(declaredSecret)])
      expect(read(page)[0]).toEqual(ours(declaredSecret))
    expect([await events(), warnings()]).toEqual([before[0] + 1, before[1] + 1])
    server.clock.forward(3600)
    await report(declaredSecret)
    expect([await events(), warnings()]).toEqual([before[0] + 2, before[1] + 2])
    expect(server.logged.join('')).not.toContain(declaredSecret)
  })

  it('LK-02 records and emails where it was found without query, fragment and credentials', async () => {
    const { token } = await created(await tokenFor(server, 'address@mail.test'))
    const found = `https://git.example.test/${token}/main?access=key-1#L3-key-2`
    const json = [{ token, url: found }]
    expect((await api(server, '/api/v1/tokens/reported', { method: 'POST', json })).status).toBe(200)
    const [event] = await eventsOf('credential.leaked')
    expect(event?.details['url']).toBe('https://git.example.test/gth_…/main')
    await expect.poll(() => mailTo('address@mail.test')).toHaveLength(1)
    const [mail] = await mailTo('address@mail.test')
    expect(mail?.text).toContain('https://git.example.test/gth_…/main')
    for (const secret of [token, 'key-1', 'key-2']) expect(mail?.text).not.toContain(secret)
  })

  it('AP-01 ignores texts that are no credentials of ours', async () => {
    const unknown = [formatToken('gth_a_', randomBytes(32)), 'gth_a_short', '', 'ghp_0123456789', '<b>x</b>']
    const page = await report(...unknown)
    expect(read(page).map(({ label }: { label: string }) => label)).toEqual(unknown.map(() => 'false_positive'))
    expect((await eventsOf('credential.leaked')).every(({ details }) => !unknown.includes(details['id'] ?? ''))).toBe(
      true,
    )
  })

  it.each([
    ['no list', { token: 'x' }],
    ['an empty list', []],
    ['101 entries', Array(101).fill({ token: 'x' })],
    ['an entry without a token', [{ url }]],
  ])('is refused with %s', async (_, json) => {
    expect((await api(server, '/api/v1/tokens/reported', { method: 'POST', json })).status).toBe(400)
  })

  it('LK-01 prints no reported credential in the log or the audit log', async () => {
    const { token } = await created(await tokenFor(server, 'quiet@mail.test'))
    await report(token)
    expect(server.logged.join('')).not.toContain(token)
    expect(JSON.stringify(await server.core.parts.audit.recent({ tenant: 'acme', limit: 100 }))).not.toContain(token)
  })
})
