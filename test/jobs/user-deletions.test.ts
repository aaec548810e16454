/** The job that deletes due users. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockUser } from '../../src/broker/identity/block-user.ts'
import { deleteDueUsers } from '../../src/jobs/user-deletions.ts'
import {
  type PartnerServer,
  signInByPassword,
  startPartnerServer,
  userOf,
} from '../support/gatehouse/partner-server.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let connections: PartnerServer
let server: TestGatehouse
beforeAll(async () => {
  connections = await startPartnerServer()
  server = connections.server
})
afterAll(() => connections.stop())

const newPerson = async (email: string) => userOf(await signInByPassword(server, email))

describe('a due deletion that fails', () => {
  it('holds up no other, also beyond a page of fifty', async () => {
    const { parts } = server.core
    const failing = new Set(Array.from({ length: 51 }, (_, index) => `failing${index}`))
    for (const userId of failing)
      await parts.userDeletions.put({ tenant: 'acme', userId, requestedAt: new Date(0), dueAt: new Date(0) })
    const { id } = await newPerson('bob@mail.test')
    const at = new Date()
    await parts.userDeletions.put({ tenant: 'acme', userId: id, requestedAt: at, dueAt: at })
    const userDeletions = {
      ...parts.userDeletions,
      erase: async (user: { readonly tenant: string; readonly userId: string }) => {
        if (failing.has(user.userId)) throw new Error('cannot be erased')
        return parts.userDeletions.erase(user)
      },
    }
    const warnings: object[] = []
    const log = { info: () => undefined, warn: (fields: object) => warnings.push(fields) }
    await deleteDueUsers({ ...parts, userDeletions, now: () => new Date() }, log)
    expect(await parts.users.find('acme', id)).toBeNull()
    expect(warnings).toHaveLength(51)
    await deleteDueUsers({ ...parts, now: () => new Date() }, log)
    expect(await parts.userDeletions.find({ tenant: 'acme', userId: 'failing0' })).toBeNull()
  })
})

describe('a user with a requested deletion', () => {
  const log = { info: () => undefined, warn: () => undefined }
  const canceled = async (user: string) =>
    (await server.core.parts.audit.recent({ tenant: 'acme', user, limit: 50 }))
      .filter(({ action }) => action === 'user.deletion_canceled')
      .map(({ actor }) => actor)

  it('stays blocked when an administrator blocks them, and is not deleted', async () => {
    const { parts } = server.core
    const { id } = await newPerson('carol@mail.test')
    await parts.userDeletions.put({ tenant: 'acme', userId: id, requestedAt: new Date(0), dueAt: new Date(1) })
    const user = (await parts.users.find('acme', id))!
    await blockUser(parts, user, 'cli')
    expect(await canceled(id)).toEqual(['cli'])
    await deleteDueUsers(parts, log)
    expect(await parts.users.find('acme', id)).toMatchObject({ status: 'blocked' })
  })

  it('is not deleted if the block and the request crossed', async () => {
    const { parts } = server.core
    const { id } = await newPerson('dave@mail.test')
    await blockUser(parts, (await parts.users.find('acme', id))!, 'cli')
    await parts.userDeletions.put({ tenant: 'acme', userId: id, requestedAt: new Date(0), dueAt: new Date(1) })
    await deleteDueUsers(parts, log)
    expect(await parts.users.find('acme', id)).toMatchObject({ status: 'blocked' })
    expect(await canceled(id)).toEqual(['system'])
  })
})
