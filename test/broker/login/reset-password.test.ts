/** Password resets: sessions and access end, links are single use. */
import { describe, expect, it } from 'vitest'
import { isRemembered, rememberDevice } from '../../../src/broker/factors/remembered-devices.ts'
import type { Finished } from '../../../src/broker/login/outcome.ts'
import { openLink, passwordConnectionOf, requestLink } from '../../../src/broker/login/password-link.ts'
import { createPasswordUser, finishLink } from '../../../src/broker/login/set-password.ts'
import type { PasswordChangeMail } from '../../../src/broker/ports/core-ports.ts'
import { checkDeveloperSecret } from '../../../src/broker/secrets/check-developer-secret.ts'
import { createDeveloperSecret } from '../../../src/broker/secrets/developer-secrets.ts'
import { endSession } from '../../../src/broker/session/end-session.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { createToken } from '../../../src/broker/tokens/create-token.ts'
import { GatehouseError } from '../../../src/errors.ts'
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
  place,
  signIn,
  signUp,
  tenants,
} from '../../support/broker/password-login.ts'
import { codeOf, traceOf } from '../../support/gatehouse/broker.ts'
import { samplePasskey } from '../../support/store/samples.ts'

describe('resetting a password', () => {
  it('RE-03 ends all sessions, notifies the owner and accepts only the new password', async () => {
    const email = newEmail()
    const before = await signUp(email)
    const elsewhere = await signIn(email, good)
    if (elsewhere.outcome !== 'signed in') throw notSignedIn(elsewhere)
    const finished = await finish('reset', await mailedCode('reset', email), better)
    if (finished.outcome !== 'signed in') throw notSignedIn(finished)
    expect(finished.session.userId).toBe(before.session.userId)
    expect(await broker.parts.sessions.list('acme', before.session.userId)).toEqual([finished.session])
    expect(mailsTo(email)).toEqual(['signUp', 'reset', 'passwordChanged'])
    expect(outcomeOf(await signIn(email, good))).toBe('credentials_invalid')
    expect(outcomeOf(await signIn(email, better))).toBe('signed in')
  })

  it('RE-03 forgets remembered devices', async () => {
    const email = newEmail()
    const { session } = await signUp(email)
    const secret = await rememberDevice(broker.parts, session, { device: 'Chrome on Linux', seconds: 3600 })
    expect(await isRemembered(broker.parts, session, secret)).toBe(true)
    await finish('reset', await mailedCode('reset', email), better)
    expect(await isRemembered(broker.parts, session, secret)).toBe(false)
  })

  it('RE-03 revokes all access of apps, including offline access', async () => {
    const email = newEmail()
    const { session } = await signUp(email)
    const { artifacts, sessionApps, consents } = broker.parts
    const hold = async (at: Session, app: string, token: string) => {
      await artifacts.put({ model: 'RefreshToken', id: token, content: {}, seconds: 3600, grant: `grant of ${token}` })
      await sessionApps.put(at, app, { sid: `sid of ${token}`, grantId: `grant of ${token}` })
      const scopes = ['openid', 'offline_access']
      await consents.give({ tenant: 'acme', userId: at.userId, appId: app, scopes, grantedAt: broker.parts.now() })
    }
    await hold(session, 'notes', `${email} 1`)
    await endSession(broker.parts, session)
    const elsewhere = await signIn(email, good)
    if (elsewhere.outcome !== 'signed in') throw notSignedIn(elsewhere)
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
    if (before.outcome !== 'signed in') throw notSignedIn(before)
    expect(outcomeOf(await finish('sign-up', code, better))).toBe('signed in')
    expect(await broker.parts.sessions.find(before.session.id)).toBeNull()
  })

  it('is audited when the password is stored, also if the login after it is refused', async () => {
    const on = await open()
    const sessions = { ...on.parts.sessions, put: async () => false }
    const refusing = { ...on, parts: { ...on.parts, sessions } }
    const email = newEmail()
    expect(outcomeOf(await finish('sign-up', await mailedCode('sign-up', email, on), good, refusing))).not.toBe(
      'signed in',
    )
    const events = async () =>
      (await on.parts.audit.recent({ limit: 50 })).filter(({ action }) => action.startsWith('password.'))
    const [set, ...others] = await events()
    expect(set).toMatchObject({ tenant: 'acme', action: 'password.set', target: 'connection:password' })
    expect(others).toEqual([])
    const reset = await finish('reset', await mailedCode('reset', email, on), better, on)
    if (reset.outcome !== 'signed in') throw notSignedIn(reset)
    const { userId } = reset.session
    expect(await events()).toMatchObject([{ action: 'password.changed', actor: userId, target: userId }, set])
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
    const code = await mailedCode('sign-up', email)
    await createPasswordUser(broker.parts, { tenant: 'acme', email, password: good })
    let reset: Finished | undefined
    const users: typeof broker.parts.users = {
      ...broker.parts.users,
      update: async (user, identity) => {
        reset ??= await finish('sign-up', code, good)
        return broker.parts.users.update(user, identity)
      },
    }
    expect(outcomeOf(await signIn(email, good, { ...broker, parts: { ...broker.parts, users } }))).toBe(
      'session_invalid',
    )
    expect(reset?.outcome).toBe('signed in')
  })

  it('RE-03 ends client secrets and suspends API tokens created with the old password, and the email names them', async () => {
    const email = newEmail()
    const { session } = await signUp(email)
    const { parts } = broker
    const { text } = await createDeveloperSecret(parts, session)
    const token = await createToken(parts, session, { name: 'Build', expiresAt: new Date(Number(parts.now()) + 1e8) })
    const tenantsById = new Map(tenants.map((tenant) => [tenant.id, tenant]))
    expect(await checkDeveloperSecret({ ...parts, tenants: tenantsById }, text)).not.toBeNull()
    const sent: PasswordChangeMail[] = []
    const mailer = { ...parts.mailer, passwordChanged: async (mail: PasswordChangeMail) => void sent.push(mail) }
    const code = await mailedCode('reset', email)
    expect(outcomeOf(await finish('reset', code, better, { ...broker, parts: { ...parts, mailer } }))).toBe('signed in')
    expect(sent).toMatchObject([{ to: email, suspendedTokens: ['Build'], secretRevoked: true }])
    expect(await checkDeveloperSecret({ ...parts, tenants: tenantsById }, text)).toBeNull()
    expect((await parts.apiTokens.find(token.token.id))?.token.suspendedAt).toBeDefined()
    const events = await parts.audit.recent({ tenant: 'acme', limit: 20 })
    expect(events.filter(({ action }) => action === 'developer.secret_revoked')).toMatchObject([
      { actor: session.userId, target: session.userId },
    ])
  })

  it('RE-03 ID-04 suspends passkeys created with the old password as sign-in methods', async () => {
    const email = newEmail()
    const { session } = await signUp(email)
    const { authenticators } = broker.parts
    const { tenant, userId } = session
    const passkey = samplePasskey({ tenant, userId, createdAt: broker.parts.now() })
    await authenticators.add(passkey)
    await finish('reset', await mailedCode('reset', email), better)
    expect(await authenticators.of(session)).toEqual([{ ...passkey, suspendedAt: broker.parts.now() }])
  })

  it.each(['passwords', 'sessions'] as const)(
    'RE-02+ RE-03+ works with the same link after an outage of the %s',
    async (which) => {
      const email = newEmail()
      const { session } = await signUp(email)
      const code = await mailedCode('reset', email)
      broker.pass(1)
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

  it('rejects the current password, in whatever form of Unicode, and keeps the link', async () => {
    const email = newEmail()
    const accented = 'correct horse caf\u00e9ine'
    await createPasswordUser(broker.parts, { tenant: 'acme', email, password: accented })
    const code = await mailedCode('reset', email)
    for (const same of [accented, accented.normalize('NFD')])
      await expect(finish('reset', code, same)).rejects.toMatchObject({
        code: 'password_weak',
        text: "Choose a password you haven't used here.",
      })
    expect(mailsTo(email)).toEqual(['reset'])
    expect(outcomeOf(await finish('reset', code, better))).toBe('signed in')
    expect(await codeOf(finish('reset', await mailedCode('reset', email), better))).toBe('password_weak')
  })

  it('rejects the current password also after its hash was renewed', async () => {
    const email = newEmail()
    await signUp(email)
    const code = await mailedCode('reset', email)
    const { passwords } = broker.parts
    const before = await passwords.find('acme', email)
    const renewed = await passwordConnectionOf(broker.parts, place).passwords.hash(good, { email })
    await passwords.rehash('acme', before?.subject ?? '', before?.hash ?? '', renewed)
    expect((await passwords.find('acme', email))?.hash).toBe(renewed)
    expect(await codeOf(finish('reset', code, good))).toBe('password_weak')
  })

  it('PW-03 does not let a link test more than ten passwords', async () => {
    const email = newEmail()
    await signUp(email)
    const code = await mailedCode('reset', email)
    const codes = []
    for (let turn = 0; turn < 11; turn += 1) codes.push(await codeOf(finish('reset', code, good)))
    expect(codes).toEqual([...Array<string>(10).fill('password_weak'), 'too_many_attempts'])
    expect(await codeOf(finish('reset', code, better))).toBe('too_many_attempts')
  })

  it('PW-01 gives the same response for an email without a password and sends no email', async () => {
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

  it('RE-01 emails a link to our own host', async () => {
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
