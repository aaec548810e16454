/** The setup page of a connection, for an administrator of the upstream without an account. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { assignRole } from '../../../../src/broker/access/assign-role.ts'
import { type Page, TestBrowser } from '../../../support/browser/test-browser.ts'
import { adminOf, makeOperator, startWithAdministrators, userIdOf } from '../../../support/gatehouse/administrators.ts'
import { browserOf, postForm } from '../../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

const okta = '/admin/connections/acme/okta'
const setupLink = `${okta}/setup-link`

let server: TestGatehouse
let admin: TestBrowser
beforeAll(async () => {
  server = await startWithAdministrators()
  admin = await adminOf(server)
})
afterAll(() => server.stop())

const stranger = () => new TestBrowser(server)
const linkOn = ({ body }: Page) => /<code id="link">([^<]+)<\/code>/.exec(body)?.[1] ?? ''

async function create(lifetime = '7d'): Promise<string> {
  return linkOn(await admin.submit(await admin.open(okta), setupLink, { lifetime }))
}

async function auditOf(action: 'connection.setup_link_created' | 'connection.setup_link_revoked') {
  const [event] = await server.core.parts.audit.recent({ tenant: 'acme', action, limit: 1 })
  return event
}

describe('a link to the setup page', () => {
  it("shows the exact values by the names of Okta's pages, without an account, and no secret", async () => {
    const url = await create()
    expect(linkOn(await admin.open(okta))).toBe('')
    expect(await auditOf('connection.setup_link_created')).toMatchObject({ target: 'connection:okta' })
    const page = await stranger().open(url)
    expect(page.status).toBe(200)
    expect(page.body).toContain('<h1>Set up Okta for')
    const origin = new URL(url).origin
    const value = (name: string) => new RegExp(`<dt>${name}</dt><dd>.*?<code[^>]*>([^<]*)</code>`).exec(page.body)?.[1]
    expect(value('Sign-in redirect URIs')).toBe(`${origin}/t/acme/okta/callback`)
    expect(value('Initiate login URI')).toBe(`${origin}/t/acme/okta/initiate`)
    expect(value('Scopes')).toBe('openid profile email')
    expect(page.body).toContain('What to send back')
    expect(page.body).toContain('done when')
    const { config } = server.core.parts.connections.get('acme', 'okta').settings
    const { clientSecret } = config as { readonly clientSecret: { reveal(): string } }
    expect(page.body).not.toContain(clientSecret.reveal())
    expect(page.body).not.toContain('/admin/')
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['x-robots-tag']).toBe('noindex')
    const secret = url.split('.').at(-1) ?? url
    expect(server.logged.join('')).not.toContain(secret)
    expect((await server.storedBytes()).includes(secret)).toBe(false)
  })

  it('waits for its page while another tab opens a different one', async () => {
    await postForm(admin, setupLink, { lifetime: '7d' })
    await admin.open('/admin/connections/acme/password')
    expect(linkOn(await admin.open(okta))).not.toBe('')
    expect(linkOn(await admin.open(okta))).toBe('')
  })

  it('tests the connection, says who can fix a failure, and waits a minute between tests, as no administrator has to', async () => {
    const browser = stranger()
    const url = new URL(await create()).pathname
    server.okta.fault('down')
    try {
      const failed = await browser.submit(await browser.open(url), `${url}/test`)
      expect(failed.status).toBe(200)
      expect(failed.body).toContain('Tested <time')
      expect(failed.body).toContain('<span class="state down">Failed</span>')
      expect(failed.body).toMatch(/Who can fix it: (you, or the administrator of|the operator of this service)/)
    } finally {
      server.okta.reset()
    }
    const soon = await browser.submit(await browser.open(url), `${url}/test`)
    expect(soon.body).toContain('Wait a minute between tests')
    const again = await browser.open(url)
    expect(again.body).toContain('Last check: <time')
    expect(again.body).not.toContain('Tested <time')
    expect(soon.body).not.toContain('email domains')
    expect((await admin.submit(await admin.open(okta), `${okta}/probe`)).body).not.toContain('Wait 10 s between probes')
    expect((await browser.open(`${url}/test`)).url.pathname).toBe(url)
  })

  it('ends when it is revoked or replaced, and names the person to ask', async () => {
    const replaced = await create()
    const url = await create()
    const old = await stranger().open(replaced)
    expect([old.status, (await stranger().open(url)).status]).toEqual([404, 200])
    expect(old.body).toContain('or the administrator of Acme')
    const page = await admin.open(okta)
    expect(page.body).toContain('A link works until')
    const question = await admin.click(page, 'Revoke the link')
    expect(question.body).toMatch(/<h1>Revoke the setup link of Okta\?<\/h1>/)
    expect((await stranger().open(url)).status, 'not before the answer').toBe(200)
    expect((await admin.submit(question, `${setupLink}/revoke`)).body).toContain('no longer works')
    expect((await stranger().open(url)).status).toBe(404)
    expect(await auditOf('connection.setup_link_revoked')).toMatchObject({ target: 'connection:okta' })
  })

  it('ends after the chosen time', async () => {
    const url = await create('1d')
    const later = new Date(server.clock.now().getTime() + 86_401_000)
    const now = vi.spyOn(server.core.parts, 'now').mockReturnValue(later)
    const { status } = await stranger().open(url)
    now.mockRestore()
    expect(status).toBe(404)
  })

  it('ends with the access of its creator', async () => {
    const url = await create()
    const { parts } = server.core
    const event = await auditOf('connection.setup_link_created')
    await parts.users.setStatus('acme', event?.actor ?? '', 'blocked')
    expect((await stranger().open(url)).status).toBe(404)
    await parts.users.setStatus('acme', event?.actor ?? '', 'active')
    expect((await stranger().open(url)).status).toBe(200)
  })

  it('AD-01 ends when its creator loses the role', async () => {
    const former = await browserOf(server, 'former@mail.test')
    await makeOperator(server, 'former@mail.test')
    expect((await postForm(former, setupLink, { lifetime: '7d' })).status).toBe(303)
    const url = linkOn(await former.open(okta))
    expect((await stranger().open(url)).status).toBe(200)
    const key = { tenant: 'acme', userId: await userIdOf(server, 'former@mail.test'), role: 'operator' } as const
    expect(await server.core.parts.roleAssignments.remove(key)).toBe(true)
    expect((await stranger().open(url)).status).toBe(404)
  })

  it('AD-01 ends when its creator no longer reaches the tenant, or their own tenant is removed', async () => {
    const former = await browserOf(server, 'guest@mail.test')
    await makeOperator(server, 'guest@mail.test')
    const beta = '/admin/connections/beta/okta'
    expect((await postForm(former, `${beta}/setup-link`, { lifetime: '7d' })).status).toBe(303)
    const url = linkOn(await former.open(beta))
    const { connections, roleAssignments, users } = server.core.parts
    const statusOf = async () => (await stranger().open(url)).status
    expect(await statusOf()).toBe(200)
    const others = connections.tenants().filter(({ id }) => id !== 'acme')
    const tenants = vi.spyOn(connections, 'tenants').mockReturnValue(others)
    const status = await statusOf()
    tenants.mockRestore()
    expect(status).toBe(404)
    const [user] = await users.findByProvenEmail('acme', 'guest@mail.test')
    if (user === undefined) throw new Error('no user guest@mail.test')
    await assignRole(server.core.parts, { user, role: 'admin', actor: 'cli' })
    expect(await roleAssignments.remove({ tenant: 'acme', userId: user.id, role: 'operator' })).toBe(true)
    expect(await statusOf()).toBe(404)
  })

  it('works for its own connection only', async () => {
    const { pathname } = new URL(await create())
    expect((await stranger().open(pathname.replace('/okta/', '/password/'))).status).toBe(404)
    expect((await stranger().open('/t/acme/okta/setup/x')).body).toContain('Ask the person who sent it')
  })

  it('SE-07 is created by administrators alone, never by a form of another site, and not for passwords', async () => {
    const member = await browserOf(server, 'member@mail.test')
    expect((await postForm(member, setupLink, { lifetime: '7d' })).status).toBe(403)
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    expect((await admin.ask(setupLink, { method: 'POST', form: { lifetime: '7d' }, headers })).status).toBe(403)
    expect((await admin.open('/admin/connections/acme/password')).body).not.toContain('Create a setup link')
    const passwords = '/admin/connections/acme/password/setup-link'
    expect((await postForm(admin, passwords, { lifetime: '7d' })).status).toBe(400)
  })
})
