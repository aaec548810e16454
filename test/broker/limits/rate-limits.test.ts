import { describe, expect, it } from 'vitest'
import { type CodeAttempt, forgetGuesses, isMailAllowed, mayTryCode } from '../../../src/broker/limits/mail-limits.ts'
import {
  enforcePasswordLimit,
  type PasswordAttempt,
  rememberNetwork,
  resetPasswordLimit,
} from '../../../src/broker/limits/rate-limits.ts'
import { codeOf, openBroker } from '../../support/gatehouse/broker.ts'

const { parts, pass: advance } = await openBroker()
const { counters } = parts
let people = 0
const stranger = (changes: Partial<PasswordAttempt> = {}): PasswordAttempt => {
  people++
  return { email: `p${people}@acme.test`, source: `192.0.2.${people}`, knownBrowser: undefined, ...changes }
}
const guess = (who: PasswordAttempt, tenant = 'acme') => codeOf(enforcePasswordLimit(counters, tenant, who))

async function guesses(count: number, who: (turn: number) => PasswordAttempt, tenant = 'acme'): Promise<number> {
  let accepted = 0
  for (let turn = 0; turn < count; turn++) if ((await guess(who(turn), tenant)) === 'no error') accepted++
  return accepted
}

describe('password guesses', () => {
  it('PW-03 are limited to five in five minutes per user and network, with Retry-After', async () => {
    const who = stranger()
    expect(await guesses(5, () => who)).toBe(5)
    advance(100)
    await expect(enforcePasswordLimit(counters, 'acme', who)).rejects.toMatchObject({
      code: 'too_many_attempts',
      retryAfterSeconds: 200,
    })
    advance(199)
    expect(await guess(who)).toBe('too_many_attempts')
    advance(1)
    expect(await guesses(11, () => who)).toBe(5)
  })

  it('PW-03 are limited to ten in five minutes per user from all networks', async () => {
    const { email } = stranger()
    expect(await guesses(40, () => stranger({ email }))).toBe(10)
  })

  it('A7: from one network do not lock out users of another', async () => {
    const victims = Array.from({ length: 20 }, () => stranger().email)
    for (const email of victims) await guesses(12, () => ({ email, source: '203.0.113.5', knownBrowser: undefined }))
    for (const email of victims) expect(await guess(stranger({ email }))).toBe('no error')
    const ofOneCustomer = (turn: number) => `2001:db8:1:${turn.toString(16)}::/64`
    const { email } = stranger()
    expect(await guesses(40, (turn) => ({ email, source: ofOneCustomer(turn), knownBrowser: undefined }))).toBe(5)
    expect(await guess(stranger({ email }))).toBe('no error')
  })

  it('A7: over the source limit count against no user and no tenant', async () => {
    const source = '203.0.113.6'
    await guesses(300, () => stranger({ source }))
    const hits: string[] = []
    const hit = (key: string, seconds: number) => {
      hits.push(key)
      return counters.hit(key, seconds)
    }
    const recorded = { ...counters, hit }
    expect(await codeOf(enforcePasswordLimit(recorded, 'acme', stranger({ source })))).toBe('too_many_attempts')
    expect(hits.map((key) => key.split(':')[0]).toSorted()).toEqual(['pw-email-source', 'pw-source'])
  })

  it('A7: rejected by one limit leave the shared counters unchanged', async () => {
    const { email } = stranger()
    await guesses(10, () => stranger({ email }))
    const refunded: string[] = []
    const refund = (key: string) => {
      refunded.push(key)
      return counters.refund(key)
    }
    const recorded = { ...counters, refund }
    expect(await codeOf(enforcePasswordLimit(recorded, 'acme', stranger({ email })))).toBe('too_many_attempts')
    expect(refunded.map((key) => key.split(':')[0]).toSorted()).toEqual(['pw-email', 'pw-tenant'])
  })

  it('A7: that are never evaluated are refunded', async () => {
    const who = stranger()
    for (let turn = 0; turn < 20; turn++) await (await enforcePasswordLimit(counters, 'acme', who))()
    expect(await guesses(11, () => who)).toBe(5)
  })

  it('A7: from IPv6 count for the /56 and /48 networks with higher limits', async () => {
    advance(300)
    const accepted = async (count: number, sourceOf: (turn: number) => string) =>
      guesses(count, (turn) => stranger({ source: sourceOf(turn) }))
    expect(await accepted(310, () => '2001:db8:9:100::/64')).toBe(300)
    expect(
      await accepted(1000, (turn) => `2001:db8:9:1${(turn % 200).toString(16).padStart(2, '0')}::/64`),
    ).toBeLessThan(1000)
    // of another customer of 56 bits
    expect(await guess(stranger({ source: '2001:db8:9:2ff::/64' }))).toBe('no error')
    expect(await guess(stranger({ source: '2001:db8:a:100::/64' }))).toBe('no error')
  })

  it('PW-03 are counted once for each of 50 simultaneous requests', async () => {
    const who = stranger()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => guess(who)))
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(5)
  })

  it('PW-03+ do not lock the owner out of a known browser', async () => {
    const who = stranger()
    await guesses(20, () => who)
    const own = { ...who, knownBrowser: 'browser of the owner' }
    expect(await guesses(11, () => own)).toBe(10)
    expect(await guess({ ...own, knownBrowser: 'another browser of the owner' })).toBe('no error')
  })

  it('PW-03+ of strangers do not lock the owner out of a network with a right password in the last 30 days', async () => {
    const owner = stranger()
    const { email } = owner
    await resetPasswordLimit(counters, 'acme', owner)
    expect(await guesses(40, () => stranger({ email }))).toBe(10)
    expect(await guess(stranger({ email }))).toBe('too_many_attempts')
    expect(await guesses(11, () => owner)).toBe(5)
    expect(await guess({ ...owner, source: stranger().source })).toBe('too_many_attempts')
    advance(30 * 86_400)
    await guesses(40, () => stranger({ email }))
    expect(await guess(owner)).toBe('too_many_attempts')
  })

  it('PW-03 from a known browser do not count for unknown ones', async () => {
    const who = stranger()
    await guesses(10, () => ({ ...who, knownBrowser: 'browser' }))
    expect(await guesses(11, () => who)).toBe(5)
  })

  it('PW-03 from a browser known for one user are unknown for another', async () => {
    const [ann, bob] = [stranger({ knownBrowser: 'browser' }), stranger({ knownBrowser: 'browser' })]
    await guesses(10, () => ann)
    expect(await guess(ann)).toBe('too_many_attempts')
    expect(await guess(bob)).toBe('no error')
  })

  it('PW-03 are counted per tenant', async () => {
    const who = stranger()
    await guesses(10, () => who)
    expect(await guess(who, 'other')).toBe('no error')
  })

  it('PW-03 for changing users are limited to 300 in five minutes per source', async () => {
    const source = '198.51.100.7'
    expect(await guesses(310, () => stranger({ source }))).toBe(300)
    expect(await guess(stranger())).toBe('no error')
    advance(300)
    expect(await guess(stranger({ source }))).toBe('no error')
  })

  it('PW-03 for changing users and sources are limited to 5000 in five minutes', async () => {
    const crowded = {
      ...counters,
      hit: async (key: string, seconds: number) => {
        const { count, resetSeconds } = await counters.hit(key, seconds)
        // as if so many had come before
        return { count: key.startsWith('pw-tenant') ? count + 4990 : count, resetSeconds }
      },
    }
    advance(300)
    const outcomes = []
    for (let turn = 0; turn < 12; turn++) outcomes.push(await codeOf(enforcePasswordLimit(crowded, 'acme', stranger())))
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(10)
    expect(await codeOf(enforcePasswordLimit(crowded, 'acme', stranger({ knownBrowser: 'browser' })))).toBe('no error')
  })

  it("start at zero after that user's success", async () => {
    const [who, other] = [stranger(), stranger()]
    await guesses(4, () => who)
    await guesses(10, () => other)
    await resetPasswordLimit(counters, 'acme', who)
    expect(await guesses(11, () => who)).toBe(5)
    expect(await guess(other)).toBe('too_many_attempts')
  })

  it('use keys in which fields cannot be confused', async () => {
    const who = stranger({ email: 'x', knownBrowser: 'y' })
    await guesses(10, () => who, 'a')
    expect(await guess({ ...who, email: 'xy', knownBrowser: '' }, 'a')).toBe('no error')
    expect(await guess({ ...who, email: '', knownBrowser: 'xy' }, 'a')).toBe('no error')
  })

  it('LK-03 store no email and no address in the counters', async () => {
    const keys: string[] = []
    const recorded = {
      ...counters,
      hit: (key: string, seconds: number) => {
        keys.push(key)
        return counters.hit(key, seconds)
      },
    }
    await enforcePasswordLimit(recorded, 'acme', stranger({ email: 'canary@acme.test', source: '203.0.113.99' }))
    await isMailAllowed(recorded, 'acme', 'canary@acme.test', '203.0.113.99')
    expect(keys).toHaveLength(7)
    expect(keys.join()).not.toMatch(/canary|203\.0|acme/)
  })

  it('FT-01 are rejected when the counter is unavailable', async () => {
    const gone = await openBroker()
    await gone.stores.durable.close()
    await gone.stores.volatile.close()
    expect(await codeOf(enforcePasswordLimit(gone.parts.counters, 'acme', stranger()))).toBe('store_unavailable')
  })
})

describe('requests for email', () => {
  const ask = (email: string, source: string) => isMailAllowed(counters, 'acme', email, source)

  it('RE-04 are limited to three an hour per address', async () => {
    const { email } = stranger()
    const answers = []
    for (let turn = 0; turn < 12; turn++) answers.push(await ask(email, stranger().source))
    expect(answers.filter(Boolean)).toHaveLength(3)
    expect(answers.slice(3)).not.toContain(true)
    advance(3599)
    expect(await ask(email, stranger().source)).toBe(false)
    advance(1)
    expect(await ask(email, stranger().source)).toBe(true)
  })

  it('A7: are limited to two an hour per address and source, without affecting others', async () => {
    const { email, source } = stranger()
    const answers = []
    for (let turn = 0; turn < 20; turn++) answers.push(await ask(email, source))
    expect(answers.filter(Boolean)).toHaveLength(2)
    expect(await ask(email, stranger().source)).toBe(true)
    const spent = '203.0.113.77'
    for (let turn = 0; turn < 31; turn++) await ask(stranger().email, spent)
    const victim = stranger().email
    for (let turn = 0; turn < 12; turn++) expect(await ask(victim, spent)).toBe(false)
    for (let turn = 0; turn < 3; turn++) expect(await ask(victim, stranger().source)).toBe(true)
  })

  it('A7: do not count for wider networks once the /64 limit is reached', async () => {
    for (let turn = 0; turn < 130; turn++) await ask(stranger().email, '2001:db8:b:100::/64')
    expect(await ask(stranger().email, '2001:db8:b:101::/64')).toBe(true)
  })

  it('RE-04 are limited to thirty an hour per source', async () => {
    const { source } = stranger()
    const answers = []
    for (let turn = 0; turn < 32; turn++) answers.push(await ask(stranger().email, source))
    expect(answers.filter(Boolean)).toHaveLength(30)
    expect(answers.slice(30)).toEqual([false, false])
  })

  it('RE-04 are counted per tenant', async () => {
    const { email, source } = stranger()
    for (let turn = 0; turn < 4; turn++) await ask(email, source)
    expect(await isMailAllowed(counters, 'other', email, source)).toBe(true)
  })
})

describe('emailed codes that are typed', () => {
  const attempt = (given: Partial<CodeAttempt>): CodeAttempt => {
    const { email } = stranger()
    const source = `10.${people >> 8}.${people & 255}.1`
    return { challenge: email, email, source, seconds: 600, hasLink: true, ...given }
  }
  const typed = async (count: number, given: (turn: number) => CodeAttempt) => {
    const outcomes: boolean[] = []
    for (let turn = 0; turn < count; turn++) outcomes.push(await mayTryCode(counters, 'acme', given(turn)))
    return outcomes.filter(Boolean).length
  }

  it('RE-04 are five for each challenge, from whatever network', async () => {
    const { challenge } = attempt({})
    expect(await typed(20, () => attempt({ challenge }))).toBe(5)
  })

  it('RE-04 are 300 in five minutes per source', async () => {
    const { source } = attempt({})
    expect(await typed(300, () => attempt({ source }))).toBe(300)
    expect(await codeOf(mayTryCode(counters, 'acme', attempt({ source })))).toBe('too_many_attempts')
  })

  it('RE-04 are 100 for each address, however many callers type at once', async () => {
    const { email } = attempt({})
    const all = await Promise.allSettled(
      Array.from({ length: 150 }, () => mayTryCode(counters, 'acme', attempt({ email }))),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
    const inBrowser = () => attempt({ email, knownBrowser: 'laptop' })
    expect(await typed(100, inBrowser)).toBe(100)
    expect(await codeOf(mayTryCode(counters, 'acme', inBrowser()))).toBe('too_many_attempts')
    const known = attempt({ email })
    await rememberNetwork(counters, 'acme', known)
    expect(await mayTryCode(counters, 'acme', known)).toBe(true)
    await forgetGuesses(counters, 'acme', { ...known, knownBrowser: 'laptop' })
    expect(await mayTryCode(counters, 'acme', attempt({ email }))).toBe(true)
    expect(await mayTryCode(counters, 'acme', inBrowser())).toBe(true)
  })
})
