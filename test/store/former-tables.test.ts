/** Files whose volatile rows an older release wrote, in a table for each kind. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, it } from 'vitest'
import type { VolatileStore } from '../../src/broker/ports/volatile.ts'
import { secretHash } from '../../src/crypto/token.ts'
import { blindKey } from '../../src/store/keys.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { keyRing, sampleSession, sampleTransaction } from '../support/store/samples.ts'

const now = () => new Date()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-former-'))
afterAll(() => rmSync(folder, { recursive: true }))

const session = sampleSession()
const user = blindKey(session.tenant, session.userId)
const endsAt = session.expiresAt.getTime()
const seal = (content: unknown, context: string) => keyRing.seal(JSON.stringify(content), context)

/** As an older release created them when it opened the file. */
const formerTables = {
  session_apps: 'session_id text not null, app_key text not null, sealed blob not null',
  session_successors: 'id text, successor text not null, since integer not null',
  user_grants: `user_key text not null, key text not null, grant_key text not null, sealed blob not null,
    session_ends_at integer not null`,
  login_transactions: 'hash text, fresh blob, resume blob not null',
  one_time_codes: 'key text, hash text not null, sealed blob not null',
  code_leases: 'key text',
  browsers: 'key text, sealed blob not null',
}

type Value = string | number | Buffer | null
type Insert = (table: keyof typeof formerTables, ...values: readonly Value[]) => void

/** Runs an older release on the file: it creates missing tables, and writes. */
function writeFormer(file: string, write: (insert: Insert) => void): void {
  const database = new DatabaseSync(file)
  for (const [table, columns] of Object.entries(formerTables))
    database.exec(`create table if not exists ${table} (${columns}, ends_at integer not null)`)
  write((table, ...values) => {
    const places = Array<string>(values.length + 1).fill('?')
    database.prepare(`insert into ${table} values (${places})`).run(...values, endsAt)
  })
  database.close()
}

async function withStore(file: string, use: (store: VolatileStore) => Promise<void>): Promise<void> {
  const { durable, volatile } = await openEmbedded({ file, keyRing, now })
  await use(volatile).finally(() => Promise.all([durable.close(), volatile.close()]))
}

function signIn(insert: Insert, sid: string): void {
  const [app, grant] = [blindKey('app'), blindKey('app', 'grant')]
  insert('session_apps', session.id, app, seal(['app', sid, 'grant'], `session app ${session.id} ${app}`))
  const sealed = seal(['app', 'grant', endsAt / 1000, ['okta']], `grant ${user} ${grant}`)
  insert('user_grants', user, grant, blindKey('grant'), sealed, endsAt)
}

it('keeps the apps of sessions and the grants of users, also when it is upgraded again after a rollback', async () => {
  const file = join(folder, 'grants.sqlite')
  for (const sid of ['first', 'second']) {
    writeFormer(file, (insert) => signIn(insert, sid))
    for (let opening = 0; opening < 2; opening += 1)
      await withStore(file, async ({ sessionApps }) => {
        expect(await sessionApps.of(session.id)).toEqual(new Map([['app', { sid, grantId: 'grant' }]]))
        expect(await sessionApps.grantsOf(session.tenant, session.userId)).toEqual(['grant'])
        expect(await sessionApps.grantsOfConnection(session.tenant, session.userId, 'google')).toEqual([])
      })
  }
})

it('opens a file that lacks some of the tables', async () => {
  const file = join(folder, 'few.sqlite')
  writeFormer(file, (insert) => signIn(insert, 'sid'))
  const database = new DatabaseSync(file)
  database.exec('drop table session_successors; drop table code_leases; drop table session_apps')
  database.close()
  await withStore(file, async ({ sessionApps }) => {
    expect(await sessionApps.grantsOf(session.tenant, session.userId)).toEqual(['grant'])
  })
})

it('keeps the successors of sessions, which move on at the next sign-in', async () => {
  const file = join(folder, 'successors.sqlite')
  const ids = Array.from({ length: 52 }, (_, age) => `predecessor${age}`)
  writeFormer(file, (insert) => {
    signIn(insert, 'sid')
    for (const [age, id] of ids.entries()) insert('session_successors', id, session.id, 1000 - age)
  })
  await withStore(file, async ({ sessions, sessionApps }) => {
    const followed = () => Promise.all([0, 1, 48, 49, 50].map((age) => sessionApps.successorOf(`predecessor${age}`)))
    const { id } = session
    expect(await followed()).toEqual([id, id, id, id, null])
    const next = sampleSession({ userId: session.userId, tenant: session.tenant })
    await sessions.put(next)
    await sessionApps.carryOver(session, next)
    expect(await sessionApps.successorOf(id)).toBe(next.id)
    // the oldest of 50 is dropped: it stays with the session before
    expect(await followed()).toEqual([next.id, next.id, next.id, id, null])
  })
})

it('keeps logins in progress, emailed codes with their leases, and browsers', async () => {
  const file = join(folder, 'logins.sqlite')
  const { state, resume, browser, memo, steps, startedAt, expiresAt } = sampleTransaction()
  const used = secretHash('used')
  writeFormer(file, (insert) => {
    const fresh = { browser, memo, steps, startedAt: startedAt.getTime(), expiresAt: expiresAt.getTime() }
    const hash = secretHash(state)
    const sealedResume = (of: string) => seal({ ...resume, browser }, `login resume ${of}`)
    insert('login_transactions', hash, seal(fresh, `login transaction ${hash}`), sealedResume(hash))
    insert('login_transactions', used, null, sealedResume(used))
    for (const owner of ['ada', 'bob']) {
      const sealed = seal({ content: { for: owner } }, `one-time reset ${owner}`)
      insert('one_time_codes', blindKey('reset', owner), secretHash(owner), sealed)
    }
    insert('code_leases', blindKey('reset', 'bob', secretHash('bob')))
    insert('browsers', blindKey('browser-id'), keyRing.seal('content', 'browser browser-id'))
  })
  await withStore(file, async ({ transactions, codes, browsers }) => {
    const transaction = { state, resume, browser, memo, steps, startedAt, expiresAt }
    expect(await transactions.take(state)).toEqual({ outcome: 'fresh', transaction })
    expect(await transactions.take('used')).toEqual({ outcome: 'used', resume, browser })
    expect(await codes.lease('reset', 'bob', secretHash('bob'), 60)).toBeNull()
    expect(await codes.take('reset', 'ada', secretHash('bob'))).toBeNull()
    expect(await codes.take('reset', 'ada', secretHash('ada'))).toEqual({ for: 'ada' })
    expect(await codes.take('reset', 'ada', secretHash('ada'))).toBeNull()
    expect(await browsers.get('browser-id')).toBe('content')
  })
})
