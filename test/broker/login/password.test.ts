import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { password } from '../../../providers/password/password.ts'
import type { Finished } from '../../../src/broker/login/outcome.ts'
import { type LinkPurpose, openLink, requestLink } from '../../../src/broker/login/password-link.ts'
import { signInWithCredentials } from '../../../src/broker/login/password-login.ts'
import { createPasswordUser, finishLink } from '../../../src/broker/login/set-password.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { endSession } from '../../../src/broker/session/end-session.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { GatehouseError } from '../../../src/errors.ts'
import type { Provider } from '../../../src/provider/provider.ts'
import {
  type Broker,
  codeOf,
  connectionSettings,
  loginRequest,
  openBroker,
  stubProvider,
  tenantOf,
  traceOf,
} from '../../support/gatehouse/broker.ts'

const good = 'correct horse battery'
const better = 'another horse battery'
const passwordConnection = connectionSettings({
  id: 'password',
  kind: 'password',
  config: { signUp: true, minimumLength: 12 },
})
const shut = connectionSettings({ id: 'password', kind: 'password', config: { signUp: false, minimumLength: 12 } })
const okta = connectionSettings({ id: 'okta', domains: ['claimed.test'] })
const tenants = [
  tenantOf([passwordConnection, okta]),
  tenantOf([shut], { id: 'shut' }),
  tenantOf([passwordConnection], { id: 'other' }),
]
const open = () => openBroker({ tenants, providers: [password, stubProvider()] })
const broker = await open()

const place = { tenant: 'acme', connection: 'password' }
const newEmail = () => `${randomUUID().slice(0, 8)}@example.test`
const outcomeOf = (finished: Finished) => (finished.outcome === 'refused' ? finished.error.code : finished.outcome)

let sources = 0
const linkRequest = (email: string, changes = {}) => ({
  ...place,
  email,
  returnTo: '/account',
  source: `192.0.2.${sources++}`,
  ...changes,
})

/** Asks for a link, has it mailed, and takes the code out of the mail that came. */
async function mailedCode(purpose: LinkPurpose, email: string, on = broker): Promise<string> {
  const mailIt = await requestLink(on.parts, purpose, linkRequest(email))
  await mailIt()
  return (
    new URL(on.mails.findLast(({ to }) => to === email)?.link ?? 'https://none.test').searchParams.get('code') ?? ''
  )
}

const finish = (purpose: LinkPurpose, code: string, chosen: string, on = broker) =>
  finishLink(on.parts, purpose, place, { code, password: chosen, device: 'Firefox on Linux' })

async function signUp(email: string, on = broker) {
  const finished = await finish('sign-up', await mailedCode('sign-up', email, on), good, on)
  if (finished.outcome !== 'signed in') throw finished.error
  return finished
}

function signIn(email: string, typed: string, on: Broker = broker) {
  const attempt = { email, source: `198.51.100.${sources++}`, knownBrowser: undefined }
  const parameters = new URLSearchParams({ email, password: typed })
  return signInWithCredentials(on.parts, loginRequest(place), { parameters, attempt, device: 'Firefox on Linux' })
}

const mailsTo = (email: string) => broker.mails.filter(({ to }) => to === email).map(({ kind }) => kind)

describe('signing up', () => {
  it('creates a signed-in user with a verified email by a mailed link', async () => {
    const email = newEmail()
    const code = await mailedCode('sign-up', email)
    expect(await openLink(broker.parts, 'sign-up', place, code)).toMatchObject({ email, tenant: { id: 'acme' } })
    const finished = await finish('sign-up', code, good)
    if (finished.outcome !== 'signed in') throw finished.error
    expect(finished.session).toMatchObject({ profile: { email: { address: email, verified: true } }, amr: ['pwd'] })
    expect(await broker.parts.users.findByProvenEmail('acme', email)).toHaveLength(1)
    expect(mailsTo(email)).toEqual(['signUp'])
    expect(outcomeOf(await signIn(email, good))).toBe('signed in')
  })

  it('PW-01 gives the same response for a known email and mails its owner', async () => {
    const email = newEmail()
    await signUp(email)
    const mailIt = await requestLink(broker.parts, 'sign-up', linkRequest(email))
    await mailIt()
    expect(mailsTo(email)).toEqual(['signUp', 'alreadySignedUp'])
  })

  it('ID-02 sends no mail for a domain of another connection', async () => {
    await (await requestLink(broker.parts, 'sign-up', linkRequest('ann@claimed.test')))()
    expect(mailsTo('ann@claimed.test')).toEqual([])
  })

  it('RE-04 sends three mails an hour and keeps giving the same response', async () => {
    const email = newEmail()
    for (let turn = 0; turn < 15; turn++) await (await requestLink(broker.parts, 'sign-up', linkRequest(email)))()
    expect(mailsTo(email)).toHaveLength(3)
  })

  it.each([
    ['no email address', { email: 'no address' }, 'email_invalid'],
    ['ID-05 an email that only looks like one', { email: 'an\u212a@example.test' }, 'email_invalid'],
    ['RE-04 a line break in the address', { email: 'a@example.test\r\nBcc: b@example.test' }, 'email_invalid'],
    ['OP-27 a foreign return address', { returnTo: 'https://evil.test' }, 'return_to_refused'],
    ['a tenant that lets nobody sign up', { tenant: 'shut' }, 'user_unknown'],
    ['a gate that keeps no passwords', { connection: 'okta' }, 'connection_unknown'],
  ])('is refused for %s', async (_, changes, code) => {
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

describe('resetting a password', () => {
  it('RE-03 ends all sessions, notifies the owner and accepts only the new password', async () => {
    const email = newEmail()
    const before = await signUp(email)
    const elsewhere = await signIn(email, good)
    if (elsewhere.outcome !== 'signed in') throw elsewhere.error
    const finished = await finish('reset', await mailedCode('reset', email), better)
    if (finished.outcome !== 'signed in') throw finished.error
    expect(finished.session.userId).toBe(before.session.userId)
    expect(await broker.parts.sessions.list('acme', before.session.userId)).toEqual([finished.session])
    expect(mailsTo(email)).toEqual(['signUp', 'reset', 'passwordChanged'])
    expect(outcomeOf(await signIn(email, good))).toBe('credentials_invalid')
    expect(outcomeOf(await signIn(email, better))).toBe('signed in')
  })

  it('RE-03 revokes all access of apps, including offline access', async () => {
    const email = newEmail()
    const { session } = await signUp(email)
    const { artifacts, sessionApps, consents } = broker.parts
    const hold = async (at: Session, app: string, token: string) => {
      await artifacts.put('RefreshToken', token, {}, 3600, `grant of ${token}`)
      await sessionApps.put(at, app, { sid: `sid of ${token}`, grantId: `grant of ${token}` })
      const scopes = ['openid', 'offline_access']
      await consents.give({ tenant: 'acme', userId: at.userId, appId: app, scopes, grantedAt: broker.parts.now() })
    }
    await hold(session, 'notes', `${email} 1`)
    await endSession(broker.parts, session)
    const elsewhere = await signIn(email, good)
    if (elsewhere.outcome !== 'signed in') throw elsewhere.error
    await hold(elsewhere.session, 'notes', `${email} 2`)
    expect(await artifacts.find('RefreshToken', `${email} 1`)).not.toBeNull()
    expect(outcomeOf(await finish('reset', await mailedCode('reset', email), better))).toBe('signed in')
    for (const token of [`${email} 1`, `${email} 2`]) expect(await artifacts.find('RefreshToken', token)).toBeNull()
  })

  it('RE-03 also happens by a sign-up link if the email got a password meanwhile', async () => {
    const email = newEmail()
    const code = await mailedCode('sign-up', email)
    await createPasswordUser(broker.parts, { tenant: 'acme', email, password: good })
    const before = await signIn(email, good)
    if (before.outcome !== 'signed in') throw before.error
    expect(outcomeOf(await finish('sign-up', code, better))).toBe('signed in')
    expect(await broker.parts.sessions.find(before.session.id)).toBeNull()
  })

  it('RE-03 stops a pending login with the old password', async () => {
    const email = newEmail()
    const { session } = await signUp(email)
    const code = await mailedCode('reset', email)
    let reset: Finished | undefined
    const users: typeof broker.parts.users = {
      ...broker.parts.users,
      // the password was found right; before the session is kept, the owner resets it
      update: async (user, identity) => {
        reset ??= await finish('reset', code, better)
        return broker.parts.users.update(user, identity)
      },
    }
    const late = await signIn(email, good, { ...broker, parts: { ...broker.parts, users } })
    if (late.outcome !== 'refused') throw new Error('the old password let somebody in')
    expect(late.error.code).toBe('credentials_invalid')
    expect(traceOf(broker, late.reference)).toMatchObject({ outcome: 'refused', code: 'credentials_invalid' })
    if (reset?.outcome !== 'signed in') throw new Error('no reset')
    expect(await broker.parts.sessions.list('acme', session.userId)).toEqual([reset.session])
  })

  it('A6 stops a pending login even if the password is the same, since all sessions ended', async () => {
    const email = newEmail()
    await signUp(email)
    const code = await mailedCode('reset', email)
    let reset: Finished | undefined
    const users: typeof broker.parts.users = {
      ...broker.parts.users,
      update: async (user, identity) => {
        reset ??= await finish('reset', code, good)
        return broker.parts.users.update(user, identity)
      },
    }
    expect(outcomeOf(await signIn(email, good, { ...broker, parts: { ...broker.parts, users } }))).toBe(
      'session_invalid',
    )
    expect(reset?.outcome).toBe('signed in')
  })

  it.each(['passwords', 'sessions'] as const)(
    'RE-02+ RE-03+ can be done with the same link when the %s were out of reach at first',
    async (which) => {
      const email = newEmail()
      const { session } = await signUp(email)
      const code = await mailedCode('reset', email)
      const down = () => Promise.reject(new GatehouseError('store_unavailable', 'out of reach'))
      const { passwords, sessions } = broker.parts
      const parts = { ...broker.parts, passwords: { ...passwords, put: down } }
      const without = which === 'passwords' ? parts : { ...broker.parts, sessions: { ...sessions, deleteAll: down } }
      expect(await codeOf(finish('reset', code, better, { ...broker, parts: without }))).toBe('store_unavailable')
      expect(outcomeOf(await finish('reset', code, better))).toBe('signed in')
      expect(await broker.parts.sessions.find(session.id)).toBeNull()
      expect(await codeOf(finish('reset', code, good))).toBe('link_invalid')
    },
  )

  it('PW-01 gives the same response for an email without a password and sends no mail', async () => {
    const email = newEmail()
    await (await requestLink(broker.parts, 'reset', linkRequest(email)))()
    expect(mailsTo(email)).toEqual([])
  })

  it('RE-02 rejects used, expired, replaced and foreign links', async () => {
    const email = newEmail()
    await signUp(email)
    const first = await mailedCode('reset', email)
    const second = await mailedCode('reset', email)
    expect(await codeOf(finish('reset', first, better))).toBe('link_invalid')
    expect(await codeOf(finish('sign-up', second, better))).toBe('link_invalid')
    const elsewhere = { tenant: 'other', connection: 'password' }
    expect(await codeOf(openLink(broker.parts, 'reset', elsewhere, second))).toBe('link_invalid')
    expect(
      await codeOf(finishLink(broker.parts, 'reset', elsewhere, { code: second, password: better, device: '' })),
    ).toBe('link_invalid')
    expect(await codeOf(finish('reset', 'no code', better))).toBe('link_invalid')
    broker.pass(3600)
    expect(await codeOf(finish('reset', second, better))).toBe('link_invalid')
    expect(outcomeOf(await signIn(email, good))).toBe('signed in')
  })

  it('RE-01 mails a link to our own host', async () => {
    const email = newEmail()
    await signUp(email)
    await mailedCode('reset', email)
    const { link } = broker.mails.findLast(({ to }) => to === email) ?? { link: '' }
    expect(link).toMatch(/^https:\/\/gatehouse\.test\/t\/acme\/password\/reset\?code=[\w.-]+$/)
  })

  it('LK-01 keeps passwords and codes out of traces', async () => {
    const written = JSON.stringify(broker.traces)
    expect(written).not.toMatch(/horse|argon2/)
    for (const { link } of broker.mails) {
      const code = new URL(link).searchParams.get('code')
      if (code !== null) expect(written).not.toContain(code)
    }
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
    const own = await openBroker({ tenants: [tenantOf([both, strict])], providers: [password, stubProvider()] })
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
      ...password,
      open(config, context) {
        const connection = password.open(config, context)
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
