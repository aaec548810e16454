import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { migrations } from '../../src/store/sql/migrations/migrations.ts'
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts'
import { type EmbeddedStores, migrateEmbedded, openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { openFile } from '../../src/store/sqlite/file.ts'
import type { OpenDurable } from '../contract/open-store.ts'
import { auditContract, durableStoreContract, volatileStoreContract } from '../contract/store.ts'
import {
  expectUnavailable,
  keyRing,
  sampleEmail,
  sampleIdentity,
  sampleKey,
  sampleProfile,
  sampleSession,
  sampleTransaction,
  sampleUser,
} from '../support/store/samples.ts'

const now = () => new Date()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sqlite-'))
const file = join(folder, 'new', 'gatehouse.sqlite')
afterEach(() => void vi.useRealTimers())
afterAll(() => rmSync(folder, { recursive: true }))

const closeBoth = async ({ durable, volatile }: EmbeddedStores) => {
  await durable.close()
  await volatile.close()
}

const openDurable: OpenDurable = async ({ keyRing }) => {
  const stores = await openEmbedded({ file, keyRing, now })
  return { ...stores.durable, close: () => closeBoth(stores) }
}
durableStoreContract('the embedded file', openDurable)

auditContract('the embedded file', openDurable, async (statement) => {
  const database = new DatabaseSync(file)
  try {
    database.exec(statement)
  } finally {
    database.close()
  }
})

volatileStoreContract('the embedded file', async (options) => {
  const stores = await openEmbedded({ file, ...options })
  return { ...stores.volatile, close: () => closeBoth(stores) }
})

describe('the embedded file', () => {
  it('is readable by its owner only, like the directory created for it', async () => {
    const own = join(folder, 'mode', 'deep', 'gatehouse.sqlite')
    const stores = await openEmbedded({ file: own, keyRing, now })
    await stores.volatile.sessions.put(sampleSession())
    for (const name of readdirSync(join(own, '..'))) {
      expect(statSync(join(own, '..', name)).mode & 0o777).toBe(0o600)
    }
    expect(statSync(join(own, '..')).mode & 0o777).toBe(0o700)
    await closeBoth(stores)
  })

  it('is migrated once, by `gatehouse migrate` or when it is opened', async () => {
    const own = join(folder, 'migrated.sqlite')
    expect(await migrateEmbedded({ file: own })).toEqual(Object.keys(migrations))
    expect(await migrateEmbedded({ file: own })).toEqual([])
    await closeBoth(await openEmbedded({ file: own, keyRing, now }))
  })

  it('finds users from before the migration by their verified email', async () => {
    const own = join(folder, 'older.sqlite')
    const [older, proven] = [sampleUser({ emailProven: false }), sampleUser()]
    const unverified = { email: { address: sampleEmail(), verified: false } }
    const opened = await openFile(own)
    const db = new Kysely<never>({ dialect: sqliteDialect(opened) })
    const former = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0006'))
    await new Migrator({ db, provider: { getMigrations: async () => former } }).migrateToLatest()
    for (const user of [older, proven, sampleUser({ emailProven: false, profile: unverified })])
      opened.database
        .prepare('insert into users values (?, ?, ?, ?, null, ?, 1)')
        .run(user.tenant, user.id, user.status, JSON.stringify(user.profile), Number(user.emailProven))
    await db.destroy()
    opened.database.close()

    expect(await migrateEmbedded({ file: own })).toEqual(Object.keys(migrations).slice(5))
    const again = await openEmbedded({ file: own, keyRing, now })
    const found = (user: typeof older) =>
      again.durable.users.findByVerifiedEmail(user.tenant, user.profile.email?.address ?? '', 5)
    expect((await found(older)).map(({ id }) => id)).toEqual([older.id])
    expect(await found(proven)).toEqual([])
    expect(await again.durable.users.findByVerifiedEmail(older.tenant, unverified.email.address, 5)).toEqual([])
    await closeBoth(again)
  })

  it('reports in one sentence why it cannot be opened', async () => {
    const broken = join(folder, 'broken.sqlite')
    writeFileSync(broken, 'this is no database, but it is long enough to be looked at '.repeat(20))
    mkdirSync(join(folder, 'directory.sqlite'))
    for (const each of [broken, join(folder, 'directory.sqlite'), join(broken, 'below')]) {
      await expect(openEmbedded({ file: each, keyRing, now })).rejects.toMatchObject({
        code: 'store_unavailable',
        message: expect.stringContaining(`cannot open the storage file ${each}: `),
      })
    }
  })

  it('serves one store after the other is closed', async () => {
    const stores = await openEmbedded({ file: join(folder, 'half.sqlite'), keyRing, now })
    await stores.volatile.close()
    await stores.volatile.close()
    await stores.durable.ping()
    await stores.durable.close()
    await expectUnavailable(() => stores.durable.ping())
    await expectUnavailable(() => stores.volatile.sessions.find('id'))
  })

  it('keeps volatile writes out of transactions that are rolled back', async () => {
    const stores = await openEmbedded({ file, keyRing, now })
    const user = sampleUser({ tenant: 'mixed', emailProven: false })
    await stores.durable.users.create(user, sampleIdentity())
    const sessions = Array.from({ length: 50 }, () => sampleSession())
    const failing = sessions.map(() => stores.durable.users.create(user, sampleIdentity()).catch(() => 'rolled back'))
    const puts = sessions.map((session) => stores.volatile.sessions.put(session))
    expect(new Set(await Promise.all(failing))).toEqual(new Set(['rolled back']))
    await Promise.all(puts)
    for (const session of sessions) expect(await stores.volatile.sessions.find(session.id)).toEqual(session)
    await closeBoth(stores)
  })

  it('LK-03 contains no tokens, states, codes, email addresses and profiles in volatile tables', async () => {
    const own = join(folder, 'dump', 'gatehouse.sqlite')
    const { durable, volatile } = await openEmbedded({ file: own, keyRing, now })
    const [transaction, owner] = [sampleTransaction(), sampleEmail()]
    const session = sampleSession()
    await volatile.sessions.put(session)
    await volatile.artifacts.put({
      model: 'RefreshToken',
      id: 'token-value',
      content: { email: 'canary-content' },
      seconds: 60,
      grant: 'canary-grant',
    })
    await volatile.sessionApps.put(session, 'canary-app', { sid: 'canary-sid', grantId: 'canary-grant' })
    await durable.logouts.add([{ appId: 'canary-app', subject: 'canary-subject', sid: 'canary-sid' }], now())
    await volatile.transactions.put(transaction, 60)
    await volatile.codes.put({
      purpose: 'sign-up',
      owner,
      hash: 'hash',
      content: { newEmail: 'content@example.test' },
      seconds: 60,
    })
    await volatile.counters.hit(`login ${owner}`, 60)
    await volatile.browsers.put('browser-id', 'browser content', 60)
    await durable.outbox.add(
      [{ to: owner, subject: 'canary-mail-subject', text: 'canary-mail-text', html: 'email html' }],
      now(),
    )
    const dump = readdirSync(join(own, '..')).map((name) => readFileSync(join(own, '..', name), 'latin1'))
    const readable = [sampleProfile.name, sampleProfile.pictureUrl, sampleProfile.zoneinfo].map(String)
    const secrets = [transaction.state, 'memo-verifier', owner, 'content@example.test', 'browser-id', 'browser content']
    const ofApps = ['token-value', 'canary-content', 'canary-grant', 'canary-app', 'canary-sid', 'canary-subject']
    for (const secret of [...readable, ...secrets, ...ofApps, 'canary-mail-subject', 'canary-mail-text']) {
      expect(dump.join('').includes(secret)).toBe(false)
    }
    await Promise.all([durable.close(), volatile.close()])
  })

  it('FT-06 treats foreign volatile rows as absent', async () => {
    const own = join(folder, 'garbage.sqlite')
    const stores = await openEmbedded({ file: own, keyRing, now })
    const { volatile } = stores
    const [session, transaction] = [sampleSession(), sampleTransaction()]
    await volatile.sessions.put(session)
    await volatile.transactions.put(transaction, 60)
    await volatile.codes.put({ purpose: 'reset', owner: 'owner', hash: 'hash', content: 'content', seconds: 60 })
    await volatile.browsers.put('id', 'content', 60)
    await volatile.artifacts.put({ model: 'AccessToken', id: 'id', content: {}, seconds: 60 })
    await volatile.sessionApps.put(session, 'app', { sid: 'sid', grantId: 'grant' })
    const raw = new DatabaseSync(own)
    raw.exec(`update sessions set sealed = 'text'; update artifacts set sealed = 'text';
      update records set value = x'0102'; update records set value = 5 where key < 'gth:c'`)
    raw.close()
    expect(await volatile.sessions.find(session.id)).toBeNull()
    expect(await volatile.sessions.list('demo', session.userId)).toEqual([])
    expect(await volatile.transactions.take(transaction.state)).toBeNull()
    expect(await volatile.codes.take('reset', 'owner', 'hash')).toBeNull()
    expect(await volatile.browsers.get('id')).toBeNull()
    expect(await volatile.artifacts.find('AccessToken', 'id')).toBeNull()
    expect((await volatile.sessionApps.of(session.id)).size).toBe(0)
    expect(await volatile.sessionApps.grantsOf('demo', session.userId)).toEqual([])
    await closeBoth(stores)
  })

  it('deletes expired rows', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const own = join(folder, 'purged.sqlite')
    const stores = await openEmbedded({ file: own, keyRing, now: () => new Date(Date.now() + 31 * 86_400_000) })
    await stores.volatile.sessions.put(sampleSession())
    vi.advanceTimersByTime(60_000)
    vi.useRealTimers()
    await stores.volatile.ping() // whose turn is after the purge
    const raw = new DatabaseSync(own)
    expect(raw.prepare('select count(*) as count from sessions').get()).toEqual({ count: 0 })
    raw.close()
    await closeBoth(stores)
  })

  it('FT-10 fails with store_unavailable within a second while another process locks it, and works afterwards', async () => {
    const own = join(folder, 'held.sqlite')
    const stores = await openEmbedded({ file: own, keyRing, now })
    const other = new DatabaseSync(own)
    other.exec('begin immediate')
    await Promise.all([
      ...Array.from({ length: 10 }, () => expectUnavailable(() => stores.volatile.sessions.put(sampleSession()))),
      ...Array.from({ length: 10 }, () =>
        expectUnavailable(() => stores.durable.users.create(sampleUser(), sampleIdentity())),
      ),
    ])
    expect(await stores.volatile.sessions.find('readers go on')).toBeNull()
    other.exec('rollback')
    other.close()
    expect(await stores.volatile.sessions.put(sampleSession())).toBe(true)
    await closeBoth(stores)
  })
})

describe('several processes on one embedded file', () => {
  const write = (own: string, key: Buffer, label: string, max: number) =>
    spawn(
      process.execPath,
      [join(import.meta.dirname, '../support/servers/sqlite-writer.ts'), own, key.toString('hex'), label, `${max}`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )

  it('lose no write of each other, also when they create it concurrently', async () => {
    const [own, key] = [join(folder, 'shared', 'gatehouse.sqlite'), sampleKey()]
    const writers = ['one', 'two'].map((label) => write(own, key, label, 50))
    const written = (await Promise.all(writers.map((writer) => text(writer.stdout)))).join('').trim().split('\n')
    expect(written).toHaveLength(100)
    await expectAllThere(own, key, written)
  })

  it('FT-26 keep every acknowledged row through kill -9', async () => {
    const [own, key] = [join(folder, 'killed.sqlite'), sampleKey()]
    for (const label of ['first', 'second', 'third']) {
      const writer = write(own, key, label, 100_000)
      let written = ''
      writer.stdout.on('data', (chunk) => {
        written += chunk
        if (written.length > 400) writer.kill('SIGKILL')
      })
      await once(writer, 'close')
      expect(writer.signalCode).toBe('SIGKILL')
      const lines = written.split('\n').slice(0, -1) // the last may be cut short
      await expectAllThere(own, key, lines)
    }
  })

  async function expectAllThere(own: string, key: Buffer, ids: readonly string[]): Promise<void> {
    const stores = await openEmbedded({ file: own, keyRing: new KeyRing([key]), now })
    for (const id of ids) {
      expect(await stores.durable.users.find('written', id)).not.toBeNull()
      expect(await stores.durable.users.identitiesOf('written', id)).toHaveLength(1)
      expect(await stores.volatile.browsers.get(id)).not.toBeNull()
    }
    await closeBoth(stores)
  }
})
