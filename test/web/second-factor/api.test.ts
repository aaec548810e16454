/** Second factors of sign-ins by the API: `mfa_required`, and `POST /api/v1/sessions/mfa`. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api } from '../../support/gatehouse/connections.ts'
import { addTotp } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, appOrigin, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, 'mfa: { required: all }\n') } })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

async function newUser(bare = false) {
  const email = `${randomBytes(5).toString('hex')}@mail.test`
  await server.addUser({ tenant: 'acme', email, password })
  return { email, factor: bare ? undefined : await addTotp(server, email) }
}

async function post(path: string, json: unknown, headers: Record<string, string> = {}) {
  const { status, headers: answered, body } = await api(server, path, { method: 'POST', json, headers })
  return { status, headers: answered, body: JSON.parse(body) }
}

const signIn = (email: string, more = {}, headers = {}) =>
  post('/api/v1/sessions', { tenant: 'acme', email, password, ...more }, headers)
const prove = (proof: Readonly<Record<string, unknown>>, headers = {}) => post('/api/v1/sessions/mfa', proof, headers)

describe('a password sign-in by the API', () => {
  it('is answered with a challenge, which a code completes', async () => {
    const { email, factor } = await newUser()
    const refused = await signIn(email)
    expect(refused).toMatchObject({
      status: 401,
      body: { code: 'mfa_required', methods: ['totp', 'recovery_code'], expires_in: 300, fixer: 'user' },
    })
    expect(refused.body.token).toBeUndefined()
    expect(refused.headers['set-cookie']).toBeUndefined()
    const { challenge } = refused.body
    const wrong = await prove({ challenge, method: 'totp', code: '000000' })
    expect([wrong.status, wrong.body.code, wrong.body.detail]).toEqual([
      401,
      'factor_invalid',
      expect.stringContaining('4 tries are left'),
    ])
    const opened = await prove({ challenge, method: 'totp', code: factor?.nextCode() })
    expect(opened).toMatchObject({
      status: 201,
      body: {
        token: expect.stringMatching(/^gth_s_/),
        session: { authenticated: { acr: 'urn:gatehouse:acr:mfa', amr: ['pwd', 'otp', 'mfa'] } },
      },
    })
    const again = await prove({ challenge, method: 'recovery_code', code: factor?.recoveryCodes[0] })
    expect([again.status, again.body.code]).toEqual([400, 'mfa_challenge_invalid'])
    expect((await server.trace(refused.body.reference)).outcome).toBe('signed in')
  })

  it('PW-01 answers a wrong password alike, whether or not the user has a factor', async () => {
    const [with_, without] = [await newUser(), await newUser(true)]
    const wrong = async (email: string) => {
      const { status, body } = await signIn(email, { password: 'not this password' })
      return { status, body: { ...body, reference: '' } }
    }
    expect(await wrong(with_.email)).toEqual(await wrong(without.email))
    expect(await wrong(with_.email)).toEqual(await wrong('nobody@mail.test'))
  })

  it('names no methods for a user who has none, and opens no session', async () => {
    const { email } = await newUser(true)
    const refused = await signIn(email)
    expect(refused.body).toMatchObject({ code: 'mfa_required', methods: [] })
    expect(refused.body.detail).toContain('sign-in page')
    const { challenge } = refused.body
    expect((await prove({ challenge, method: 'totp', code: '123456' })).body.code).toBe('factor_invalid')
  })

  it('MF-04 a challenge works only from the origin that began the sign-in', async () => {
    const { email, factor } = await newUser()
    const origin = { origin: appOrigin }
    const { challenge } = (await signIn(email, { cookie: true }, origin)).body
    const code = factor?.nextCode()
    for (const headers of [{}, { origin: 'https://evil.test' }])
      expect((await prove({ challenge, method: 'totp', code }, headers)).body.code).toBe('mfa_challenge_invalid')
    const opened = await prove({ challenge, method: 'totp', code, cookie: true }, origin)
    expect([opened.status, opened.body.token]).toEqual([201, undefined])
    expect(String(opened.headers['set-cookie'])).toContain('gatehouse_session=')
  })

  it('MF-04 50 concurrent right codes open one session', async () => {
    const { email, factor } = await newUser()
    const { challenge } = (await signIn(email)).body
    const code = factor?.nextCode()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => prove({ challenge, method: 'totp', code }).then(({ status }) => status)),
    )
    expect(answers.filter((status) => status === 201)).toHaveLength(1)
    expect(await server.core.parts.sessions.list('acme', factor?.user.userId ?? '')).toHaveLength(1)
  })

  it('MF-02 a new sign-in gives no more than 20 wrong codes an hour', async () => {
    const { email, factor } = await newUser()
    const codes: string[] = []
    for (let signIns = 0; signIns < 5; signIns += 1) {
      const { challenge } = (await signIn(email)).body
      for (let tries = 0; tries < 5; tries += 1)
        codes.push((await prove({ challenge, method: 'totp', code: '000000' })).body.code)
    }
    expect(codes.filter((code) => code !== 'too_many_attempts')).toHaveLength(20)
    const { challenge } = (await signIn(email)).body
    const right = await prove({ challenge, method: 'totp', code: factor?.nextCode() })
    expect(right.status).toBe(429)
  })

  it('expires after five minutes', async () => {
    const { email, factor } = await newUser()
    const { challenge } = (await signIn(email)).body
    server.clock.forward(301)
    const late = await prove({ challenge, method: 'totp', code: factor?.nextCode() })
    expect([late.status, late.body.code]).toEqual([400, 'mfa_challenge_invalid'])
  })
})

it('RE-03 a password reset asks for the second factor too', async () => {
  const { email, factor } = await newUser()
  await post('/api/v1/password-resets', { tenant: 'acme', email }).catch(() => undefined)
  const mail = await server.mail(email, 2)
  const code = /[\w-]{22}\.[\w-]{43}/.exec(mail.text)?.[0] ?? ''
  const chosen = { tenant: 'acme', code, password: 'another good long password' }
  const refused = await post('/api/v1/password-resets/complete', chosen)
  expect([refused.status, refused.body.code]).toEqual([401, 'mfa_required'])
  const { challenge } = refused.body
  expect((await prove({ challenge, method: 'totp', code: factor?.nextCode() })).status).toBe(201)
})

it('MF-04 a changed password keeps the level of the session that changed it, and no more', async () => {
  const { email, factor } = await newUser()
  const { challenge } = (await signIn(email)).body
  const { token } = (await prove({ challenge, method: 'totp', code: factor?.nextCode() })).body
  const json = { currentPassword: password, password: 'another good long password' }
  const changed = await api(server, '/api/v1/password', { method: 'PUT', json }, token)
  expect(changed.status).toBe(201)
  expect(JSON.parse(changed.body).session.authenticated).toMatchObject({
    acr: 'urn:gatehouse:acr:mfa',
    amr: ['pwd', 'otp', 'mfa'],
  })
})
