/** SE-04: pages on another site get a cookie of their own, where the tenant allows it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserOf, password, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, appOrigin, oktaFor } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { HeadlessPage } from '../../../support/headless/headless-page.ts'

const farOrigin = 'https://app.far.test'
const email = 'ada@mail.test'
const { sessionCookies } = HeadlessPage

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const acme = acmeYaml(okta, 'sessions: { crossSite: true }\n').replace(appOrigin, `${appOrigin}', '${farOrigin}`)
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acme } })
  await tokenFor(server, email)
})
afterAll(async () => {
  await server?.stop()
  await server?.okta.close()
})

const farPage = () => new HeadlessPage(server, farOrigin, 'cross-site')
const signIn = (page: HeadlessPage) => page.post('/api/v1/sessions', { tenant: 'acme', email, password, cookie: true })

describe('SE-04 with sessions.crossSite', () => {
  it('a page on another site signs in and out with SameSite=None; Secure; Partitioned', async () => {
    const page = farPage()
    const opened = await signIn(page)
    expect(opened.status).toBe(201)
    expect(opened.headers['set-cookie']).toHaveLength(1)
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=None', 'Partitioned', 'Path=/'])
      expect(sessionCookies(opened)[0]?.split('; ')).toContain(attribute)
    expect((await page.get('/api/v1/session')).status).toBe(200)
    const out = await page.call('DELETE', '/api/v1/session')
    expect(sessionCookies(out)).toEqual([expect.stringMatching(/Expires=Thu, 01 Jan 1970.*SameSite=None.*/)])
    expect(sessionCookies(out)[0]?.split('; ')).toContain('Partitioned')
  })

  it('a page on our site and our own pages keep the Lax cookie', async () => {
    const opened = await signIn(new HeadlessPage(server))
    expect(sessionCookies(opened)[0]?.split('; ')).toContain('SameSite=Lax')
    expect(sessionCookies(opened)[0]).not.toContain('Partitioned')
    const own = await browserOf(server, email)
    expect(own.jar.find('gatehouse_session')?.attributes).toContain('SameSite=Lax')
  })

  it.each(['https://evil.test', 'null', `${farOrigin}.evil.test`])('SE-07 %s gets no cookie', async (origin) => {
    const refused = await signIn(new HeadlessPage(server, origin, 'cross-site'))
    expect([refused.status, refused.body.code, sessionCookies(refused)]).toEqual([403, 'origin_refused', []])
  })
})
