import { beforeEach, describe, expect, it } from 'vitest'
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
const events = async (tenant: string) =>
  (await parts.audit.recent({ tenant, limit: 100 })).filter(({ action }) => action === 'grant.revoked')

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
    ['sessions', 'find'],
    ['sessions', 'delete'],
    ['artifacts', 'remove'],
    ['artifacts', 'revokeGrant'],
  ] as const)('ends on a retry with its session, and is recorded once, if %s.%s failed once', async (store, method) => {
    const content = { sessionId: session.id }
    await parts.artifacts.put({ model: redeemedModel, id: secretHash('code'), content, seconds: 60, grant: grantId })
    let failures = 1
    const failOnce = (...given: readonly unknown[]) => {
      failures -= 1
      if (failures >= 0) return Promise.reject(new GatehouseError('store_unavailable', 'the store failed'))
      return Reflect.apply(Reflect.get(parts[store], method), parts[store], given)
    }
    const failing = { ...parts, [store]: { ...parts[store], [method]: failOnce } }
    const replayed = { ...replay(), replayedCode: 'code' }
    await expect(endGrant(failing, replayed)).rejects.toMatchObject({ code: 'store_unavailable' })
    await endGrant(failing, replayed)
    await endGrant(failing, replayed)
    expect(await person.isGood(token)).toBe(false)
    expect(await person.isOpen(session)).toBe(false)
    expect(await events('acme')).toHaveLength(1)
  })

  it('leaves no event if it was unknown', async () => {
    await endGrant(parts, { ...replay(), grantId: 'unknown' })
    expect(await events('acme')).toEqual([])
  })
})
