import { describe, expect, it } from 'vitest'
import { confirmTotp, pendingTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { factorsOf } from '../../../src/broker/factors/factors-of.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import { verifyFactor } from '../../../src/broker/factors/verify-factor.ts'
import { addTotp, addUser } from '../../support/broker/factors.ts'
import { codeOf, openBroker } from '../../support/gatehouse/broker.ts'

const { parts, pass } = await openBroker()
const codeFor = (secret: string) => codeAt(seedOf(secret), parts.now())

describe('an authenticator app that is set up', () => {
  it('counts only after a first code', async () => {
    const user = await addUser(parts)
    const { enrollment, secret, uri } = await startTotp(parts, user)
    expect(uri).toContain(`otpauth://totp/Acme:${encodeURIComponent(user.email)}?`)
    expect(uri).toContain(`secret=${secret}`)
    expect((await factorsOf(parts, user)).totp).toEqual([])
    expect(await codeOf(verifyFactor(parts, user, { method: 'totp', code: codeFor(secret) }))).toBe('factor_invalid')
    const totp = await confirmTotp(parts, user, { enrollment, code: codeFor(secret), name: ' Phone ' })
    expect(totp.name).toBe('Phone')
    expect((await factorsOf(parts, user)).totp).toEqual([totp])
    const [event] = await parts.audit.recent({ tenant: 'acme', user: user.userId, limit: 1 })
    expect(event).toMatchObject({ action: 'factor.added', details: { kind: 'totp', name: 'Phone', mail: 'queued' } })
  })

  it('survives wrong codes, and is shown again with the same secret', async () => {
    const user = await addUser(parts)
    const { enrollment, secret } = await startTotp(parts, user)
    const wrong = codeAt(Buffer.alloc(20), parts.now())
    expect(await codeOf(confirmTotp(parts, user, { enrollment, code: wrong }))).toBe('factor_invalid')
    expect((await pendingTotp(parts, user, enrollment)).secret).toBe(secret)
    expect((await confirmTotp(parts, user, { enrollment, code: codeFor(secret) })).name).toBe('Authenticator app')
    expect(await codeOf(pendingTotp(parts, user, enrollment))).toBe('enrollment_expired')
  })

  it('is refused after ten minutes, after a newer one, and for another user', async () => {
    const user = await addUser(parts)
    const first = await startTotp(parts, user)
    const confirm = (by = user, given = first) =>
      codeOf(confirmTotp(parts, by, { enrollment: given.enrollment, code: codeFor(given.secret) }))
    expect(await confirm(await addUser(parts))).toBe('enrollment_expired')
    const second = await startTotp(parts, user)
    expect(await confirm()).toBe('enrollment_expired')
    pass(600)
    expect(await confirm(user, second)).toBe('enrollment_expired')
    for (const enrollment of ['', 'x', `${'a'.repeat(22)}.${'b'.repeat(43)}`])
      expect(await codeOf(confirmTotp(parts, user, { enrollment, code: '123456' }))).toBe('enrollment_expired')
  })

  it('is added once by 50 concurrent confirmations', async () => {
    const user = await addUser(parts)
    const { enrollment, secret } = await startTotp(parts, user)
    const confirm = () => codeOf(confirmTotp(parts, user, { enrollment, code: codeFor(secret) }))
    const codes = await Promise.all(Array.from({ length: 50 }, confirm))
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1)
    expect((await factorsOf(parts, user)).totp).toHaveLength(1)
  })

  it('gets a name of its own, and the user has ten at most', async () => {
    const user = await addUser(parts)
    for (let count = 0; count < 10; count++) await addTotp(parts, user)
    const names = (await factorsOf(parts, user)).totp.map(({ name }) => name)
    expect(names.toSorted().slice(0, 3)).toEqual(['Authenticator app', 'Authenticator app 10', 'Authenticator app 2'])
    expect(await codeOf(startTotp(parts, user))).toBe('authenticators_full')
  })

  it('LK-03: keeps its seed sealed', async () => {
    const user = await addUser(parts)
    const { seed, totp } = await addTotp(parts, user)
    expect(totp.sealed.includes(seed)).toBe(false)
    expect(parts.keyRing.open(totp.sealed, `totp ${totp.id}`)?.content).toEqual(seed)
    expect(parts.keyRing.open(totp.sealed, 'totp of another')).toBeNull()
  })
})
