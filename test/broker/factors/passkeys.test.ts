import { describe, expect, it } from 'vitest'
import { passkeyAssertionOptions, verifyPasskeyAssertion } from '../../../src/broker/factors/passkeys/assertion.ts'
import { challengeOf, challengeSeconds } from '../../../src/broker/factors/passkeys/challenges.ts'
import { passkeyCreationOptions, registerPasskey } from '../../../src/broker/factors/passkeys/registration.ts'
import { signInWithPasskey } from '../../../src/broker/factors/passkeys/sign-in.ts'
import { confirmPasskey, suspendPasskeys } from '../../../src/broker/factors/passkeys/suspend-passkeys.ts'
import { passkeyFactorOptions, verifyFactor } from '../../../src/broker/factors/verify-factor.ts'
import { addUser } from '../../support/broker/factors.ts'
import { codeOf, connectionSettings, openBroker, publicUrl, tenantOf } from '../../support/gatehouse/broker.ts'
import { type Misuse, softAuthenticator } from '../../support/passkeys/soft-authenticator.ts'
import { sampleSession } from '../../support/store/samples.ts'

const connections = [connectionSettings({ id: 'okta' })]
const passkeys = { signIn: true, offer: true }
const broker = await openBroker({
  tenants: [
    tenantOf(connections, { passkeys }),
    tenantOf(connections, { id: 'beta', passkeys }),
    tenantOf(connections, { id: 'plain' }),
  ],
})
const { parts, pass } = broker
const place = { origin: publicUrl.origin, rpId: publicUrl.hostname }

async function sessionOf(tenant = 'acme') {
  const user = await addUser(parts, tenant)
  const now = parts.now()
  const session = sampleSession({
    ...{ tenant, userId: user.userId, authenticatedAt: now, createdAt: now, lastSeenAt: now },
    expiresAt: new Date(now.getTime() + 86_400_000),
  })
  await parts.sessions.put(session)
  return session
}

async function withPasskey(tenant = 'acme') {
  const session = await sessionOf(tenant)
  const device = softAuthenticator(place)
  const passkey = await registerPasskey(parts, session, device.create(await passkeyCreationOptions(parts, session)))
  return { session, device, passkey }
}

const browser = 'b'.repeat(43)
const optionsFor = (tenant = 'acme', bound = browser) => passkeyAssertionOptions(parts, { tenant, bound })
const signIn = (response: unknown, tenant = 'acme', from = browser) =>
  signInWithPasskey(parts, { tenant, returnTo: '/', browser: from }, { response, device: 'test', source: '192.0.2.1' })

/** `signed in`, or the code of the refusal. */
async function outcomeOf(response: unknown, tenant?: string, from?: string): Promise<string> {
  const finished = await signIn(response, tenant, from)
  return finished.outcome === 'refused' ? finished.error.code : finished.outcome
}

describe('signing in with a passkey', () => {
  it('opens a session that counts as phishing-resistant and multi-factor', async () => {
    const { session, device } = await withPasskey()
    const finished = await signIn(device.get(await optionsFor()))
    expect(finished).toMatchObject({
      outcome: 'signed in',
      session: {
        ...{ userId: session.userId, connection: 'passkey', kind: 'passkey', acr: 'urn:gatehouse:acr:phr' },
        ...{ amr: ['hwk', 'user', 'mfa'], factorAt: parts.now(), authenticatedAt: parts.now() },
      },
    })
    expect(broker.traces.at(-1)).toMatchObject({ connection: 'passkey', outcome: 'signed in', userId: session.userId })
  })

  const misuses: readonly (readonly [string, Misuse])[] = [
    ['of another origin', { origin: 'https://gatehouse.test.evil.example' }],
    ['of another relying party', { rpId: 'evil.example' }],
    ['without user verification', { flags: 0x01 }],
    ['without user presence', { flags: 0x04 }],
    ['with a challenge that was not issued', { challenge: 'A'.repeat(43) }],
    ['that names another user', { userHandle: Buffer.from('someone else').toString('base64url') }],
    ['that names no user', { userHandle: undefined }],
  ]
  it.each(misuses)('is refused for a response %s', async (_, misuse) => {
    const { device } = await withPasskey()
    expect(await outcomeOf(device.get(await optionsFor(), misuse))).toBe('passkey_invalid')
  })

  it('is refused for a passkey of another tenant, or of none', async () => {
    const { device } = await withPasskey()
    expect(await outcomeOf(device.get(await optionsFor('beta')), 'beta')).toBe('passkey_invalid')
    const unknown = softAuthenticator(place)
    expect(await outcomeOf(unknown.get(await optionsFor()))).toBe('passkey_invalid')
  })

  it('is refused with the signature of another key', async () => {
    const { device } = await withPasskey()
    const options = await optionsFor()
    const right = device.get(options)
    const { signature } = softAuthenticator(place).get(options).response
    expect(await outcomeOf({ ...right, response: { ...right.response, signature } })).toBe('passkey_invalid')
  })

  it('SE-02: is bound to the browser, and to the tenant, that asked', async () => {
    const { device } = await withPasskey()
    expect(await outcomeOf(device.get(await optionsFor()), 'acme', 'c'.repeat(43))).toBe('passkey_invalid')
    expect(await outcomeOf(device.get(await optionsFor('beta')), 'acme')).toBe('passkey_invalid')
  })

  it('uses a challenge once, for one of 50 concurrent callers, and for five minutes', async () => {
    const { device } = await withPasskey()
    const response = device.get(await optionsFor())
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(response)))
    expect(outcomes.filter((outcome) => outcome === 'signed in')).toHaveLength(1)
    expect(await outcomeOf(response)).toBe('passkey_invalid')
    const late = device.get(await optionsFor())
    pass(challengeSeconds + 1)
    expect(await outcomeOf(late)).toBe('passkey_invalid')
  })

  it('refuses a copy whose counter decreases, audits it and emails the user', async () => {
    const { session, device } = await withPasskey()
    expect(await outcomeOf(device.get(await optionsFor(), { counter: 9 }))).toBe('signed in')
    const mails = broker.mails.length
    expect(await outcomeOf(device.get(await optionsFor(), { counter: 9 }))).toBe('passkey_invalid')
    expect(await outcomeOf(device.get(await optionsFor(), { counter: 0 }))).toBe('passkey_invalid')
    const events = await parts.audit.recent({
      tenant: 'acme',
      user: session.userId,
      action: 'passkey.cloned',
      limit: 9,
    })
    expect(events.map(({ details }) => [details['counter'], details['stored']])).toEqual([
      ['0', '9'],
      ['9', '9'],
    ])
    expect(broker.mails.slice(mails).map(({ kind }) => kind)).toEqual(['securityNotice', 'securityNotice'])
  })

  it('accepts authenticators that do not count', async () => {
    const session = await sessionOf()
    const device = softAuthenticator(place)
    const created = device.create(await passkeyCreationOptions(parts, session), { counter: 0 })
    await registerPasskey(parts, session, created)
    for (let use = 0; use < 2; use++)
      expect(await outcomeOf(device.get(await optionsFor(), { counter: 0 }))).toBe('signed in')
  })

  it('refuses a blocked user', async () => {
    const { session, device } = await withPasskey()
    await parts.users.setStatus('acme', session.userId, 'blocked')
    expect(await outcomeOf(device.get(await optionsFor()))).toBe('user_blocked')
  })

  it('RE-03 ID-04: is refused for a suspended passkey until the owner confirms it', async () => {
    const { session, device, passkey } = await withPasskey()
    expect(await suspendPasskeys(parts, session, passkey.createdAt)).toMatchObject([{ id: passkey.id }])
    expect(await outcomeOf(device.get(await optionsFor()))).toBe('method_suspended')
    expect(broker.traces.at(-1)).toMatchObject({ outcome: 'refused', code: 'method_suspended', userId: session.userId })
    const response = device.get(await passkeyFactorOptions(parts, session, 'pending'))
    const proof = { method: 'passkey', response, challenge: challengeOf(response) } as const
    expect(await verifyFactor(parts, session, proof, 'pending')).toMatchObject({ authenticatorId: passkey.id })
    pass(601)
    expect(await codeOf(confirmPasskey(parts, session, passkey.id))).toBe('fresh_sign_in_required')
    const recent = { ...session, authenticatedAt: parts.now() }
    const other = await sessionOf()
    expect(await codeOf(confirmPasskey(parts, other, passkey.id))).toBe('authenticator_unknown')
    await confirmPasskey(parts, recent, passkey.id)
    expect(await outcomeOf(device.get(await optionsFor()))).toBe('signed in')
    const events = await parts.audit.recent({ tenant: 'acme', user: session.userId, limit: 9 })
    const actions = events.map(({ action }) => action)
    expect(actions).toEqual(expect.arrayContaining(['passkey.suspended', 'passkey.confirmed']))
  })

  it('RE-03: is refused for a passkey suspended while its assertion is verified', async () => {
    const { session, device, passkey } = await withPasskey()
    const users: typeof parts.users = {
      ...parts.users,
      find: async (tenant, id) => {
        await suspendPasskeys(parts, session, passkey.createdAt)
        return parts.users.find(tenant, id)
      },
    }
    const request = { tenant: 'acme', returnTo: '/', browser }
    const answer = { response: device.get(await optionsFor()), device: 'test', source: '192.0.2.1' }
    const finished = await signInWithPasskey({ ...parts, users }, request, answer)
    expect(finished).toMatchObject({ outcome: 'refused', error: { code: 'method_suspended' } })
  })

  it('is not offered by default without passwords', async () => {
    const { device } = await withPasskey('plain')
    expect(await codeOf(signIn(device.get(await optionsFor('plain')), 'plain'))).toBe('passkeys_unavailable')
  })
})

describe('a passkey as second factor', () => {
  it('is verified for its user and challenge alone', async () => {
    const { session, device, passkey } = await withPasskey()
    const prove = async (bound: string, user = session) => {
      const response = device.get(await passkeyFactorOptions(parts, user, bound))
      return { method: 'passkey', response, challenge: challengeOf(response) } as const
    }
    const verified = await verifyFactor(parts, session, await prove('pending'), 'pending')
    expect(verified).toEqual({ method: 'passkey', authenticatorId: passkey.id, at: parts.now(), amr: ['hwk', 'user'] })
    expect(await codeOf(verifyFactor(parts, session, await prove('other'), 'pending'))).toBe('factor_invalid')
    const { session: other } = await withPasskey()
    expect(await codeOf(verifyFactor(parts, other, await prove('pending', other), 'pending'))).toBe('factor_invalid')
    // a challenge of a sign-in is none of a second factor
    const response = device.get(await optionsFor())
    const proof = { method: 'passkey', response, challenge: challengeOf(response) } as const
    expect(await codeOf(verifyFactor(parts, session, proof, browser))).toBe('factor_invalid')
  })
})

describe('creating a passkey', () => {
  it('is bound to the session, and refuses a credential that is known', async () => {
    const { session, device } = await withPasskey()
    const again = device.create(await passkeyCreationOptions(parts, session))
    expect(await codeOf(registerPasskey(parts, session, again))).toBe('passkey_invalid')
    const other = await sessionOf()
    const foreign = softAuthenticator(place).create(await passkeyCreationOptions(parts, other))
    expect(await codeOf(registerPasskey(parts, session, foreign))).toBe('passkey_invalid')
  })

  it('stores ten at most, however many challenges were issued before', async () => {
    const session = await sessionOf()
    const responses: unknown[] = []
    for (let turn = 0; turn < 12; turn += 1)
      responses.push(softAuthenticator(place).create(await passkeyCreationOptions(parts, session)))
    const codes: string[] = []
    for (const response of responses) codes.push(await codeOf(registerPasskey(parts, session, response)))
    expect(codes).toEqual([...Array<string>(10).fill('no error'), 'authenticators_full', 'authenticators_full'])
    expect(await parts.authenticators.of(session)).toHaveLength(10)
  })

  it('stores ten for a user who finishes twenty at once', async () => {
    const session = await sessionOf()
    const responses = []
    for (let turn = 0; turn < 20; turn += 1)
      responses.push(softAuthenticator(place).create(await passkeyCreationOptions(parts, session)))
    const codes = await Promise.all(responses.map((response) => codeOf(registerPasskey(parts, session, response))))
    expect(codes.filter((code) => code === 'no error')).toHaveLength(10)
    expect(codes.filter((code) => code === 'authenticators_full')).toHaveLength(10)
  })

  it('excludes the passkeys of the user, asks for no attestation, and reveals nothing by the user handle', async () => {
    const { session, passkey } = await withPasskey()
    const options = await passkeyCreationOptions(parts, session)
    expect(options).toMatchObject({
      attestation: 'none',
      rp: { id: 'gatehouse.test', name: 'Acme' },
      excludeCredentials: [{ id: passkey.credentialId }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-7, -8, -257])
    expect(Buffer.from(options.user.id, 'base64url').toString()).toBe(session.userId)
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32)
  })

  it('needs user presence and verification, unless the browser creates it by itself', async () => {
    const session = await sessionOf()
    const asked = softAuthenticator(place).create(await passkeyCreationOptions(parts, session), { flags: 0x41 })
    expect(await codeOf(registerPasskey(parts, session, asked))).toBe('passkey_invalid')
    const silent = softAuthenticator(place).create(await passkeyCreationOptions(parts, session, true), { flags: 0x40 })
    expect(await codeOf(registerPasskey(parts, session, silent))).toBe('no error')
  })

  it.each([
    ['no object', 'x'],
    ['no JSON', '{'],
    ['a response without client data', { id: 'a', rawId: 'a', type: 'public-key', response: {} }],
  ])('refuses %s', async (_, response) => {
    const session = await sessionOf()
    expect(await codeOf(registerPasskey(parts, session, response))).toBe('passkey_invalid')
    const subject = { tenant: 'acme' }
    expect(await codeOf(verifyPasskeyAssertion(parts, subject, response, ''))).toBe('passkey_invalid')
  })
})
