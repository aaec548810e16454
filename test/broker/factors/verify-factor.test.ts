import { describe, expect, it } from 'vitest'
import { factorsOf } from '../../../src/broker/factors/factors-of.ts'
import { type FactorProof, verifyFactor } from '../../../src/broker/factors/verify-factor.ts'
import { defaultMfaPolicy, type Tenant } from '../../../src/tenant.ts'
import { addRecoveryCodes, addTotp, addUser } from '../../support/broker/factors.ts'
import { codeOf, openBroker } from '../../support/gatehouse/broker.ts'
import { samplePasskey } from '../../support/store/samples.ts'

const broker = await openBroker()
const { parts, pass } = broker
const totp = (code: string): FactorProof => ({ method: 'totp', code })
const wrongCode = (codes: readonly string[]) => (codes.includes('000000') ? '111111' : '000000')

/** A user with an app, and its code of a step that is not used. */
async function userWithTotp() {
  const user = await addUser(parts)
  const app = await addTotp(parts, user)
  pass(30)
  const now = parts.now().getTime()
  const wrong = wrongCode([-30, 0, 30].map((offset) => app.codeAt(new Date(now + offset * 1000))))
  return { user, app, code: () => app.codeAt(parts.now()), wrong }
}

/** How often each occurs. */
function results(codes: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(codes, (code) => code)]
  return Object.fromEntries(groups.map(([code, all]) => [code, all.length]))
}

describe('a one-time password', () => {
  it('is verified, with the app and the time', async () => {
    const { user, app, code } = await userWithTotp()
    const verified = await verifyFactor(parts, user, totp(code()))
    expect(verified).toEqual({ method: 'totp', authenticatorId: app.totp.id, at: parts.now(), amr: ['otp'] })
    expect((await factorsOf(parts, user)).totp[0]?.lastUsedAt).toEqual(parts.now())
  })

  it('MF-01: is accepted once, for one of 50 concurrent callers', async () => {
    const { user, code } = await userWithTotp()
    const callers = Array.from({ length: 50 }, (_, at) =>
      codeOf(verifyFactor(parts, user, totp(code()), `challenge ${at}`)),
    )
    const { 'no error': won, ...others } = results(await Promise.all(callers))
    expect(won).toBe(1)
    expect(others).toEqual({ factor_invalid: expect.any(Number), too_many_attempts: expect.any(Number) })
    expect(await codeOf(verifyFactor(parts, user, totp(code()), 'later'))).not.toBe('no error')
  })

  it('MF-01: that confirmed the app is not accepted afterwards', async () => {
    const user = await addUser(parts)
    const app = await addTotp(parts, user)
    expect(await codeOf(verifyFactor(parts, user, totp(app.codeAt(parts.now()))))).toBe('factor_invalid')
  })

  it('of another user is wrong', async () => {
    const { code } = await userWithTotp()
    const other = await userWithTotp()
    if (code() === other.code()) return
    expect(await codeOf(verifyFactor(parts, other.user, totp(code())))).toBe('factor_invalid')
  })

  it('of any app of the user is accepted', async () => {
    const { user, code } = await userWithTotp()
    const second = await addTotp(parts, user)
    pass(30)
    expect((await verifyFactor(parts, user, totp(code()))).method).toBe('totp')
    expect((await verifyFactor(parts, user, totp(second.codeAt(parts.now())))).authenticatorId).toBe(second.totp.id)
  })
})

describe('wrong codes', () => {
  it('MF-02: of 100 parallel guesses for a challenge, five are evaluated', async () => {
    const { user, wrong, code } = await userWithTotp()
    const guess = () => codeOf(verifyFactor(parts, user, totp(wrong), 'one'))
    expect(results(await Promise.all(Array.from({ length: 100 }, guess)))).toEqual({
      factor_invalid: 5,
      too_many_attempts: 95,
    })
    expect(await codeOf(verifyFactor(parts, user, totp(code()), 'one'))).toBe('too_many_attempts')
    expect(await codeOf(verifyFactor(parts, user, totp(code()), 'two'))).toBe('no error')
  })

  it('MF-02: are limited to 20 an hour, whatever the challenge and the method', async () => {
    const { user, wrong, code } = await userWithTotp()
    const guess = (turn: number) => {
      const proof: FactorProof = turn % 2 === 0 ? totp(wrong) : { method: 'recovery_code', code: 'aaaaa-aaaaa' }
      return codeOf(verifyFactor(parts, user, proof, `challenge ${turn}`))
    }
    expect(results(await Promise.all(Array.from({ length: 60 }, (_, turn) => guess(turn))))).toEqual({
      factor_invalid: 20,
      too_many_attempts: 40,
    })
    expect(await codeOf(verifyFactor(parts, user, totp(code()), 'new'))).toBe('too_many_attempts')
    pass(3600)
    expect(await codeOf(verifyFactor(parts, user, totp(code()), 'new'))).toBe('no error')
  })

  it('MF-02: a correct code is not counted, and forgives no wrong one', async () => {
    const { user, wrong, code } = await userWithTotp()
    for (let turn = 0; turn < 30; turn++) {
      pass(30)
      expect(await codeOf(verifyFactor(parts, user, totp(code()), 'same'))).toBe('no error')
    }
    const tries: string[] = []
    for (let turn = 0; turn < 6; turn++) {
      tries.push(await codeOf(verifyFactor(parts, user, totp(wrong), 'other')))
      pass(30)
      if (turn < 4) await verifyFactor(parts, user, totp(code()), 'other')
    }
    expect(results(tries)).toEqual({ factor_invalid: 5, too_many_attempts: 1 })
  })

  it('MF-02: a failure of the store is no guess', async () => {
    const { user, code } = await userWithTotp()
    const failing = {
      ...parts,
      authenticators: { ...parts.authenticators, of: () => Promise.reject(new Error('down')) },
    }
    for (let turn = 0; turn < 6; turn++)
      await expect(verifyFactor(failing, user, totp(code()), 'one')).rejects.toThrow('down')
    expect(await codeOf(verifyFactor(parts, user, totp(code()), 'one'))).toBe('no error')
  })
})

describe('a method that the tenant no longer lists', () => {
  const connections = {
    ...parts.connections,
    tenant: (id: string): Tenant => ({
      ...parts.connections.tenant(id),
      mfa: { ...defaultMfaPolicy, methods: ['passkey'] },
    }),
  }
  const strict = { ...parts, connections }

  it('MF-04: is accepted only until the user has a listed one; a recovery code always', async () => {
    const { user, code } = await userWithTotp()
    const [recovery = ''] = await addRecoveryCodes(parts, user)
    expect(await codeOf(verifyFactor(strict, user, totp(code())))).toBe('no error')
    pass(30)
    await parts.authenticators.add(samplePasskey({ tenant: user.tenant, userId: user.userId }))
    expect(await codeOf(verifyFactor(strict, user, totp(code())))).toBe('factor_not_allowed')
    expect(await codeOf(verifyFactor(strict, user, { method: 'recovery_code', code: recovery }))).toBe('no error')
    expect(await codeOf(verifyFactor(parts, user, totp(code())))).toBe('no error')
  })
})

describe('a recovery code as a second factor', () => {
  it('is emailed and audited with the number that is left', async () => {
    const { user } = await userWithTotp()
    const [code = ''] = await addRecoveryCodes(parts, user)
    const verified = await verifyFactor(parts, user, { method: 'recovery_code', code })
    expect(verified).toEqual({ method: 'recovery_code', at: parts.now(), amr: ['otp'] })
    const [event] = await parts.audit.recent({ tenant: 'acme', user: user.userId, limit: 1 })
    expect(event).toMatchObject({ action: 'factor.used_recovery_code', details: { left: '9', mail: 'queued' } })
    expect(broker.mails.at(-1)).toMatchObject({ kind: 'securityNotice', to: user.email })
  })

  it('MF-03: is accepted for one of five concurrent callers', async () => {
    const { user } = await userWithTotp()
    const [code = ''] = await addRecoveryCodes(parts, user)
    const use = () => codeOf(verifyFactor(parts, user, { method: 'recovery_code', code }))
    expect(results(await Promise.all(Array.from({ length: 5 }, use)))).toEqual({ 'no error': 1, factor_invalid: 4 })
  })
})
