import { beforeEach, describe, expect, it } from 'vitest'
import type { AuditAction } from '../../../src/broker/audit/actions.ts'
import { deploymentTenant } from '../../../src/broker/audit/record.ts'
import { endGrant, redeemedModel } from '../../../src/broker/session/end-grant.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { notes, type UserWithApps, userWithApps } from '../../support/gatehouse/apps-of-a-user.ts'

let person: UserWithApps
let parts: UserWithApps['parts']
let session: Session
let token: string
let grantId: string
beforeEach(async () => {
  person = await userWithApps()
  parts = person.parts
  session = await person.open()
  token = await person.signIn(session, notes)
  grantId = String((await parts.artifacts.find('RefreshToken', token))?.content['grantId'])
  const content = { accountId: person.user.id, clientId: notes.id }
  await parts.artifacts.put({ model: 'Grant', id: grantId, content, seconds: 3600, grant: grantId })
})

const replay = () => ({ grantId, actor: 'system', reason: 'a refresh token was presented again' })
const events = (tenant: string, action: AuditAction = 'grant.revoked') =>
  parts.audit.recent({ tenant, action, limit: 100 })
const redeem = () => {
  const content = { sessionId: session.id }
  return parts.artifacts.put({ model: redeemedModel, id: secretHash('code'), content, seconds: 60, grant: grantId })
}

describe('a grant that is ended', () => {
  it('OP-37 ends with its tokens; twelve parallel replays are one event', async () => {
    await Promise.all(Array.from({ length: 12 }, () => endGrant(parts, replay())))
    expect(await person.isGood(token)).toBe(false)
    expect(await events('acme')).toMatchObject([
      { actor: 'system', target: person.user.id, details: { app: notes.id, reason: replay().reason } },
    ])
  })

  it('is ended by its app unless another actor is named', async () => {
    await endGrant(parts, { grantId, reason: 'its app revoked it' })
    expect(await events('acme')).toMatchObject([{ actor: 'app:notes' }])
  })

  it('OP-37 ends also while the database fails; the event is then one of the deployment', async () => {
    const users = { ...parts.users, findById: () => Promise.reject(new Error('no database')) }
    await endGrant({ ...parts, users }, replay())
    expect(await person.isGood(token)).toBe(false)
    expect(await events(deploymentTenant)).toMatchObject([{ actor: 'system', target: person.user.id }])
  })

  it.each([
    ['sessions', 'find', 'before'],
    ['sessions', 'delete', 'before'],
    ['sessions', 'delete', 'after'],
    ['artifacts', 'remove', 'before'],
    ['artifacts', 'revokeGrant', 'before'],
    ['artifacts', 'revokeGrant', 'after'],
  ] as const)(
    'ends on a retry with its session, and both are recorded once, if %s.%s failed once, %s its work',
    async (store, method, moment) => {
      await redeem()
      let failures = 1
      const failOnce = async (...given: readonly unknown[]) => {
        failures -= 1
        const call = () => Reflect.apply(Reflect.get(parts[store], method), parts[store], given)
        if (failures < 0) return call()
        if (moment === 'after') await call()
        throw new GatehouseError('store_unavailable', 'the store failed')
      }
      const failing = { ...parts, [store]: { ...parts[store], [method]: failOnce } }
      const replayed = { ...replay(), replayedCode: 'code' }
      await expect(endGrant(failing, replayed)).rejects.toMatchObject({ code: 'store_unavailable' })
      await endGrant(failing, replayed)
      await endGrant(failing, replayed)
      expect(await person.isGood(token)).toBe(false)
      expect(await person.isOpen(session)).toBe(false)
      expect(await events('acme')).toHaveLength(1)
      expect(await events('acme', 'session.ended')).toMatchObject([
        { actor: 'system', target: person.user.id, details: { session: session.id } },
      ])
    },
  )

  it('OP-37 ends with its session; twelve parallel replays of a code are one event of each', async () => {
    await redeem()
    await Promise.all(Array.from({ length: 12 }, () => endGrant(parts, { ...replay(), replayedCode: 'code' })))
    expect(await person.isOpen(session)).toBe(false)
    expect([await events('acme'), await events('acme', 'session.ended')].map(({ length }) => length)).toEqual([1, 1])
  })

  it('leaves no event of a session that its user ended before', async () => {
    await redeem()
    await parts.sessions.delete(session)
    await endGrant(parts, { ...replay(), replayedCode: 'code' })
    expect(await events('acme', 'session.ended')).toEqual([])
  })

  it('leaves no event if it was unknown', async () => {
    await endGrant(parts, { ...replay(), grantId: 'unknown' })
    expect(await events('acme')).toEqual([])
  })
})
