import { describe, expect, it } from 'vitest'
import { removeAuthenticator } from '../../../src/broker/factors/authenticators.ts'
import {
  devicesOf,
  forgetAllDevices,
  forgetDevice,
  isRemembered,
  rememberDevice,
} from '../../../src/broker/factors/remembered-devices.ts'
import { blockUser } from '../../../src/broker/identity/block-user.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import { addTotp, addUser } from '../../support/broker/factors.ts'
import { openBroker } from '../../support/gatehouse/broker.ts'

const { parts, pass } = await openBroker()
const device = { device: 'Chrome on Linux', seconds: 3600 }

async function userWithDevice() {
  const user = await addUser(parts)
  return { user, secret: await rememberDevice(parts, user, device) }
}

describe('a remembered device', () => {
  it('is remembered until it ends, and when it was used is stored', async () => {
    const { user, secret } = await userWithDevice()
    expect(await isRemembered(parts, user, undefined)).toBe(false)
    expect(await isRemembered(parts, user, secret)).toBe(true)
    pass(3599)
    expect(await isRemembered(parts, user, secret)).toBe(true)
    expect(await devicesOf(parts, user)).toMatchObject([{ device: 'Chrome on Linux', lastUsedAt: parts.now() }])
    pass(1)
    expect(await isRemembered(parts, user, secret)).toBe(false)
    expect(await devicesOf(parts, user)).toEqual([])
  })

  it('is remembered no longer than the tenant allows now', async () => {
    const { user, secret } = await userWithDevice()
    pass(60)
    const within = (seconds: number) => isRemembered(parts, user, secret, seconds)
    expect([await within(61), await within(60), await within(0)]).toEqual([true, false, false])
  })

  it('MF-04: is not remembered for another user, nor for the user of another tenant', async () => {
    const { user, secret } = await userWithDevice()
    const other = await userWithDevice()
    expect(await isRemembered(parts, other.user, secret)).toBe(false)
    expect(await isRemembered(parts, { ...user, tenant: 'other' }, secret)).toBe(false)
  })

  it('LK-03: is stored as a hash that is no secret itself', async () => {
    const { user, secret } = await userWithDevice()
    const [stored] = await devicesOf(parts, user)
    expect(stored?.hash).toBe(secretHash(secret))
    expect(await isRemembered(parts, user, stored?.hash)).toBe(false)
  })

  it('is forgotten one by one and all at once, by its user alone', async () => {
    const { user, secret } = await userWithDevice()
    const second = await rememberDevice(parts, user, device)
    const third = await rememberDevice(parts, user, device)
    const id = (await parts.rememberedDevices.find(user, secretHash(secret)))?.id ?? ''
    expect(await forgetDevice(parts, await addUser(parts), id)).toBe(false)
    expect(await forgetDevice(parts, user, id)).toBe(true)
    expect(await forgetDevice(parts, user, id)).toBe(false)
    const remembered = () => Promise.all([secret, second, third].map((each) => isRemembered(parts, user, each)))
    expect(await remembered()).toEqual([false, true, true])
    expect(await forgetAllDevices(parts, user)).toBe(2)
    expect(await remembered()).toEqual([false, false, false])
    const events = await parts.audit.recent({ tenant: 'acme', user: user.userId, limit: 2 })
    expect(events.map(({ action, details }) => [action, details['device']]).toSorted()).toEqual([
      ['device.forgotten', 'Chrome on Linux'],
      ['device.forgotten', 'all (2)'],
    ])
  })

  it.each<[string, (user: Awaited<ReturnType<typeof addUser>>) => Promise<unknown>]>([
    [
      'an authenticator is removed',
      async (user) => {
        const { totp } = await addTotp(parts, user)
        await removeAuthenticator(parts, user, totp.id)
      },
    ],
    [
      'the user is blocked',
      async ({ tenant, userId }) => {
        const user = await parts.users.find(tenant, userId)
        if (user !== null) await blockUser(parts, user, 'cli')
      },
    ],
  ])('is revoked when %s', async (_, change) => {
    const { user, secret } = await userWithDevice()
    await change(user)
    expect(await isRemembered(parts, user, secret)).toBe(false)
  })
})
