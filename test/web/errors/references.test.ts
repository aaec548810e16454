/** Every reference that a log line or a page shows leads to a trace. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { acmeClient, post, signedIn, startLogoutServer, startOkta } from '../../support/gatehouse/upstream-sessions.ts'

const form = /\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b/

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await startOkta()
  server = await startLogoutServer(okta)
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

const html = { accept: 'text/html' }
const found = async (reference: string) => server.core.storage.durable.traces.find(reference)
const sendLogout = (token: string) => post(server, '/t/acme/okta/backchannel-logout', { form: `logout_token=${token}` })

describe('P9: a reference', () => {
  it("P9: of an upstream's logout message leads to a trace with the number of ended sessions", async () => {
    await signedIn(server)
    expect((await sendLogout(okta.logoutToken(acmeClient, { sub: people.ada.sub }))).status).toBe(200)
    const line = await vi.waitFor(() => {
      const lines = server.logged.filter((each) => each.includes('an upstream ended sessions'))
      expect(lines).toHaveLength(1)
      return JSON.parse(lines[0] ?? '{}')
    }, waitOptions)
    await vi.waitFor(async () => expect(await found(line.reference)).not.toBeNull(), waitOptions)
    expect(await found(line.reference)).toMatchObject({
      outcome: 'sessions ended',
      connection: 'okta',
      reasons: ["an upstream's message ended 1 session"],
    })
  })

  it.each<[string, string, Parameters<TestBrowser['ask']>[1]]>([
    ['an unknown app', '/oauth2/auth?client_id=made-up&redirect_uri=https://evil.test/', { headers: html }],
    ['a connection that is not there', '/t/acme/nowhere/start', {}],
    ['a callback of no login', '/t/acme/okta/callback?state=x&code=y', {}],
    ['a return address that is not registered', '/t/acme/okta/start?return_to=https://evil.test/', {}],
    ['a form from elsewhere', '/oauth2/device', { method: 'POST', form: { user_code: 'x' }, headers: html }],
    ['the same for a program', '/oauth2/device', { method: 'POST', form: { user_code: 'x' } }],
    ['an interaction that is over', '/consent/made-up', {}],
    [
      'a token request of an unknown app',
      '/oauth2/token',
      { method: 'POST', form: { client_id: 'nobody', grant_type: 'authorization_code' } },
    ],
    [
      'a message that is not believed',
      '/t/acme/okta/backchannel-logout',
      { method: 'POST', form: { logout_token: 'x' } },
    ],
    ['an address that is not there', '/nowhere', {}],
    ['a method that is not there', '/oauth2/auth', { method: 'PUT', headers: html }],
    ['an API address that is not there', '/api/v1/nowhere', {}],
  ])('P9: on the page and in the log leads to a trace: %s', async (_what, path, requested) => {
    const before = server.logged.length
    const page = await new TestBrowser(server).ask(`${publicOrigin}${path}`, requested)
    expect(page.status).toBeGreaterThanOrEqual(400)
    const isPage = String(page.headers['content-type']).includes('text/html')
    const shown = isPage ? form.exec(page.body.replace(/<style.*?<\/style>/s, ''))?.[0] : undefined
    const lines = await vi.waitFor(() => {
      const written = server.logged.slice(before).map((each) => JSON.parse(each))
      expect(written.length).toBeGreaterThan(0)
      return written
    }, waitOptions)
    const logged = lines.map(({ reference }) => reference).filter((each) => each !== undefined)
    for (const reference of new Set([...logged, ...(shown === undefined ? [] : [shown])]))
      await vi.waitFor(
        async () => expect(await found(reference), `${reference} of ${path}`).not.toBeNull(),
        waitOptions,
      )
    if (shown === undefined && isPage) expect(page.body).not.toContain('quote this reference')
  })
})
