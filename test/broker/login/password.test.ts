import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openLink, requestLink } from '../../../src/broker/login/password-link.ts'
import { signInWithCredentials } from '../../../src/broker/login/password-login.ts'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { GatehouseError } from '../../../src/errors.ts'
import type { Provider } from '../../../src/provider/provider.ts'
import { notSignedIn } from '../../support/broker/not-signed-in.ts'
import {
  better,
  broker,
  finish,
  good,
  linkRequest,
  mailedCode,
  mailsTo,
  newEmail,
  open,
  outcomeOf,
  passwordConnection,
  place,
  signIn,
  signUp,
  tenants,
} from '../../support/broker/password-login.ts'
import {
  codeOf,
  connectionSettings,
  loginRequest,
  openBroker,
  stubProvider,
  tenantOf,
  traceOf,
} from '../../support/gatehouse/broker.ts'
import { testPassword } from '../../support/providers/test-providers.ts'

describe('signing up', () => {
  it('creates a signed-in user with a verified email by an emailed link', async () => {
    const email = newEmail()
    const code = await mailedCode('sign-up', email)
    expect(await openLink(broker.parts, 'sign-up', place, code)).toMatchObject({ email, tenant: { id: 'acme' } })
    const finished = await finish('sign-up', code, good)
    if (finished.outcome !== 'signed in') throw notSignedIn(finished)
    expect(finished.session).toMatchObject({ profile: { email: { address: email, verified: true } }, amr: ['pwd'] })
    expect(await broker.parts.users.findByProvenEmail('acme', email)).toHaveLength(1)
    expect(mailsTo(email)).toEqual(['signUp'])
    expect(outcomeOf(await signIn(email, good))).toBe('signed in')
  })

  it('PW-01 gives the same response for a known email and emails its owner', async () => {
    const email = newEmail()
    await signUp(email)
    const mailIt = await requestLink(broker.parts, 'sign-up', linkRequest(email))
    await mailIt()
    expect(mailsTo(email)).toEqual(['signUp', 'alreadySignedUp'])
  })

  it('ID-02 sends no email for a domain of another connection', async () => {
    await (await requestLink(broker.parts, 'sign-up', linkRequest('ann@claimed.test')))()
    expect(mailsTo('ann@claimed.test')).toEqual([])
  })

  it('RE-04 sends three emails an hour and keeps giving the same response', async () => {
    const email = newEmail()
    for (let turn = 0; turn < 15; turn++) await (await requestLink(broker.parts, 'sign-up', linkRequest(email)))()
    expect(mailsTo(email)).toHaveLength(3)
  })

  it.each([
    ['no email address', { email: 'no address' }, 'email_invalid'],
    ['ID-05 an email that only looks like one', { email: 'an\u212a@example.test' }, 'email_invalid'],
    ['RE-04 a line break in the address', { email: 'a@example.test\r\nBcc: b@example.test' }, 'email_invalid'],
    ['OP-27 a foreign return address', { returnTo: 'https://evil.test' }, 'return_to_refused'],
    ['a tenant without sign-up', { tenant: 'shut' }, 'user_unknown'],
    ['a connection without passwords', { connection: 'okta' }, 'connection_unknown'],
  ])('is rejected for %s', async (_, changes, code) => {
    expect(await codeOf(requestLink(broker.parts, 'sign-up', linkRequest('ann@example.test', changes)))).toBe(code)
  })

  it('PW-06 RE-02 rejects a weak password and keeps the link valid', async () => {
    const code = await mailedCode('sign-up', newEmail())
    expect(await codeOf(finish('sign-up', code, 'short'))).toBe('password_weak')
    expect(outcomeOf(await finish('sign-up', code, good))).toBe('signed in')
  })

  it('RE-02 works once per link, for one of ten simultaneous requests', async () => {
    const code = await mailedCode('sign-up', newEmail())
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => finish('sign-up', code, good).then(outcomeOf, ({ code }) => code)),
    )
    expect(outcomes.toSorted()).toEqual([...Array(9).fill('link_invalid'), 'signed in'])
  })
})

describe('signing in with a password', () => {
  it('PW-01 rejects a wrong password and an unknown email alike, in the trace too', async () => {
    const email = newEmail()
    await signUp(email)
    const [wrong, unknown] = [await signIn(email, better), await signIn(newEmail(), good)]
    if (wrong.outcome !== 'refused' || unknown.outcome !== 'refused') throw new Error('signed in')
    expect(wrong.error).toEqual(unknown.error)
    const shapeOf = ({ reference }: typeof wrong) =>
      traceOf(broker, reference).steps.map(({ name, checks, note }) => [name, checks, note])
    expect(shapeOf(wrong)).toEqual(shapeOf(unknown))
  })

  it('PW-03 stops after ten wrong guesses without hashing, and resets after success', async () => {
    const own = await open()
    const email = newEmail()
    await signUp(email, own)
    for (let turn = 0; turn < 4; turn++) await signIn(email, better, own)
    expect(outcomeOf(await signIn(email, good, own))).toBe('signed in')
    for (let turn = 0; turn < 10; turn++)
      expect(outcomeOf(await signIn(email, better, own))).toBe('credentials_invalid')
    const refused = await signIn(email, good, own)
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect(refused.error.code).toBe('too_many_attempts')
    expect(traceOf(own, refused.reference).steps.map(({ name }) => name)).toEqual(['limits'])
  })

  it('A4: stores no password for a user who may not have one linked', async () => {
    const strict = connectionSettings({ id: 'okta', domains: ['claimed.test'], linking: 'none' })
    const both = { ...passwordConnection, domains: ['claimed.test'] }
    const own = await openBroker({ tenants: [tenantOf([both, strict])], providers: [testPassword, stubProvider()] })
    const email = `${randomUUID().slice(0, 8)}@claimed.test`
    const profile = { email: { address: email, verified: true } }
    const user = { id: 'holder', tenant: 'acme', status: 'active', profile, emailProven: true } as const
    const identity = { issuer: 'https://upstream.test', subject: 'holder', connection: 'okta', profile }
    await own.parts.users.create({ ...user, createdAt: own.parts.now() }, { ...identity, lastLoginAt: own.parts.now() })
    const code = await mailedCode('sign-up', email, own)
    expect(await codeOf(finish('sign-up', code, good, own))).toBe('linking_refused')
    expect(await codeOf(createPasswordUser(own.parts, { tenant: 'acme', email, password: good }))).toBe(
      'linking_refused',
    )
    expect(await own.parts.passwords.find('acme', email)).toBeNull()
  })

  it('A7: counts no attempt that was rejected by a full queue', async () => {
    // a real queue fills only when many passwords are hashed at once, which no test can time
    let isFull = true
    const full: Provider = {
      ...testPassword,
      open(config, context) {
        const connection = testPassword.open(config, context)
        const busy = new GatehouseError('server_busy', 'the password hashing queue is full')
        return { ...connection, complete: (answer) => (isFull ? Promise.reject(busy) : connection.complete(answer)) }
      },
    }
    const own = await openBroker({ tenants, providers: [full, stubProvider()] })
    const email = newEmail()
    await signUp(email, own)
    const guess = { email, source: '198.51.100.250', knownBrowser: undefined }
    const attempt = async (typed: string) => {
      const parameters = new URLSearchParams({ email, password: typed })
      const credentials = { parameters, attempt: guess, device: 'Firefox on Linux' }
      return outcomeOf(await signInWithCredentials(own.parts, loginRequest(place), credentials))
    }
    for (let turn = 0; turn < 40; turn++) expect(await attempt(better)).toBe('server_busy')
    isFull = false
    for (let turn = 0; turn < 4; turn++) expect(await attempt(better)).toBe('credentials_invalid')
    expect(await attempt(good)).toBe('signed in')
  })

  it('is rejected for a connection without passwords, which stores no login', async () => {
    const attempt = { email: '', source: '', knownBrowser: undefined }
    const credentials = { parameters: new URLSearchParams(), attempt, device: '' }
    const work = signInWithCredentials(broker.parts, loginRequest({ connection: 'okta' }), credentials)
    expect(await codeOf(work)).toBe('connection_unknown')
    const asked = await startLogin(broker.parts, loginRequest(place))
    expect(asked).toMatchObject({ outcome: 'begun', challenge: { step: 'ask', fields: ['email', 'password'] } })
  })
})

describe('adding a user', () => {
  it('shows a password once and creates a user that can be linked', async () => {
    const email = newEmail()
    expect(await createPasswordUser(broker.parts, { tenant: 'acme', email, name: 'Ann', password: good })).toBe(true)
    expect(await createPasswordUser(broker.parts, { tenant: 'acme', email, password: better })).toBe(false)
    expect(outcomeOf(await signIn(email, good))).toBe('signed in')
    expect(await broker.parts.users.findByProvenEmail('acme', email)).toMatchObject([{ profile: { name: 'Ann' } }])
  })

  it('is rejected for a weak password or a tenant without passwords', async () => {
    const weak = { tenant: 'acme', email: newEmail(), password: 'short' }
    expect(await codeOf(createPasswordUser(broker.parts, weak))).toBe('password_weak')
    expect(await codeOf(createPasswordUser(broker.parts, { ...weak, tenant: 'evil' }))).toBe('connection_unknown')
  })
})
