/** Developer settings as a browser without scripts meets them. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { GatehouseError } from '../../../src/errors.ts'
import { formsOn, linkOn, type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const settings = '/account/developer'
const tokens = `${settings}/tokens`
const settingsUrl = `${publicOrigin}${settings}`

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const access = 'access: { developer: [dora@mail.test] }\ntokens: { max: 4, maxLifetime: 730d }\n'
  const tenants = { 'acme.yaml': acmeYaml(okta, access), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

const secretOn = (page: Page, prefix: string) =>
  [...page.body.matchAll(new RegExp(`<code id="[^"]+">(${prefix}\\w+)</code>`, 'g'))].map(([, text]) => text ?? '')
const status = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status

async function create(browser: TestBrowser, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
  return browser.submit(await browser.open(settings), tokens, { name: 'Build', expires: '30', ...fields })
}

async function tokenOf(browser: TestBrowser, fields: Readonly<Record<string, string>> = {}): Promise<string> {
  const [token] = secretOn(await create(browser, fields), 'gth_a_')
  if (token === undefined) throw new Error('no token was created')
  return token
}

/** Follows a link of the settings to its confirmation page, and submits that. */
async function confirm(browser: TestBrowser, link: string, fields: Readonly<Record<string, string>> = {}) {
  const page = await browser.click(await browser.open(settings), link)
  return browser.submit(page, page.url.pathname, fields)
}

const titles = (page: Page) => [...page.body.matchAll(/<h3>([^<]*)/g)].map(([, text]) => text)

describe('API tokens', () => {
  it('AP-01 are created, shown once, listed and revoked, and never in an address', async () => {
    const ann = await browserOf(server, 'ann@mail.test')
    const empty = await ann.click(await ann.open('/account'), 'Developer settings')
    expect(empty.body).toContain('You have no API tokens.')
    expect(linkOn(empty, 'Profile')).toBe('/account')
    const page = await create(ann, { name: 'Nightly build' })
    expect(page.url.search).toBe('?notice=created')
    const [token = ''] = secretOn(page, 'gth_a_')
    expect(await status(token)).toBe(200)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(titles(page)).toEqual(['Nightly build'])
    const ended = await confirm(ann, 'Revoke Nightly build')
    expect(ended.body).toContain('The token was revoked.')
    expect(titles(ended)).toEqual([])
    expect(await status(token)).toBe(401)
  })

  it('names the field “Permissions” for a scope that the user does not have', async () => {
    const page = await create(await browserOf(server, 'scopes@mail.test'), { scopes: 'users:read' })
    expect(page.status).toBe(422)
    expect(page.body).toMatch(/The field “Permissions” has (&quot;|")users:read/)
  })

  it('SE-12 are kept for the next view if a read fails before one is shown', async () => {
    const browser = await browserOf(server, 'outage@mail.test')
    await browser.submit(await browser.open(settings), tokens, { name: 'Build', expires: '30' }, settingsUrl)
    const read = vi
      .spyOn(server.core.parts.developerSecrets, 'ofUser')
      .mockRejectedValueOnce(new GatehouseError('store_unavailable', 'out of reach'))
    expect((await browser.open(settings)).status).toBe(503)
    read.mockRestore()
    expect(secretOn(await browser.open(settings), 'gth_a_')).toHaveLength(1)
  })

  it('SE-12 reloading the page shows no token again and creates none', async () => {
    const rob = await browserOf(server, 'rob@mail.test')
    const page = await create(rob)
    expect(secretOn(page, 'gth_a_')).toHaveLength(1)
    const again = await rob.open(page.url)
    expect(secretOn(again, 'gth_a_')).toEqual([])
    expect(again.body).toContain('It cannot be shown again')
    expect(titles(again)).toEqual(['Build'])
  })

  it('SE-13 a new token is shown to the session that created it only', async () => {
    const sam = await browserOf(server, 'sam@mail.test')
    const answer = await postForm(sam, tokens, { name: 'Build', expires: '30' })
    expect(answer.status).toBe(303)
    await browserOf(server, 'next@mail.test')
    await postForm(sam, '/login', { tenant: 'acme', email: 'next@mail.test', password: 'correct horse battery staple' })
    const page = await sam.open(answer.headers.location ?? '')
    expect(page.body).toContain('next@mail.test')
    expect(secretOn(page, 'gth_a_')).toEqual([])
    expect(titles(page)).toEqual([])
  })

  it('the old token works on during an overlap, and ends at once without one', async () => {
    const eve = await browserOf(server, 'eve@mail.test')
    const first = await tokenOf(eve)
    const second = secretOn(await confirm(eve, 'Rotate Build', { overlap: '86400' }), 'gth_a_')[0] ?? ''
    expect([await status(first), await status(second)]).toEqual([200, 200])
    const third = secretOn(await confirm(eve, 'Rotate Build', { overlap: '0' }), 'gth_a_')[0] ?? ''
    expect([await status(first), await status(second), await status(third)]).toEqual([200, 401, 200])
    const page = await eve.open(settings)
    expect(page.body.match(/>Replaced</g)).toHaveLength(1)
  })

  it('name one token as one when all are revoked', async () => {
    const one = await browserOf(server, 'one@mail.test')
    await tokenOf(one)
    const question = await one.click(await one.open(settings), 'Revoke all')
    expect(question.body).toContain('<h1>Revoke your only API token?</h1>')
    expect(question.body).toContain('Programs that use it stop working at once.')
    expect((await one.submit(question, `${tokens}/revoke`)).body).toContain('The token was revoked.')
  })

  it('are revoked all together', async () => {
    const max = await browserOf(server, 'max@mail.test')
    const made = [await tokenOf(max), await tokenOf(max)]
    const question = await max.click(await max.open(settings), 'Revoke all')
    expect(question.body).toContain('<h1>Revoke all 2 API tokens?</h1>')
    const page = await max.submit(question, `${tokens}/revoke`)
    expect(page.body).toContain('All API tokens were revoked.')
    expect(await Promise.all(made.map(status))).toEqual([401, 401])
    expect((await max.open(`${tokens}/revoke`)).url.pathname).toBe(settings)
  })

  it('may have fewer permissions and networks, which the list names', async () => {
    const lea = await browserOf(server, 'lea@mail.test')
    const token = await tokenOf(lea, { scopes: 'profile:read', ranges: '192.0.2.0/24\r\n2001:db8::/32' })
    expect(await status(token)).toBe(401)
    const page = await lea.open(settings)
    expect(page.body).toContain('<li>Read your profile</li>')
    expect(page.body).toContain('Only from 192.0.2.0/24, 2001:db8::/32')
  })

  it('with wrong fields are refused with what was typed, and nothing is created', async () => {
    const tom = await browserOf(server, 'tom@mail.test')
    const page = await create(tom, { name: '<b>Build</b>', ranges: 'here', scopes: 'tokens:write', expires: '9999' })
    expect(page.status).toBe(422)
    expect(page.body).toContain('Please fix 4 errors.')
    expect(page.body).toContain('value="&lt;b>Build&lt;/b>"')
    expect(page.body).toContain('>here</textarea>')
    expect(titles(page)).toEqual([])
    const missing = await create(tom, { name: ' ' })
    expect(missing.body).toContain('The name is missing')
  })

  it('that live longer than 90 days need a recent sign-in, to create and to rotate', async () => {
    const ivy = await browserOf(server, 'ivy@mail.test')
    expect(formsOn(await ivy.open(settings)).find(({ action }) => action === tokens)).toBeDefined()
    await create(ivy, { expires: 'max' })
    server.clock.forward(700)
    const page = await ivy.open(settings)
    expect(page.body).toContain('<option value="90" selected')
    expect(linkOn(page, 'Sign in again')).toContain('prompt=login')
    const refused = await create(ivy, { expires: 'max' })
    expect(refused.status).toBe(422)
    expect(refused.body).toContain('choose at most 90 days')
    expect(titles(await create(ivy, { expires: '90', name: 'Short' }))).toContain('Short')
    const question = await ivy.click(await ivy.open(settings), 'Rotate Build')
    expect(linkOn(question, 'Sign in again')).toContain('prompt=login')
    expect(formsOn(question).map(({ action }) => action)).toEqual(['/account/sign-out'])
    const late = await postForm(ivy, question.url.pathname, { overlap: '0' })
    expect([late.status, late.headers.location]).toEqual([303, question.url.pathname])
  })

  it('that a password reset suspended work again once their owner confirms them after a sign-in', async () => {
    const pia = await browserOf(server, 'pia@mail.test')
    const token = await tokenOf(pia)
    const { users, apiTokens } = server.core.parts
    const [{ id: userId } = { id: '' }] = await users.findByProvenEmail('acme', 'pia@mail.test')
    await apiTokens.suspend({ tenant: 'acme', userId }, new Date(0), server.clock.now())
    expect(await status(token)).toBe(401)
    const page = await pia.open(settings)
    expect(page.body).toContain('Suspended because your password changed.')
    const confirmation = formsOn(page).find(({ action }) => action.endsWith('/confirm'))?.action ?? ''
    server.clock.forward(700)
    expect(linkOn(await pia.submit(page, confirmation), 'Sign in again')).toContain('prompt=login')
    await postForm(pia, '/login', { tenant: 'acme', email: 'pia@mail.test', password: 'correct horse battery staple' })
    const confirmed = await pia.submit(await pia.open(settings), confirmation)
    expect(confirmed.body).toContain('The token works again.')
    expect(await status(token)).toBe(200)
  })

  it('beyond the maximum are refused with the maximum', async () => {
    const joe = await browserOf(server, 'joe@mail.test')
    for (let count = 0; count < 4; count += 1) await tokenOf(joe)
    const page = await create(joe)
    expect(page.body).toContain('You have 4 API tokens, which is the maximum.')
  })

  it('SE-09 of another user are not found, and stay', async () => {
    const [own, other] = [await browserOf(server, 'own@mail.test'), await browserOf(server, 'other@mail.test', 'beta')]
    const token = await tokenOf(own)
    const path = linkOn(await own.open(settings), 'Revoke Build')
    for (const each of [path, path.replace('/revoke', '/rotate')]) {
      expect((await other.open(each)).status).toBe(404)
      expect((await postForm(other, each, { overlap: '0' })).status).toBe(404)
    }
    expect((await postForm(other, path.replace('/revoke', '/confirm'), {})).status).toBeGreaterThanOrEqual(403)
    expect(await status(token)).toBe(200)
  })

  it('SE-07 forms from other sites are refused, and change nothing', async () => {
    const kim = await browserOf(server, 'kim@mail.test')
    const token = await tokenOf(kim)
    const path = linkOn(await kim.open(settings), 'Revoke Build')
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const forged = [path, path.replace('/revoke', '/rotate'), tokens, `${tokens}/revoke`, `${settings}/secrets`]
    for (const each of forged) {
      const form = { name: 'Forged', expires: '7', overlap: '0' }
      expect((await kim.ask(each, { method: 'POST', form, headers })).status, each).toBe(403)
    }
    expect(await status(token)).toBe(200)
    expect(titles(await kim.open(settings))).toEqual(['Build'])
  })

  it('SE-08, SE-13 pages with credentials are never framed or cached', async () => {
    const una = await browserOf(server, 'una@mail.test')
    const page = await create(una)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(String(page.headers['content-security-policy'])).toContain("frame-ancestors 'none'")
    expect(String(page.headers['content-security-policy'])).toContain("script-src 'self'")
    expect(page.headers['referrer-policy']).toBe('no-referrer')
  })

  it('asks for a sign-in first', async () => {
    const page = await new TestBrowser(server).ask(settings)
    expect([page.status, page.headers.location]).toEqual([303, '/login?return_to=%2Faccount%2Fdeveloper'])
  })
})

describe('the client secret of a developer', () => {
  it('is created on request only, shown after a recent sign-in, rotated and revoked', async () => {
    const dora = await browserOf(server, 'dora@mail.test')
    await dora.open(settings)
    const page = await dora.open(settings)
    expect(page.body, 'a visit creates none').toContain('You have no client secret.')
    const [first = ''] = secretOn(await dora.submit(page, `${settings}/secrets`), 'gth_d_')
    expect(first).not.toBe('')
    expect(secretOn(await dora.click(await dora.open(settings), 'Show the secret'), 'gth_d_')).toEqual([first])
    const rotated = await confirm(dora, 'Rotate the secret', { overlap: '604800' })
    const texts = secretOn(rotated, 'gth_d_')
    expect(texts).toHaveLength(2)
    expect(texts[1]).toBe(first)
    expect(rotated.body).toContain('valid until')
    await confirm(dora, 'Revoke the previous secret')
    const none = await confirm(dora, 'Revoke the secret')
    expect(none.body).toContain('You have no client secret.')
    const created = await dora.submit(none, `${settings}/secrets`)
    expect(secretOn(created, 'gth_d_')).toHaveLength(1)
    expect(secretOn(created, 'gth_d_')[0]).not.toBe(texts[0])
  })

  it('is hidden when the sign-in is too old', async () => {
    const dora = await browserOf(server, 'dora@mail.test')
    // fails if she has one
    await dora.submit(await dora.open(settings), `${settings}/secrets`).catch(() => undefined)
    server.clock.forward(700)
    const page = await dora.open(`${settings}?show=secret`)
    expect(secretOn(page, 'gth_d_')).toEqual([])
    expect(linkOn(page, 'Sign in again to show it')).toContain('prompt=login')
  })

  it('is not for others: no section, and the forms are refused', async () => {
    const ben = await browserOf(server, 'ben@mail.test')
    expect((await ben.open(settings)).body).not.toContain('Your client secret')
    expect((await postForm(ben, `${settings}/secrets`, {})).status).toBe(403)
    expect((await ben.open(`${settings}/secrets/none/revoke`)).status).toBe(404)
  })
})
