/** Two processes on Redis and PostgreSQL share signing keys and ended sessions. */
import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { giveConsent } from '../../../src/broker/apps/consent.ts'
import { blockUser, usersNamed } from '../../../src/broker/identity/block-user.ts'
import { activateNextKeys } from '../../../src/broker/keys/key-lifecycle.ts'
import { updateKeys } from '../../../src/broker/keys/signing-keys.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { defaultSigningAlgorithms } from '../../../src/crypto/signing-algorithm.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { type LogoutReceiver, startLogoutReceiver } from '../../support/servers/logout-receiver.ts'
import { sharedPostgres, sharedRedis } from '../../support/servers/servers.ts'

let receiver: LogoutReceiver
let here: TestGatehouse
let there: TestGatehouse
beforeAll(async () => {
  receiver = await startLogoutReceiver()
  const uri = receiver.uri.replace('127.0.0.1', 'localhost')
  const app = `notes: { name: Notes, kind: single-page, redirectUris: ['https://app.test/'], tenants: all, backchannelLogoutUri: '${uri}' }`
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  here = await startTestGatehouse({ storage, settings: `apps:\n  ${app}\n` })
  there = await startTestGatehouse({ storage, settings: `apps:\n  ${app}\n`, okta: here.okta })
})
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()])
  await receiver.close()
})
beforeEach(() => {
  receiver.behave(200)
  receiver.tokens.splice(0)
})

const jwksOf = async (server: TestGatehouse): Promise<JSONWebKeySet> =>
  JSON.parse((await api(server, '/oauth2/jwks')).body)
const kidsOf = async (server: TestGatehouse) => (await jwksOf(server)).keys.map(({ kid }) => kid)
const statusOf = async (server: TestGatehouse, token: string) =>
  (await api(server, '/api/v1/session', {}, token)).status

async function letIn(
  email: string,
): Promise<{ token: string; session: Session; refreshToken: string; userId: string }> {
  const token = await tokenFor(here, email)
  const { parts } = here.core
  const { id } = JSON.parse((await api(here, '/api/v1/session', {}, token)).body)
  const session = await parts.sessions.find(id)
  if (session === null) throw new Error('no session')
  const [grantId, refreshToken] = [randomUUID(), randomUUID()]
  await giveConsent(parts, session, 'notes', ['openid', 'offline_access'])
  await parts.artifacts.put({
    model: 'RefreshToken',
    id: refreshToken,
    content: { grantId },
    seconds: 3600,
    grant: grantId,
  })
  await parts.sessionApps.put(session, 'notes', { sid: `sid of ${id}`, grantId })
  return { token, session, refreshToken, userId: session.userId }
}

describe('signing keys of two processes', () => {
  it('OP-49 are published alike with the next ones and without private parts', async () => {
    const [mine, theirs] = [await jwksOf(here), await jwksOf(there)]
    expect(mine.keys.map(({ kid }) => kid)).toEqual(theirs.keys.map(({ kid }) => kid))
    expect(mine.keys.map(({ alg }) => alg)).toEqual([...defaultSigningAlgorithms, ...defaultSigningAlgorithms])
    for (const key of mine.keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']))
  })

  it('SE-06 rotate in both when one rotates them, and the old ones stay published', async () => {
    const before = await kidsOf(here)
    const { keyRing, keyPolicy, parts } = here.core
    const keys = { store: parts.signingKeys, keyRing, policy: keyPolicy, now: parts.now }
    await updateKeys(keys, (stored) => activateNextKeys(stored, parts.now()))
    await Promise.all([here.core.keys.maintain(), there.core.keys.maintain()])
    await expect.poll(() => kidsOf(there), waitOptions).toEqual(await kidsOf(here))
    const after = await kidsOf(there)
    const count = defaultSigningAlgorithms.length
    expect(after.slice(0, count)).toEqual(before.slice(count, 2 * count))
    expect(after).toEqual(expect.arrayContaining(before))
  })
})

describe('a session ended in one process', () => {
  it('SE-05 has ended in the other, with offline access, and the app is notified once within a second', async () => {
    const { token, refreshToken, session } = await letIn('ada@mail.test')
    expect(await statusOf(there, token)).toBe(200)
    const [user] = await usersNamed(there.core.parts, 'acme', 'ada@mail.test')
    if (user === undefined) throw new Error('no user')
    await blockUser(there.core.parts, user, 'operator')
    expect(await statusOf(here, token)).toBe(401)
    expect(await here.core.parts.artifacts.find('RefreshToken', refreshToken)).toBeNull()

    await expect.poll(() => receiver.tokens.length, waitOptions).toBe(1)
    const jwks = createLocalJWKSet(await jwksOf(here))
    const { payload } = await jwtVerify(receiver.tokens[0] ?? '', jwks, { issuer: publicOrigin, audience: 'notes' })
    expect(payload).toMatchObject({ sub: user.id, sid: `sid of ${session.id}` })
    const [signing] = await kidsOf(here)
    expect(decodeProtectedHeader(receiver.tokens[0] ?? '').kid).toBe(signing)
  })

  it('is reported again by the first process that finds it due', async () => {
    const { token } = await letIn('bob@mail.test')
    receiver.behave(503)
    await api(here, '/api/v1/session', { method: 'DELETE' }, token)
    await expect.poll(() => receiver.tokens.length, waitOptions).toBe(1)
    receiver.behave(200)
    there.clock.forward(6) // the other one's clock says that it is due again
    await expect.poll(() => receiver.tokens.length, waitOptions).toBe(2)
  })

  it('is ended once by 50 requests at both, and its app is notified once', async () => {
    const { token, session } = await letIn('cyd@mail.test')
    const ends = Array.from({ length: 50 }, (_, turn) =>
      api(turn % 2 === 0 ? here : there, '/api/v1/session', { method: 'DELETE' }, token),
    )
    const statuses = (await Promise.all(ends)).map(({ status }) => status)
    expect(new Set(statuses)).not.toContain(500)
    expect(statuses).toContain(204)
    expect(await statusOf(there, token)).toBe(401)
    await expect.poll(() => receiver.tokens.length, waitOptions).toBeGreaterThan(0)
    const payloads = receiver.tokens.map((each) =>
      JSON.parse(Buffer.from(each.split('.')[1] ?? '', 'base64url').toString()),
    )
    expect(new Set(payloads.map(({ sid }) => sid))).toEqual(new Set([`sid of ${session.id}`]))
  })
})
