import { randomBytes } from 'node:crypto'
import { hash as argon2 } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { defaultHashing } from '../../../providers/password/hashing.ts'
import { password } from '../../../providers/password/password.ts'
import { GatehouseError } from '../../../src/errors.ts'
import {
  ada,
  adasPassword,
  failureOf,
  fixture,
  now,
  open,
  passwordSupport,
  recorder,
  refusal,
  setPassword,
  signIn,
} from '../../support/providers/password-connection.ts'

describe('signing in with email and password', () => {
  it('asks for email and password and keeps no memo', async () => {
    const { connection } = await fixture()
    const challenge = await connection.begin({ state: 's', record: recorder().record })
    expect(challenge).toEqual({ step: 'ask', fields: ['email', 'password'], memo: {} })
  })

  it('says who came, how and when', async () => {
    const { connection } = await fixture()
    const login = await signIn(connection, { email: ada, password: adasPassword })
    expect(login).toEqual({
      identity: {
        issuer: 'urn:gatehouse:password',
        subject: 'subject-ada',
        profile: { email: { address: ada, verified: true }, name: 'Ada Lovelace' },
      },
      evidence: { amr: ['pwd'], authenticatedAt: now },
    })
  })

  it('takes the email in any case and with the space a phone leaves behind', async () => {
    const { connection } = await fixture()
    const login = await signIn(connection, { email: 'Ada@ACME.test ', password: adasPassword })
    expect(login.identity.subject).toBe('subject-ada')
  })

  const wrong: readonly (readonly [string, Record<string, string>])[] = [
    ['an unknown email', { email: 'eve@acme.test', password: adasPassword }],
    ['a malformed email', { email: 'ada', password: adasPassword }],
    ['no email', { password: adasPassword }],
    ['a wrong password', { email: ada, password: `${adasPassword}!` }],
    ['an empty password', { email: ada, password: '' }],
    ['no password', { email: ada }],
    ['an endless password', { email: ada, password: 'x'.repeat(1_000_000) }],
    ['a damaged stored hash', { email: 'damaged@acme.test', password: adasPassword }],
  ]

  it.each(wrong)(
    'PW-01 PW-02 refuses %s with the one answer, after exactly one Argon2 verification',
    async (_, fields) => {
      const { connection } = await fixture()
      const before = defaultHashing().load().finished
      const { error, trace } = await refusal(connection, new URLSearchParams(fields))
      expect(defaultHashing().load().finished - before).toBe(1)
      expect({ code: error.code, message: error.message, text: error.text, check: error.check }).toEqual({
        code: 'credentials_invalid',
        message: 'wrong email or password',
        text: undefined,
        check: undefined,
      })
      expect(trace.steps).toEqual(['password check'])
      expect(trace.checks).toEqual([{ name: 'email and password belong together', ok: false }])
    },
  )

  it.each(['email', 'password'])('refuses a form in which %s comes twice', async (name) => {
    const { connection } = await fixture()
    const parameters = new URLSearchParams({ email: ada, password: adasPassword })
    parameters.append(name, 'another')
    const { error } = await refusal(connection, parameters)
    expect(error.code).toBe('callback_malformed')
  })

  it('never writes the password or its hash into trace or error', async () => {
    const { connection, records } = await fixture()
    const { error, trace } = await refusal(connection, new URLSearchParams({ email: ada, password: 'hunter2 hunter2' }))
    const written = JSON.stringify([trace, error.message, error.text, error.check, error.cause])
    expect(written).not.toContain('hunter2')
    expect(written).not.toContain(records.get(ada)?.hash ?? 'argon2id')
  })

  it('PW-04+ takes every character as significant: the 73rd byte, NUL, emoji', async () => {
    const { connection, records } = await fixture()
    const long = `${'correct horse battery staple '.repeat(30)}\u0000👍🏽 end`
    await setPassword(connection, records, long)
    await expect(signIn(connection, { email: ada, password: long })).resolves.toBeDefined()
    for (const other of [long.slice(0, 72), long.replace('\u0000', ''), long.replace('👍🏽', '👍'), `${long} `]) {
      const { error } = await refusal(connection, new URLSearchParams({ email: ada, password: other }))
      expect(error.code).toBe('credentials_invalid')
    }
  })

  it('takes a letter typed as one sign or as two for the same', async () => {
    const { connection, records } = await fixture()
    await setPassword(connection, records, 'Crème brûlée dès l’été'.normalize('NFD'))
    await expect(
      signIn(connection, { email: ada, password: 'Crème brûlée dès l’été'.normalize('NFC') }),
    ).resolves.toBeDefined()
  })

  it('passes on that the store is away', async () => {
    const away = async () => {
      throw new GatehouseError('store_unavailable', 'the store does not answer')
    }
    const connection = open({ find: away, rehash: away, minimumLength: () => 15, isBreached: away })
    const { error } = await refusal(connection, new URLSearchParams({ email: ada, password: adasPassword }))
    expect(error.code).toBe('store_unavailable')
  })
})

it('PW-06 refuses a breached password that is none of the common ones', async () => {
  const chosen = 'velvet-harbor-31-kites'
  const support = passwordSupport({}, chosen)
  await expect(support.hash(chosen, { email: ada })).rejects.toMatchObject({
    code: 'password_weak',
    text: 'It appeared in a data breach, so attackers try it. Choose a password that you use nowhere else.',
  })
  await expect(support.hash(`${chosen}!`, { email: ada })).resolves.toContain('$argon2id$')
})

describe('a hash weaker than those of today', () => {
  const weak = () => argon2(adasPassword, { memoryCost: 8192, timeCost: 1 })

  it('is renewed at the next login, which then still works', async () => {
    const before = await weak()
    const { connection, records } = await fixture(before)
    await signIn(connection, { email: ada, password: adasPassword })
    expect(records.get(ada)?.hash).not.toBe(before)
    expect(records.get(ada)?.hash).toContain('m=19456,t=2,p=1')
    await expect(signIn(connection, { email: ada, password: adasPassword })).resolves.toBeDefined()
  })

  it('does not undo a reset that happens during the login', async () => {
    const { connection, records, onRehash } = await fixture(await weak())
    onRehash(() => records.set(ada, { subject: 'subject-ada', email: ada, hash: 'set by the reset' }))
    await signIn(connection, { email: ada, password: adasPassword })
    expect(records.get(ada)?.hash).toBe('set by the reset')
  })

  it('never fails a login because the new one cannot be stored', async () => {
    const { connection, onRehash } = await fixture(await weak())
    onRehash(() => {
      throw new GatehouseError('store_unavailable', 'the store does not answer')
    })
    await expect(signIn(connection, { email: ada, password: adasPassword })).resolves.toBeDefined()
  })

  it('is not replaced if the password is wrong', async () => {
    const before = await weak()
    const { connection, records } = await fixture(before)
    await refusal(connection, new URLSearchParams({ email: ada, password: 'wrong' }))
    expect(records.get(ada)?.hash).toBe(before)
  })
})

describe('password support', () => {
  const owner = { email: 'ada.lovelace@acme.test', name: 'Ada Lovelace' }

  it('is open for sign-up unless the tenant closes it', async () => {
    expect(passwordSupport({}).allowsSignUp).toBe(true)
    expect(passwordSupport({ signUp: false }).allowsSignUp).toBe(false)
    expect(passwordSupport({ minimumLength: 15 }).rule).toMatch(/^Use at least 15 characters/)
  })

  it('makes Argon2id hashes with the parameters of today, each with its own salt', async () => {
    const [one, other] = await Promise.all([
      passwordSupport({}).hash(adasPassword, owner),
      passwordSupport({}).hash(adasPassword, owner),
    ])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(other)
  })

  const weak: readonly (readonly [string, RegExp])[] = [
    ['short', /too short. Use at least 12 characters; this one has 5/],
    ['👍🏽👍🏽👍🏽', /too short.* this one has 6/],
    ['x'.repeat(1025), /too long. Use at most 1024/],
    ['x'.repeat(1_000_000), /too long. Use at most 1024/],
    ['aaaaaaaaaaaaaa', /repeats/],
    ['passwordpassword', /repeats/],
    ['abc1abc1abc1ab', /repeats/],
    ['123456789012', /sequence/],
    ['qwertyuiop12', /sequence/],
    ['abcdefghijklmnop', /sequence/],
    ['0987654321zyx', /sequence/],
    ['1qaz2wsx3edc', /sequence/],
    ['adalovelace2026', /name or email/],
    ['Ada.Lovelace@Acme.Test', /name or email/],
    ['acme lovelace!', /name or email/],
    ['Welcome12345!', /a common password/],
    ['!!PASSWORD2026', /a common password/],
    ['MONKEY483920', /a common password/],
    ['justinbieber', /a common password/],
    ['iloveyouforever', /made of common words/],
    ['ThisIsMyPassword', /made of common words/],
    ['correcthorsebatterystaple', /made of common words/],
    ['Winter2026Summer!', /made of common words/],
    ['sunshineqwerty123', /made of common words/],
    ['iloveyouandyouloveme', /made of common words/],
    ['passwordpasswordpasswordxyz', /made of common words/],
  ]

  it.each(weak)('PW-06 refuses %.24s and says why', async (chosen, reason) => {
    const error = await failureOf(passwordSupport({}).hash(chosen, owner))
    expect(error.code).toBe('password_weak')
    expect(error.text).toMatch(reason)
    expect(error.message).not.toContain(chosen)
  })

  it.each([
    'Blauwal 42 im Regen',
    'correct horse battery staple',
    'kQ7#vT2!mZ9x',
    'lovelace knits 12 wool hats',
    'monkey dragon sunset',
    'another good password',
    'tea-kettle-on-the-balcony',
    'пингвин под дождём',
    'x'.repeat(3) + randomBytes(500).toString('hex'),
  ])('takes %.30s', async (chosen) => {
    await expect(passwordSupport({}).hash(chosen, owner)).resolves.toMatch(/^\$argon2id\$/)
  })

  it('PW-04 takes 15 characters, or 8 where the tenant requires a second factor; all count', async () => {
    const [alone, beside] = [passwordSupport({}, undefined, 15), passwordSupport({}, undefined, 8)]
    expect([alone.rule, beside.rule]).toEqual([
      expect.stringMatching(/^Use at least 15 characters/),
      expect.stringMatching(/^Use at least 8 characters/),
    ])
    expect((await failureOf(alone.hash('kQ7#vT2!mZ9xW4', owner))).text).toMatch(
      /at least 15 characters; this one has 14/,
    )
    await expect(alone.hash('kQ7#vT2!mZ9xW4p', owner)).resolves.toBeDefined()
    await expect(beside.hash('kQ7#vT2!', owner)).resolves.toBeDefined()
    expect((await failureOf(beside.hash('kQ7#vT2', owner))).text).toMatch(/at least 8 characters; this one has 7/)
  })

  it('asks users with a shorter password for a new one, if the tenant wants that', async () => {
    const hash = await passwordSupport({ minimumLength: 8 }, undefined, 8).hash('kQ7#vT2!', { email: ada })
    const find = async () => ({ subject: 'ada', email: ada, hash })
    const records = { find, rehash: async () => {}, minimumLength: () => 15, isBreached: async () => false }
    const asks = (config: object) => signIn(open(records, config), { email: ada, password: 'kQ7#vT2!' })
    expect((await asks({})).asksForNewPassword).toBeUndefined()
    expect((await asks({ askToChange: true })).asksForNewPassword).toBe(true)
    const beside = { ...records, minimumLength: () => 8 }
    const given = { email: ada, password: 'kQ7#vT2!' }
    expect((await signIn(open(beside, { askToChange: true }), given)).asksForNewPassword).toBeUndefined()
  })

  it('takes the length of the connection only if it is more', async () => {
    expect(passwordSupport({ minimumLength: 8 }, undefined, 15).minimumLength).toBe(15)
    expect((await failureOf(passwordSupport({ minimumLength: 20 }).hash(adasPassword, owner))).text).toMatch(
      /at least 20/,
    )
  })
})

describe('the connection', () => {
  it.each([{ minimumLength: 7 }, { minimumLength: 65 }, { minimumLength: 12.5 }, { signUp: 'yes' }, { signup: true }])(
    'refuses the config %o',
    (config) => {
      expect(password.config.safeParse(config).success).toBe(false)
    },
  )

  it('is always up and shows the length of the hashing queue', async () => {
    const { connection } = await fixture()
    const health = await connection.health(new AbortController().signal)
    expect(health.status).toBe('up')
    expect(health.checks).toEqual([
      { name: 'password hashing queue', ok: true, detail: expect.stringMatching(/0 of 64 queued$/), fixer: 'operator' },
    ])
  })
})
