/** Postponing the setup of a second factor. */
import { describe, expect, it } from 'vitest'
import { formsOn, type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'
const setup = '/login/second-factor/setup'

async function typed(who: TestBrowser, email: string): Promise<Page> {
  const login = await who.open('/login?tenant=acme')
  const second = await who.submit(login, '/login', { email })
  return who.submit(second, '/login', { password })
}

const hasSession = (who: TestBrowser) => who.jar.headerFor(new URL(publicOrigin)).includes('gatehouse_session=')

describe('until graceUntil', () => {
  it('users without a factor may sign in without one; later they may not', async () => {
    const okta = await oktaFor()
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10)
    const mfa = `mfa: { required: all, graceUntil: ${until} }\n`
    const graceful = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, mfa) } })
    try {
      await graceful.addUser({ tenant: 'acme', email: 'late@mail.test', password })
      const who = new TestBrowser(graceful)
      const intro = await typed(who, 'late@mail.test')
      expect(intro.url.pathname).toBe(setup)
      const link = formsOn(intro).find(({ fields }) => fields['step'] === 'postpone')?.fields ?? {}
      expect((await who.submit(intro, setup, { ...link })).url.pathname).toBe('/account')
      // a page that was open during an upgrade sends the former name
      const former = new TestBrowser(graceful)
      const open = await typed(former, 'late@mail.test')
      expect((await former.submit(open, setup, { step: 'later' })).url.pathname).toBe('/account')
      graceful.clock.forward(6 * 86_400)
      const other = new TestBrowser(graceful)
      const due = await typed(other, 'late@mail.test')
      expect([due.url.pathname, due.body.includes('Not now')]).toEqual([setup, false])
      for (const step of ['postpone', 'later']) expect((await other.submit(due, setup, { step })).status).toBe(401)
      expect(hasSession(other)).toBe(false)
    } finally {
      await graceful.stop()
      await okta.close()
    }
  })
})
