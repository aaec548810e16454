/** E6: internationalized email addresses are accepted in one form, or refused with a message. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unusableEmail } from '../../../src/broker/identity/unusable-email.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { gatehouse, load, loadedOf, tenant } from '../../support/gatehouse/config-folder.ts'
import { api, password, postForm } from '../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const canonical = 'jürgen@xn--mnchen-3ya.test'

describe('a user with an internationalized email', () => {
  it('E6: signs in by every spelling of it', async () => {
    await server.addUser({ tenant: 'acme', email: canonical, password })
    for (const email of ['Jürgen@München.test', 'ju\u0308rgen@mu\u0308nchen.test', canonical]) {
      const answer = await api(server, '/api/v1/sessions', {
        method: 'POST',
        json: { tenant: 'acme', email, password },
      })
      expect(answer.status).toBe(201)
      expect(answer.body).not.toContain('München')
      expect((await postForm(new TestBrowser(server), '/login', { tenant: 'acme', email, password })).status).toBe(303)
    }
  })

  it("E6: signs up, and the mail goes to the domain's A-label", async () => {
    await postForm(new TestBrowser(server), '/sign-up', { tenant: 'acme', email: 'neu@bücher.example', name: 'Neu' })
    expect((await server.mail('neu@xn--bcher-kva.example')).to).toBe('neu@xn--bcher-kva.example')
  })

  it.each(['\u0430nn@acme.test', 'ann@\u0430cme.test', 'ann@ａcme.test', 'ann@acme\u3002test'])(
    'E6: %s is rejected with a message',
    async (email) => {
      const page = await postForm(new TestBrowser(server), '/sign-up', { tenant: 'acme', email, name: 'Ann' })
      expect(page.status).toBe(400)
      expect(page.body).toContain('Enter a valid email address')
      const answer = await api(server, '/api/v1/sessions', {
        method: 'POST',
        json: { tenant: 'acme', email, password },
      })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
    },
  )
})

it('E6: matches connection domains by A-label', async () => {
  const text = tenant('acme', '    domains: [MÜNCHEN.test, xn--bcher-kva.example, пример.рф]\n')
  const { loaded } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
  const [connection] = loadedOf(loaded).tenants[0]?.connections ?? []
  expect(connection?.domains).toEqual(['xn--mnchen-3ya.test', 'xn--bcher-kva.example', 'xn--e1afmkfd.xn--p1ai'])
})

it('E6: an invalid email from an upstream is reported in the trace', () => {
  const identity = (email: unknown) => ({ issuer: 'i', subject: 's', profile: {}, attributes: { email } })
  expect(unusableEmail(identity('\u0430nn@acme.test'))).toMatchObject({
    name: 'email',
    ok: false,
    got: expect.stringContaining('several scripts'),
  })
  expect(unusableEmail(identity(['no address']))).toMatchObject({ got: 'it is no email address' })
  expect(unusableEmail(identity(['a@b.test', 'c@b.test']))).toMatchObject({
    got: '2 addresses: map one of them, such as emails.0',
  })
  expect(unusableEmail(identity({ value: 'a@b.test' }))).toMatchObject({ got: expect.stringContaining('an object') })
  expect(unusableEmail(identity(undefined))).toBeUndefined()
  expect(unusableEmail(identity('a@b.test'), { email: ['upn', 'mail'] })).toMatchObject({
    got: 'none: the upstream sent no upn and no mail',
  })
  expect(
    unusableEmail({ ...identity('x'), profile: { email: { address: 'a@b.test', verified: true } } }),
  ).toBeUndefined()
})
