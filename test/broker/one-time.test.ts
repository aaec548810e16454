import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkCodeChallenge, leaveFor, redeemLoginCode } from '../../src/broker/login-code.ts'
import { endingOf, issueCode, ownerOf, peekCode, spendCode, takeCode } from '../../src/broker/one-time.ts'
import { openSession, type Session } from '../../src/broker/session.ts'
import { GatehouseError } from '../../src/errors.ts'
import { sampleUser } from '../store/samples.ts'
import { codeOf, openBroker } from './broker.ts'

const broker = await openBroker()
const { parts, pass } = broker
const { codes } = parts
const content = { email: 'ann@acme.test', name: 'Ann' }
const owner = () => randomBytes(16).toString('base64url')
const issue = (whose: string) => issueCode(codes, 'reset', whose, content, 60, randomBytes(32))

describe('a one-time code', () => {
  it('names its owner and holds 256 bits', async () => {
    const whose = owner()
    const code = await issue(whose)
    expect(code).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
    expect(code.startsWith(`${whose}.`)).toBe(true)
  })

  it('RE-02 can be looked at often and used once', async () => {
    const code = await issue(owner())
    for (let round = 0; round < 3; round++) expect(await peekCode(codes, 'reset', code)).toEqual(content)
    expect(await takeCode(codes, 'reset', code)).toEqual(content)
    expect(await takeCode(codes, 'reset', code)).toBeNull()
    expect(await peekCode(codes, 'reset', code)).toBeNull()
  })

  it('RE-02 is given to one of 50 who come at the same time', async () => {
    const code = await issue(owner())
    const taken = await Promise.all(Array.from({ length: 50 }, () => takeCode(codes, 'reset', code)))
    expect(taken.filter((each) => each !== null)).toEqual([content])
  })

  it('RE-02 voids the one before it of the same owner and purpose, and no other', async () => {
    const whose = owner()
    const [first, other] = [await issue(whose), await issue(owner())]
    const signUp = await issueCode(codes, 'sign-up', whose, content, 60, randomBytes(32))
    const second = await issue(whose)
    expect(await takeCode(codes, 'reset', first)).toBeNull()
    expect(await takeCode(codes, 'reset', other)).toEqual(content)
    expect(await takeCode(codes, 'sign-up', signUp)).toEqual(content)
    expect(await takeCode(codes, 'reset', second)).toEqual(content)
  })

  it('RE-02 dies with its time', async () => {
    const [early, late] = [await issue(owner()), await issue(owner())]
    pass(59)
    expect(await takeCode(codes, 'reset', early)).toEqual(content)
    pass(1)
    expect(await peekCode(codes, 'reset', late)).toBeNull()
    expect(await takeCode(codes, 'reset', late)).toBeNull()
  })

  it('RE-02 survives guesses at it, and is of no use for another purpose', async () => {
    const code = await issue(owner())
    const wrong = [
      code.slice(0, -1) + (code.endsWith('A') ? 'B' : 'A'),
      `${code.slice(0, 23)}${'A'.repeat(43)}`,
      `${owner()}${code.slice(22)}`,
    ]
    for (const guess of wrong) expect(await takeCode(codes, 'reset', guess)).toBeNull()
    expect(await takeCode(codes, 'sign-up', code)).toBeNull()
    expect(await takeCode(codes, 'login-code', code)).toBeNull()
    expect(await takeCode(codes, 'reset', code)).toEqual(content)
  })

  describe('whose use fails', () => {
    const down = new GatehouseError('store_unavailable', 'the database is down')
    const issueEnding = (seconds = 60, whose = owner()) =>
      issueCode(codes, 'reset', whose, { ...content, endsAt: endingOf(parts.now(), seconds) }, seconds, randomBytes(32))
    const spend = (code: string, use: () => Promise<unknown>) => spendCode(parts, 'reset', code, use)
    const fail = (error: Error) => () => Promise.reject(error)

    it('RE-02+ because a store is down can be used again, once', async () => {
      const code = await issueEnding()
      await expect(spend(code, fail(down))).rejects.toBe(down)
      const used: unknown[] = []
      const use = (taken: unknown) => Promise.resolve(used.push(taken))
      await Promise.all(Array.from({ length: 20 }, () => spendCode(parts, 'reset', code, use)))
      expect(used.filter((each) => each !== null)).toEqual([expect.objectContaining(content)])
    })

    it('RE-02 for any other reason is spent', async () => {
      const code = await issueEnding()
      const refusal = new GatehouseError('identity_taken', 'somebody has it')
      await expect(spend(code, fail(refusal))).rejects.toBe(refusal)
      expect(await peekCode(codes, 'reset', code)).toBeNull()
    })

    it('RE-02 lives no longer for it', async () => {
      const code = await issueEnding(60)
      pass(50)
      await expect(spend(code, fail(down))).rejects.toBe(down)
      pass(9)
      expect(await peekCode(codes, 'reset', code)).not.toBeNull()
      pass(1)
      expect(await peekCode(codes, 'reset', code)).toBeNull()
    })

    it('RE-02 never replaces a newer one', async () => {
      const whose = owner()
      const code = await issueEnding(60, whose)
      let newer = ''
      const use = async () => {
        newer = await issueEnding(60, whose)
        throw down
      }
      await expect(spend(code, use)).rejects.toBe(down)
      expect(await peekCode(codes, 'reset', code)).toBeNull()
      expect(await peekCode(codes, 'reset', newer)).not.toBeNull()
    })
  })

  it.each([
    '',
    '.',
    'a.b',
    'x'.repeat(66),
    `${'x'.repeat(22)}.${'y'.repeat(42)}`,
    `${'x'.repeat(22)}:${'y'.repeat(43)}`,
    `${'x'.repeat(22)}.${'y'.repeat(43)}\n`,
  ])('that is %j asks the store nothing', async (malformed) => {
    const asked = () => Promise.reject(new Error('the store was asked'))
    const silent = { ...codes, peek: asked, take: asked }
    expect(await takeCode(silent, 'reset', malformed)).toBeNull()
    expect(await peekCode(silent, 'reset', malformed)).toBeNull()
  })

  it('PW-01 has an owner that tells neither tenant nor email, and is another in each tenant', () => {
    expect(ownerOf('acme', 'ann@acme.test')).toMatch(/^[\w-]{22}$/)
    expect(ownerOf('acme', 'ann@acme.test')).not.toBe(ownerOf('other', 'ann@acme.test'))
    expect(ownerOf('acme', 'ann@acme.test')).toBe(ownerOf('acme', 'ann@acme.test'))
  })
})

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const appAddress = 'https://app.acme.test/cb?keep=1#part'

async function signedIn(): Promise<{ readonly session: Session; readonly token: string }> {
  const policy = { lifetimeSeconds: 3600, idleSeconds: 3600, tokenInQuery: false }
  const opening = { user: sampleUser(), connection: 'gate', kind: 'gate', evidence: {}, device: 'Firefox', policy }
  const opened = openSession(opening, randomBytes(32), parts.now())
  await parts.sessions.put(opened.session)
  return opened
}

async function loginCode(): Promise<{ code: string; token: string; session: Session }> {
  const { session, token } = await signedIn()
  const address = await leaveFor(parts, appAddress, challenge, session, token)
  return { code: address.searchParams.get('code') ?? '', token, session }
}

describe('leaving for an app', () => {
  it('takes a login code along when the app asked for one, and leaves the rest of the address as it is', async () => {
    const { session, token } = await signedIn()
    const address = await leaveFor(parts, appAddress, challenge, session, token)
    expect(address.origin + address.pathname + address.hash).toBe('https://app.acme.test/cb#part')
    expect(address.searchParams.get('keep')).toBe('1')
    expect(address.searchParams.get('code')).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
  })

  it('LK-02 has neither the session token nor the session id in the address', async () => {
    const { session, token } = await signedIn()
    const { href } = await leaveFor(parts, appAddress, challenge, session, token)
    expect(href).not.toContain(token)
    expect(href).not.toContain(session.id)
  })

  it('takes no code to our own pages, nor to an app that asked for none', async () => {
    const { session, token } = await signedIn()
    const own = await leaveFor(parts, 'https://gatehouse.test/account', challenge, session, token)
    expect(own.href).toBe('https://gatehouse.test/account')
    expect((await leaveFor(parts, appAddress, undefined, session, token)).href).toBe(appAddress)
  })

  it('replaces a code that somebody put into the return address', async () => {
    const { session, token } = await signedIn()
    const address = await leaveFor(parts, 'https://app.acme.test/?code=evil&code=x', challenge, session, token)
    expect(address.searchParams.getAll('code')).toHaveLength(1)
    expect(address.searchParams.get('code')).not.toBe('evil')
  })

  it.each(['', 'plain', challenge.slice(1), `${challenge}a`, `${challenge.slice(1)}=`, `${challenge.slice(1)}\n`])(
    'OP-34 refuses the code challenge %j when the login is begun',
    (given) => {
      expect(() => checkCodeChallenge(given)).toThrow('code_challenge must be')
      expect(() => checkCodeChallenge(challenge)).not.toThrow()
      expect(() => checkCodeChallenge(undefined)).not.toThrow()
    },
  )
})

describe('a login code', () => {
  it('stands for the session token, once', async () => {
    const { code, token, session } = await loginCode()
    expect(await redeemLoginCode(parts, code, verifier)).toEqual({ token, session })
    expect(await codeOf(redeemLoginCode(parts, code, verifier))).toBe('link_used')
  })

  it('OP-38 is redeemed by one of 50 who come at the same time', async () => {
    const { code } = await loginCode()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(redeemLoginCode(parts, code, verifier))))
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'link_used')).toHaveLength(49)
  })

  it.each([
    ['none', ''],
    ['another', 'x'.repeat(43)],
    ['the challenge', challenge],
    ['one with a space after it', `${verifier} `],
  ])('OP-34 with %s as verifier is refused, and dies of it', async (_, wrong) => {
    const { code } = await loginCode()
    expect(await codeOf(redeemLoginCode(parts, code, wrong))).toBe('link_used')
    expect(await codeOf(redeemLoginCode(parts, code, verifier))).toBe('link_used')
  })

  it('OP-39 lives 60 seconds', async () => {
    const [early, late] = [await loginCode(), await loginCode()]
    pass(59)
    expect(await codeOf(redeemLoginCode(parts, early.code, verifier))).toBe('no error')
    pass(1)
    expect(await codeOf(redeemLoginCode(parts, late.code, verifier))).toBe('link_used')
  })

  it('OP-39 is of no use once its session has ended', async () => {
    const { code, session } = await loginCode()
    await parts.sessions.endAll(session.tenant, session.userId)
    expect(await codeOf(redeemLoginCode(parts, code, verifier))).toBe('link_used')
  })

  it('SE-10 is of no use once its session is past its limit, even if the store still gives it', async () => {
    const { code, session } = await loginCode()
    const sessions = { ...parts.sessions, find: async () => ({ ...session, expiresAt: parts.now() }) }
    expect(await codeOf(redeemLoginCode({ ...parts, sessions }, code, verifier))).toBe('link_used')
  })

  it('OP-39 is not any code that is malformed, unknown or of another purpose', async () => {
    const reset = await issueCode(codes, 'reset', owner(), { challenge }, 60, randomBytes(32))
    const odd = await issueCode(codes, 'login-code', owner(), { email: 'a' }, 60, randomBytes(32))
    for (const code of ['', 'x', `${owner()}.${verifier}`, reset, odd])
      expect(await codeOf(redeemLoginCode(parts, code, verifier))).toBe('link_used')
  })

  it('does not stand in the way of the code of another tab', async () => {
    const { session, token } = await signedIn()
    const addresses = await Promise.all([1, 2, 3].map(() => leaveFor(parts, appAddress, challenge, session, token)))
    for (const address of addresses)
      expect(await codeOf(redeemLoginCode(parts, address.searchParams.get('code') ?? '', verifier))).toBe('no error')
  })
})
