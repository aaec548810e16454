/** What every durable store must do, whatever it is made of. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DurableStore, Mail, StoredTrustedMetadata } from '../../src/broker/ports/durable.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import {
  keyRing,
  sampleEmail,
  sampleKey,
  sampleTenant,
  sampleTrace,
  secondsFromNow,
  simultaneously,
} from '../support/store/samples.ts'
import { appRecordsContract } from './apps/app-records.ts'
import { appSearchContract } from './apps/app-search.ts'
import { appSignInsContract } from './apps/app-sign-ins.ts'
import { developerSecretsContract } from './apps/developer-secrets.ts'
import { logoutQueueContract } from './logout-queue.ts'
import type { OpenDurable } from './open-store.ts'
import { signInStatisticsContract } from './sign-ins/statistics.ts'
import { traceSearchContract } from './sign-ins/trace-search.ts'
import { signingKeysContract } from './signing-keys.ts'
import { apiTokenEndsContract } from './users/api-token-ends.ts'
import { apiTokensContract } from './users/api-tokens.ts'
import { authenticatorsContract } from './users/authenticators.ts'
import { publishedStatesContract } from './users/published-states.ts'
import { recoveriesContract } from './users/recoveries.ts'
import { roleAssignmentsContract } from './users/role-assignments.ts'
import { unlinkingContract } from './users/unlinking.ts'
import { upstreamGrantsContract } from './users/upstream-grants.ts'
import { userAccessContract } from './users/user-access.ts'
import { userDeletionsContract } from './users/user-deletions.ts'
import { userEmailsContract } from './users/user-emails.ts'
import { userSearchContract } from './users/user-search.ts'
import { usersContract } from './users/users.ts'

export function durableStoreContract(name: string, open: OpenDurable): void {
  describe(`${name} as a durable store`, () => {
    let store: DurableStore
    let both: readonly [DurableStore, DurableStore]

    beforeAll(async () => {
      store = await open({ keyRing })
      both = [store, await open({ keyRing })]
    })
    afterAll(async () => {
      await Promise.all(both.map((each) => each.close()))
    })

    it('returns when a password was last set', async () => {
      const [tenant, email] = [sampleTenant(), sampleEmail()]
      expect(await store.passwords.changedAt(tenant, email)).toBeNull()
      for (const at of [secondsFromNow(1), secondsFromNow(2)]) {
        await store.passwords.put(tenant, { subject: 'subject', email, hash: 'hash' }, at)
        expect(await both[1].passwords.changedAt(tenant, email)).toEqual(at)
      }
    })

    it('answers a ping', async () => {
      await store.ping()
    })

    it('returns null or nothing for unknown IDs', async () => {
      const tenant = sampleTenant()
      expect(await store.users.find(tenant, 'nobody')).toBeNull()
      expect(await store.users.findByIdentity(tenant, 'issuer', 'subject')).toBeNull()
      expect(await store.users.findByProvenEmail(tenant, 'a@example.test')).toEqual([])
      expect(await store.users.findByVerifiedEmail(tenant, 'a@example.test', 5)).toEqual([])
      expect(await store.users.identitiesOf(tenant, 'nobody')).toEqual([])
      expect(await store.passwords.find(tenant, 'a@example.test')).toBeNull()
      expect(await store.traces.find('unknown')).toBeNull()
      expect(await store.traces.search({ tenant, limit: 5 })).toEqual([])
      expect(await store.audit.recent({ tenant, limit: 5 })).toEqual([])
      expect(await store.users.findById('nobody')).toBeNull()
      expect(await store.users.setStatus(tenant, 'nobody', 'blocked')).toBe(false)
      expect(await store.apps.find('unknown')).toBeNull()
      expect(await store.apps.findBySecret('unknown')).toBeNull()
      expect(await store.apps.ownedBy(tenant, 'nobody')).toEqual([])
      expect(await store.apps.usesOf('unknown')).toEqual(new Map())
      expect(await store.apps.remove('unknown')).toBe(false)
      expect(await store.consents.find(tenant, 'nobody', 'unknown')).toBeNull()
      expect(await store.consents.ofUser(tenant, 'nobody')).toEqual([])
      expect(await store.consents.revoke(tenant, 'nobody', 'unknown')).toBe(false)
    })

    describe('domain checks', () => {
      it('returns the newest check of each domain and tenant, from any process', async () => {
        const tenant = sampleTenant()
        const mine = async () => (await both[1].domainChecks.all()).filter((check) => check.tenant === tenant)
        const at = (seconds: number) => secondsFromNow(seconds)
        const found = { tenant, domain: 'a.test', outcome: 'proven', checkedAt: at(0), provenAt: at(0) } as const
        const other = { ...found, domain: 'b.test', outcome: 'missing', provenAt: undefined } as const
        await store.domainChecks.put(other)
        await store.domainChecks.put(found)
        expect(await mine()).toEqual([found, other])
        const inTheFuture = { ...found, outcome: 'unanswered', checkedAt: at(60) } as const
        await store.domainChecks.put(inTheFuture)
        // came late
        await store.domainChecks.put({ ...found, outcome: 'missing', provenAt: undefined })
        expect(await mine()).toEqual([inTheFuture, other])
      })
    })

    describe('trusted metadata', () => {
      const sample = (changes: Partial<StoredTrustedMetadata> = {}): StoredTrustedMetadata => ({
        tenant: sampleTenant(),
        connection: 'staff',
        issuer: 'https://idp.test',
        source: 'https://idp.test/metadata',
        content: '{"keys":[]}',
        ...changes,
      })
      const now = new Date()

      it('SA-87 stores the first metadata, and replaces it only for a caller with the stored version', async () => {
        const first = sample()
        const { tenant } = first
        const other = sample({ tenant, connection: 'partner' })
        expect(await store.trustedMetadata.ofTenant(tenant)).toEqual([])
        expect(await store.trustedMetadata.replace(first, null, now)).toBe(true)
        expect(await both[1].trustedMetadata.replace({ ...first, content: 'late' }, null, now)).toBe(false)
        expect(await store.trustedMetadata.replace(other, null, now)).toBe(true)
        expect(await both[1].trustedMetadata.ofTenant(tenant)).toEqual([other, first])
        const next = { ...first, content: 'next' }
        expect(await both[1].trustedMetadata.replace(next, first, now)).toBe(true)
        expect(await store.trustedMetadata.replace({ ...first, content: 'late' }, first, now)).toBe(false)
        expect(await store.trustedMetadata.ofTenant(tenant)).toEqual([other, next])
        expect(await store.trustedMetadata.ofTenant(sampleTenant())).toEqual([])
      })

      it('SA-87 stores the metadata of one of 20 concurrent callers', async () => {
        const first = sample()
        const outcomes = await simultaneously(both, 20, (each, turn) =>
          each.trustedMetadata.replace({ ...first, content: `${turn}` }, null, now),
        )
        expect(outcomes.filter((written) => written)).toHaveLength(1)
      })
    })

    describe('passwords', () => {
      it('keeps the subject of an email and replaces the hash', async () => {
        const tenant = sampleTenant()
        const email = sampleEmail()
        const first = await store.passwords.put(tenant, { subject: 's1', email, name: 'Zoë', hash: 'h1' }, new Date())
        const second = await store.passwords.put(tenant, { subject: 's2', email, hash: 'h2' }, new Date())
        expect([first, second]).toEqual(['s1', 's1'])
        expect(await store.passwords.find(tenant, email)).toEqual({ subject: 's1', email, name: 'Zoë', hash: 'h2' })
        expect(await store.passwords.find(sampleTenant(), email)).toBeNull()
      })

      it('assigns one subject to concurrent callers that set a password for one email', async () => {
        const tenant = sampleTenant()
        const email = sampleEmail()
        const subjects = await simultaneously(both, 20, (each, turn) =>
          each.passwords.put(tenant, { subject: `s${turn}`, email, hash: 'h' }, new Date()),
        )
        expect(new Set(subjects).size).toBe(1)
      })

      it('removes a password; a new one for that email has another subject', async () => {
        const [tenant, email] = [sampleTenant(), sampleEmail()]
        await store.passwords.put(tenant, { subject: 'old', email, hash: 'h' }, new Date())
        await store.passwords.remove(sampleTenant(), 'old')
        await store.passwords.remove(tenant, 'another')
        expect(await store.passwords.find(tenant, email)).not.toBeNull()
        await store.passwords.remove(tenant, 'old')
        expect(await store.passwords.find(tenant, email)).toBeNull()
        expect(await store.passwords.put(tenant, { subject: 'new', email, hash: 'h' }, new Date())).toBe('new')
      })

      it('keeps a reset when a rehash is late', async () => {
        const tenant = sampleTenant()
        const email = sampleEmail()
        await store.passwords.put(tenant, { subject: 's', email, hash: 'reset' }, new Date())
        await store.passwords.rehash(tenant, 's', 'before', 'rehashed')
        expect((await store.passwords.find(tenant, email))?.hash).toBe('reset')
        await store.passwords.rehash(tenant, 's', 'reset', 'rehashed')
        expect((await store.passwords.find(tenant, email))?.hash).toBe('rehashed')
      })
    })

    it('stores traces, replaces them by reference, lists the newest first and deletes old ones', async () => {
      const tenant = sampleTenant()
      const old = sampleTrace({ tenant, startedAt: new Date(1000) })
      const recent = sampleTrace({ tenant })
      await store.traces.put(old)
      await store.traces.put(recent)
      const closed = { ...recent, outcome: 'refused', code: 'user_denied', fixer: 'user', userId: 'u' } as const
      await store.traces.put(closed)
      expect(await store.traces.find(recent.reference)).toEqual(closed)
      expect(await store.traces.search({ tenant, limit: 5 })).toEqual([closed, old])
      expect(await store.traces.search({ tenant, limit: 1 })).toEqual([closed])
      expect((await store.traces.search({ limit: 100 })).length).toBeGreaterThanOrEqual(2)
      expect(await store.traces.forgetBefore(new Date(2000), 10)).toBe(1)
      expect(await store.traces.find(old.reference)).toBeNull()
    })

    it('deletes traces from the oldest on, at most as many as asked', async () => {
      const tenant = sampleTenant()
      const traces = [3, 1, 2, 9].map((ms) => sampleTrace({ tenant, startedAt: new Date(ms) }))
      const [, oldest, second, kept] = traces
      await both[0].traces.putAll(traces)
      const forget = (limit: number) => both[0].traces.forgetBefore(new Date(5), limit)
      expect(await forget(1)).toBe(1)
      expect(await both[0].traces.find(oldest?.reference ?? '')).toBeNull()
      expect(await both[0].traces.find(second?.reference ?? '')).toEqual(second)
      expect([await forget(500), await forget(500)]).toEqual([2, 0])
      expect(await both[0].traces.search({ tenant, limit: 5 })).toEqual([kept])
    })

    describe('outbox', () => {
      const mail: Mail = { to: 'zoe@example.test', subject: 'Hello', text: 'a link', html: '<p>a link</p>' }
      // emails of the far past: each test claims only its own
      let past = 1_000_000
      const nextPast = () => {
        past += 1_000_000
        return new Date(past)
      }

      it('leases each email to one of many concurrent callers', async () => {
        const now = nextPast()
        await Promise.all(Array.from({ length: 10 }, () => store.outbox.add([mail], now)))
        const claims = (await simultaneously(both, 20, (each) => each.outbox.claim(now, secondsFromNow(60), 3))).flat()
        const more = await store.outbox.claim(now, secondsFromNow(60), 10)
        const ids = [...claims, ...more].map(({ id }) => id)
        expect(new Set(ids).size).toBe(10)
        expect(ids).toHaveLength(10)
        expect(claims[0]).toEqual({ id: claims[0]?.id, content: mail, attempts: 0 })
        await Promise.all(ids.map((id) => store.outbox.sent(id)))
      })

      it('returns an email again when its lease expires or a retry is due, and counts the attempts', async () => {
        const now = nextPast()
        await store.outbox.add([mail], now)
        const inTheFuture = new Date(now.getTime() + 1000)
        expect((await store.outbox.claim(now, inTheFuture, 1))[0]?.attempts).toBe(0)
        expect(await store.outbox.claim(now, inTheFuture, 1)).toEqual([])
        const [again] = await store.outbox.claim(inTheFuture, secondsFromNow(60), 1)
        expect(again?.attempts).toBe(1)
        await store.outbox.retry(again!.id, now)
        expect((await store.outbox.claim(now, inTheFuture, 1))[0]?.attempts).toBe(2)
        await store.outbox.sent(again!.id)
        expect(await store.outbox.claim(inTheFuture, inTheFuture, 1)).toEqual([])
      })

      it('SE-06 opens an email sealed under an older key, and keeps one whose key is missing', async () => {
        const now = nextPast()
        const older = sampleKey()
        const writer = await open({ keyRing: new KeyRing([older]) })
        const reader = await open({ keyRing: new KeyRing([sampleKey(), older]) })
        const stranger = await open({ keyRing: new KeyRing([sampleKey()]) })
        await writer.outbox.add([mail], now)
        expect(await stranger.outbox.claim(now, now, 5)).toEqual([])
        const [found] = await reader.outbox.claim(now, now, 5)
        expect(found?.content).toEqual(mail)
        await reader.outbox.sent(found!.id)
        await Promise.all([writer, reader, stranger].map((each) => each.close()))
      })
    })

    apiTokensContract(() => both)
    apiTokenEndsContract(() => both)
    appRecordsContract(() => both)
    developerSecretsContract(() => both)
    appSignInsContract(() => both)
    traceSearchContract(() => both)
    signInStatisticsContract(() => both)
    usersContract(() => both)
    userEmailsContract(() => both)
    userSearchContract(() => both)
    appSearchContract(() => both)
    unlinkingContract(() => both)
    userAccessContract(() => both)
    authenticatorsContract(() => both)
    recoveriesContract(() => both)
    upstreamGrantsContract(() => both)
    userDeletionsContract(() => both)
    roleAssignmentsContract(() => both)
    publishedStatesContract(() => both)
    signingKeysContract(() => both)
    logoutQueueContract(() => both, open)

    it('may be closed twice', async () => {
      const another = await open({ keyRing })
      await another.ping()
      await another.close()
      await another.close()
    })
  })
}
