/** Signing up and resetting a password by an emailed code, from the pages of an app. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../../support/browser/test-browser.ts'
import { api, password, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, appOrigin, betaYaml, oktaFor, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { type ApiReply, HeadlessPage } from '../../../support/headless/headless-page.ts'

const another = 'purple monkey dishwasher 42'
const finish = `${appOrigin}/finish?step=2`
const signUps = '/api/v1/sign-ups'
const resets = '/api/v1/password-resets'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, `mailLinks: ['${finish}']\n`), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants, settings: 'trustedProxies: [127.0.0.1]\n' })
})
afterAll(async () => {
  await server?.stop()
  await server?.okta.close()
})

const request = (path: string, email: string, more: object = {}) =>
  new HeadlessPage(server).post(path, { tenant: 'acme', email, ...more })
const codeIn = (text: string) => /paste this one:\s+(\S+)/.exec(text)?.[1] ?? 'no code'
const mailsTo = async (email: string) => (await server.mails()).filter(({ to }) => to === email)

async function codeFor(path: string, email: string, count = 1): Promise<string> {
  expect((await request(path, email)).status).toBe(202)
  return codeIn((await server.mail(email, count)).text)
}

const complete = (path: string, code: string, more: object = {}) =>
  new HeadlessPage(server).post(`${path}/complete`, { tenant: 'acme', code, password, ...more })

/** What a caller can tell answers apart by. */
function shape({ status, headers, body }: ApiReply) {
  const { date: _, 'x-request-id': __, ...rest } = headers
  return { status, headers: rest, body: { ...body, reference: undefined } }
}

describe('signing up', () => {
  it('proves the email with the code, sets the password and signs in with the cookie', async () => {
    const page = new HeadlessPage(server)
    const code = await codeFor(signUps, 'new@mail.test')
    const checked = await page.post(`${signUps}/check`, { tenant: 'acme', code })
    expect([checked.status, checked.body.email]).toEqual([200, 'new@mail.test'])
    expect(checked.body.passwordRule).toMatch(/15 characters/)
    const done = await page.post(`${signUps}/complete`, { tenant: 'acme', code, password, cookie: true })
    expect([done.status, Object.keys(done.body)]).toEqual([201, ['session']])
    const session = await page.get('/api/v1/session')
    expect(session.body.profile).toMatchObject({ email: 'new@mail.test', email_verified: true })
  })

  it('returns the token to a program', async () => {
    const done = await complete(signUps, await codeFor(signUps, 'program@mail.test'))
    expect(HeadlessPage.sessionCookies(done)).toEqual([])
    expect((await api(server, '/api/v1/session', {}, done.body.token)).status).toBe(200)
  })

  it("RE-02 a link of `page` leads to the app's page with the code in the fragment", async () => {
    expect((await request(signUps, 'link@mail.test', { page: finish })).status).toBe(202)
    const { text } = await server.mail('link@mail.test')
    const link = new URL(/https?:\S+/.exec(text)?.[0] ?? '')
    expect(link.href).toBe(`${finish}#code=${codeIn(text)}`)
    expect((await complete(signUps, new URLSearchParams(link.hash.slice(1)).get('code') ?? '')).status).toBe(201)
  })

  it.each([
    'https://evil.test/finish',
    `${appOrigin}/finish`,
    `${finish}&more`,
    appOrigin,
    'javascript:alert(1)',
    '//evil.test',
  ])('RE-01 no link leads to %s, which mailLinks does not list', async (page) => {
    for (const path of [signUps, resets]) {
      const refused = await request(path, 'poison@mail.test', { page })
      expect([refused.status, refused.body.code]).toEqual([400, 'return_to_refused'])
      expect(refused.body.detail).toContain('mailLinks')
    }
    expect(await mailsTo('poison@mail.test')).toEqual([])
  })

  it('RE-01 the link does not follow Host, X-Forwarded-Host or Origin', async () => {
    const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', origin: 'https://evil.test' }
    const json = { tenant: 'acme', email: 'host@mail.test' }
    expect((await api(server, signUps, { method: 'POST', json, headers })).status).toBe(202)
    const { text } = await server.mail('host@mail.test')
    expect(text).toContain(`${publicOrigin}/t/acme/password/verify?code=`)
    expect(text).not.toContain('evil.test')
  })

  it('RE-02 a check uses up nothing; a completion uses the code up', async () => {
    const code = await codeFor(signUps, 'once@mail.test')
    const check = () => new HeadlessPage(server).post(`${signUps}/check`, { tenant: 'acme', code })
    for (let look = 0; look < 3; look += 1) expect((await check()).status).toBe(200)
    expect((await complete(signUps, code)).status).toBe(201)
    for (const reply of [await check(), await complete(signUps, code)])
      expect([reply.status, reply.body.code]).toEqual([400, 'link_invalid'])
  })

  it('RE-02 of 50 concurrent completions one succeeds', async () => {
    const code = await codeFor(signUps, 'many@mail.test')
    const replies = await Promise.all(Array.from({ length: 50 }, () => complete(signUps, code)))
    const created = replies.filter(({ status }) => status === 201)
    expect(created).toHaveLength(1)
    expect(replies.every(({ status }) => [201, 400, 503].includes(status))).toBe(true)
  })

  it('RE-02 a code works for its tenant and its purpose only, and no longer than an hour', async () => {
    const code = await codeFor(signUps, 'bound@mail.test')
    expect((await complete(signUps, code, { tenant: 'beta' })).body.code).toBe('link_invalid')
    expect((await complete(resets, code)).body.code).toBe('link_invalid')
    for (const other of ['x', code.slice(0, -1), `${code}A`, code.replace('.', '')])
      expect((await complete(signUps, other)).body.code).toBe('link_invalid')
    server.clock.forward(3601)
    expect((await complete(signUps, code)).body.code).toBe('link_invalid')
  })

  it('PW-06 a weak password is refused and leaves the code usable', async () => {
    const code = await codeFor(signUps, 'weak@mail.test')
    const refused = await complete(signUps, code, { password: 'password1234' })
    expect([refused.status, refused.body.code]).toEqual([422, 'password_weak'])
    expect((await complete(signUps, code)).status).toBe(201)
  })

  it('SE-07 sets no cookie for an origin that is not listed, and leaves the code usable', async () => {
    const code = await codeFor(signUps, 'csrf@mail.test')
    const page = new HeadlessPage(server, 'https://evil.test', 'cross-site')
    const refused = await page.post(`${signUps}/complete`, { tenant: 'acme', code, password, cookie: true })
    expect([refused.status, refused.body.code]).toEqual([403, 'origin_refused'])
    expect((await complete(signUps, code)).status).toBe(201)
  })

  it.each([
    [{ email: 'no address' }, 400, 'email_invalid'],
    [{ email: 'a@b.test', tenant: 'nobody' }, 404, 'connection_unknown'],
    [{ email: 'a@b.test', extra: 1 }, 400, 'request_invalid'],
    [{ email: ['a@b.test'] }, 400, 'request_invalid'],
    [{}, 400, 'request_invalid'],
  ])('%j is refused', async (json, status, code) => {
    const refused = await new HeadlessPage(server).post(signUps, { tenant: 'acme', ...json })
    expect([refused.status, refused.body.code]).toEqual([status, code])
  })
})

describe('a password reset', () => {
  it('RE-03 sets the password, ends all sessions and signs in', async () => {
    const before = await tokenFor(server, 'reset@mail.test')
    const done = await complete(resets, await codeFor(resets, 'reset@mail.test'), { password: another })
    expect(done.status).toBe(201)
    expect((await api(server, '/api/v1/session', {}, before)).status).toBe(401)
    const signIn = (secret: string) =>
      new HeadlessPage(server).post('/api/v1/sessions', { tenant: 'acme', email: 'reset@mail.test', password: secret })
    expect([(await signIn(password)).status, (await signIn(another)).status]).toEqual([401, 201])
  })

  it('refuses the current password', async () => {
    await tokenFor(server, 'again@mail.test')
    const refused = await complete(resets, await codeFor(resets, 'again@mail.test'))
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      422,
      'password_weak',
      "Choose a password you haven't used here.",
    ])
  })

  it('RE-02 a newer code replaces the older one', async () => {
    await tokenFor(server, 'newer@mail.test')
    const older = await codeFor(resets, 'newer@mail.test')
    const newer = await codeFor(resets, 'newer@mail.test', 2)
    expect((await complete(resets, older, { password: another })).body.code).toBe('link_invalid')
    expect((await complete(resets, newer, { password: another })).status).toBe(201)
  })
})

describe('PW-01 the response does not reveal whether a user has the email', () => {
  it.each([signUps, resets])('at %s', async (path) => {
    const known = `known-${path.length}@mail.test`
    await tokenFor(server, known)
    const replies = [await request(path, known), await request(path, `unknown-${path.length}@mail.test`)]
    expect(replies.map(shape)[0]).toEqual(replies.map(shape)[1])
    expect(replies[0]?.status).toBe(202)
    expect(replies[0]?.body).toBeUndefined()
  })

  it('and only the mailbox gets that information', async () => {
    const email = 'member@mail.test'
    await tokenFor(server, email)
    await request(signUps, email, { page: finish })
    const mail = await server.mail(email)
    expect(mail.text).toContain('already have an account')
    expect(mail.text).toContain(finish)
    expect(mail.text).not.toMatch(/code/)
    await request(resets, 'stranger@mail.test')
    expect(await mailsTo('stranger@mail.test')).toEqual([])
  })

  it('at a sign-in with the cookie', async () => {
    await tokenFor(server, 'signs-in@mail.test')
    const signIn = (email: string) =>
      new HeadlessPage(server).post('/api/v1/sessions', { tenant: 'acme', email, password: 'wrong', cookie: true })
    const [known, unknown] = [await signIn('signs-in@mail.test'), await signIn('nobody@mail.test')]
    expect(shape(known)).toEqual(shape(unknown))
  })
})

it('RE-04 emails at most three an hour to an address, whatever page or API asks, with the same response', async () => {
  const email = 'bombed@mail.test'
  const from = (source: string) => ({ 'x-forwarded-for': source })
  for (let each = 1; each <= 6; each += 1) {
    const page = new HeadlessPage(server)
    const reply = await page.call('POST', signUps, { tenant: 'acme', email }, from(`198.51.${100 + each}.7`))
    expect([reply.status, reply.body]).toEqual([202, undefined])
  }
  const browser = new TestBrowser(server, '203.0.113.9')
  await browser.submit(await browser.open('/sign-up?tenant=acme'), '/sign-up', { email })
  await request(signUps, 'after@mail.test')
  await server.mail('after@mail.test')
  await server.mail(email, 3)
  expect((await mailsTo(email)).length).toBe(3)
})
