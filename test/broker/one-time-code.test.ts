import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { issueCode, ownerOf, peekCode, useCode } from '../../src/broker/one-time-code.ts'
import type { OneTimePurpose } from '../../src/broker/ports/volatile.ts'
import { GatehouseError } from '../../src/errors.ts'
import { openBroker } from '../support/gatehouse/broker.ts'

const broker = await openBroker()
const { parts, pass: advance } = broker
const { codes } = parts
const content = { email: 'ann@acme.test', name: 'Ann' }
const owner = () => randomBytes(16).toString('base64url')
const takeCode = (on: typeof codes, purpose: OneTimePurpose, code: string) =>
  useCode(on, purpose, code, async (taken) => taken)
const issue = (whose: string) =>
  issueCode(codes, { purpose: 'reset', owner: whose, content, seconds: 60, secret: randomBytes(32) })

describe('a one-time code', () => {
  it('names its owner and has 256 bits', async () => {
    const whose = owner()
    const code = await issue(whose)
    expect(code).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
    expect(code.startsWith(`${whose}.`)).toBe(true)
  })

  it('RE-02 can be read often and consumed once', async () => {
    const code = await issue(owner())
    for (let round = 0; round < 3; round++) expect(await peekCode(codes, 'reset', code)).toEqual(content)
    expect(await takeCode(codes, 'reset', code)).toEqual(content)
    expect(await takeCode(codes, 'reset', code)).toBeNull()
    expect(await peekCode(codes, 'reset', code)).toBeNull()
  })

  it('RE-02 is consumed by one of 50 simultaneous requests', async () => {
    const code = await issue(owner())
    const taken = await Promise.all(Array.from({ length: 50 }, () => takeCode(codes, 'reset', code)))
    expect(taken.filter((each) => each !== null)).toEqual([content])
  })

  it('RE-02 replaces the previous one of the same owner and purpose only', async () => {
    const whose = owner()
    const [first, other] = [await issue(whose), await issue(owner())]
    const signUp = await issueCode(codes, {
      purpose: 'sign-up',
      owner: whose,
      content,
      seconds: 60,
      secret: randomBytes(32),
    })
    const second = await issue(whose)
    expect(await takeCode(codes, 'reset', first)).toBeNull()
    expect(await takeCode(codes, 'reset', other)).toEqual(content)
    expect(await takeCode(codes, 'sign-up', signUp)).toEqual(content)
    expect(await takeCode(codes, 'reset', second)).toEqual(content)
  })

  it('RE-02 expires', async () => {
    const [early, late] = [await issue(owner()), await issue(owner())]
    advance(59)
    expect(await takeCode(codes, 'reset', early)).toEqual(content)
    advance(1)
    expect(await peekCode(codes, 'reset', late)).toBeNull()
    expect(await takeCode(codes, 'reset', late)).toBeNull()
  })

  it('RE-02 survives wrong guesses and is rejected for another purpose', async () => {
    const code = await issue(owner())
    const wrong = [
      code.slice(0, -1) + (code.endsWith('A') ? 'B' : 'A'),
      `${code.slice(0, 23)}${'A'.repeat(43)}`,
      `${owner()}${code.slice(22)}`,
    ]
    for (const guess of wrong) expect(await takeCode(codes, 'reset', guess)).toBeNull()
    expect(await takeCode(codes, 'sign-up', code)).toBeNull()
    expect(await takeCode(codes, 'link', code)).toBeNull()
    expect(await takeCode(codes, 'reset', code)).toEqual(content)
  })

  describe('a one-time code whose use fails', () => {
    const down = new GatehouseError('store_unavailable', 'the database is down')
    const issueExpiring = (seconds = 60, whose = owner()) =>
      issueCode(codes, { purpose: 'reset', owner: whose, content, seconds, secret: randomBytes(32) })
    const spend = (code: string, use: () => Promise<unknown>) => useCode(codes, 'reset', code, use)
    const fail = (error: Error) => () => Promise.reject(error)

    it('RE-02+ stays valid once if a store is down', async () => {
      const code = await issueExpiring()
      await expect(spend(code, fail(down))).rejects.toBe(down)
      const used: unknown[] = []
      const use = (taken: unknown) => Promise.resolve(used.push(taken))
      await Promise.all(Array.from({ length: 20 }, () => useCode(codes, 'reset', code, use)))
      expect(used.filter((each) => each !== null)).toEqual([expect.objectContaining(content)])
    })

    it('A10: is valid again a minute after its process died', async () => {
      const code = await issueExpiring(600)
      const gone = { ...codes, take: () => Promise.reject(down), release: () => Promise.reject(down) }
      await expect(useCode(gone, 'reset', code, fail(down))).rejects.toBe(down)
      expect(await takeCode(codes, 'reset', code)).toBeNull()
      expect(await peekCode(codes, 'reset', code)).toEqual(content)
      advance(60)
      expect(await takeCode(codes, 'reset', code)).toEqual(content)
    })

    it('RE-02 is consumed for any other reason', async () => {
      const code = await issueExpiring()
      const refusal = new GatehouseError('identity_taken', 'somebody has it')
      await expect(spend(code, fail(refusal))).rejects.toBe(refusal)
      expect(await peekCode(codes, 'reset', code)).toBeNull()
    })

    it('RE-02 does not get a longer lifetime', async () => {
      const code = await issueExpiring(60)
      advance(50)
      await expect(spend(code, fail(down))).rejects.toBe(down)
      advance(9)
      expect(await peekCode(codes, 'reset', code)).not.toBeNull()
      advance(1)
      expect(await peekCode(codes, 'reset', code)).toBeNull()
    })

    it('RE-02 never replaces a newer one', async () => {
      const whose = owner()
      const code = await issueExpiring(60, whose)
      let newer = ''
      const use = async () => {
        newer = await issueExpiring(60, whose)
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
  ])('that is %j causes no store read', async (malformed) => {
    const asked = () => Promise.reject(new Error('the store was asked'))
    const silent = { ...codes, peek: asked, take: asked }
    expect(await takeCode(silent, 'reset', malformed)).toBeNull()
    expect(await peekCode(silent, 'reset', malformed)).toBeNull()
  })

  it('PW-01 has an owner key without tenant or email, different in each tenant', () => {
    expect(ownerOf('acme', 'ann@acme.test')).toMatch(/^[\w-]{22}$/)
    expect(ownerOf('acme', 'ann@acme.test')).not.toBe(ownerOf('other', 'ann@acme.test'))
    expect(ownerOf('acme', 'ann@acme.test')).toBe(ownerOf('acme', 'ann@acme.test'))
  })
})
