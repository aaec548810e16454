/** Records under one key in every volatile store: login transactions, codes, browsers. */
import { z } from 'zod'
import type { Browsers, OneTimeCodes, OneTimePurpose, Transactions } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { secretHash } from '../crypto/token.ts'
import { keys } from './keys.ts'
import { recordKind } from './sealed-json.ts'

export type KeyAndValue = readonly [key: string, value: Buffer]

/** Values, or fields with values, by key. A key expires as a whole; its operations are atomic. */
export interface Records {
  get(key: string): Promise<Buffer | null>
  /** Pairs, since V8 makes a new kind of object for each new name of a member. */
  put(values: readonly KeyAndValue[], seconds: number): Promise<void>
  /** True for the one caller that stores it. */
  putNew(key: string, value: Buffer, seconds: number): Promise<boolean>
  /** Removes a value that begins with `start`, and returns it to one caller. */
  take(key: string, start: Buffer): Promise<Buffer | null>
  /** Removes the value, or all fields. */
  remove(key: string): Promise<void>
  fields(key: string): Promise<Readonly<Record<string, Buffer>>>
  /** Returns how many fields the key has now. */
  putFields(key: string, fields: Readonly<Record<string, Buffer>>, seconds: number): Promise<number>
  removeFields(key: string, fields: readonly string[]): Promise<void>
  /** Returns all fields, and removes this one: one caller gets it. */
  takeField(key: string, field: string): Promise<Readonly<Record<string, Buffer>>>
}

export function browsersIn(records: Records, keyRing: KeyRing): Browsers {
  const contextOf = (id: string) => `browser ${id}`
  return {
    get: async (id) => {
      const sealed = await records.get(keys.browser(id))
      return (sealed && keyRing.open(sealed, contextOf(id))?.content.toString()) ?? null
    },
    put: (id, content, seconds) => records.put([[keys.browser(id), keyRing.seal(content, contextOf(id))]], seconds),
    remove: (id) => records.remove(keys.browser(id)),
  }
}

const storedCode = recordKind('one-time', z.object({ content: z.unknown() }))

export function codesIn(records: Records, keyRing: KeyRing): OneTimeCodes {
  /** The start of a record. Hashes contain no line end. */
  const startOf = (hash: string) => Buffer.from(`${hash}\n`)

  function open(purpose: OneTimePurpose, owner: string, hash: string, record: Buffer | null): unknown {
    const start = startOf(hash)
    if (!record?.subarray(0, start.length).equals(start)) return null
    return storedCode.open(keyRing, record.subarray(start.length), purpose, owner)?.content ?? null
  }

  const peek: OneTimeCodes['peek'] = async (purpose, owner, hash) =>
    open(purpose, owner, hash, await records.get(keys.code(purpose, owner)))

  return {
    put: async ({ purpose, owner, hash, content, seconds }) => {
      const sealed = storedCode.seal(keyRing, { content }, purpose, owner)
      await records.put([[keys.code(purpose, owner), Buffer.concat([startOf(hash), sealed])]], seconds)
    },
    peek,
    // the code is read after the lease, so a taken code is not found
    lease: async (purpose, owner, hash, seconds) => {
      const isLeased = await records.putNew(keys.codeLease(purpose, owner, hash), Buffer.alloc(0), seconds)
      return isLeased ? peek(purpose, owner, hash) : null
    },
    release: (purpose, owner, hash) => records.remove(keys.codeLease(purpose, owner, hash)),
    take: async (purpose, owner, hash) =>
      open(purpose, owner, hash, await records.take(keys.code(purpose, owner), startOf(hash))),
    find: async (purpose, owner) => {
      const record = await records.get(keys.code(purpose, owner))
      const end = record?.indexOf('\n') ?? -1
      if (record === null || end === -1) return null
      return storedCode.open(keyRing, record.subarray(end + 1), purpose, owner)?.content ?? null
    },
    forget: (purpose, owner) => records.remove(keys.code(purpose, owner)),
  }
}

const storedResume = recordKind(
  'login resume',
  z
    .object({
      reference: z.string(),
      tenant: z.string(),
      connection: z.string(),
      returnTo: z.string(),
      link: z.string().exactOptional(),
      linkToSession: z.string().exactOptional(),
      /** Former name of linkToSession. */
      addTo: z.string().exactOptional(),
      reauthentication: z.enum(['proven', 'asked']).exactOptional(),
      browser: z.string().exactOptional(),
    })
    .transform(({ addTo, ...resume }) => ({ ...(addTo !== undefined && { linkToSession: addTo }), ...resume })),
)

const storedCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  expected: z.string().exactOptional(),
  got: z.string().exactOptional(),
})

const storedStep = z.object({
  name: z.string(),
  atMs: z.number(),
  tookMs: z.number(),
  checks: z.array(storedCheck).readonly(),
  note: z.string().exactOptional(),
})

const storedTransaction = recordKind(
  'login transaction',
  z.object({
    browser: z.string(),
    memo: z.record(z.string(), z.unknown()),
    startedAt: z.coerce.date(),
    expiresAt: z.coerce.date(),
    steps: z.array(storedStep).readonly(),
    email: z.string().exactOptional(),
  }),
)

/**
 * A login transaction has two fields: the first `take` removes `fresh`, and `resume` outlives it.
 */
export function transactionsIn(records: Records, keyRing: KeyRing): Transactions {
  return {
    put: async ({ state, resume, ...transaction }, keepSeconds) => {
      const hash = secretHash(state)
      const fields = {
        resume: storedResume.seal(keyRing, { ...resume, browser: transaction.browser }, hash),
        fresh: storedTransaction.seal(keyRing, transaction, hash),
      }
      await records.putFields(keys.transaction(hash), fields, keepSeconds)
    },
    take: async (state) => {
      const hash = secretHash(state)
      const { resume: outliving = null, fresh = null } = await records.takeField(keys.transaction(hash), 'fresh')
      const stored = storedResume.open(keyRing, outliving, hash)
      if (stored === null) return null
      const { browser, ...resume } = stored
      const transaction = storedTransaction.open(keyRing, fresh, hash)
      if (transaction !== null) return { outcome: 'fresh', transaction: { state, resume, ...transaction } }
      return { outcome: 'used', resume, ...(browser !== undefined && { browser }) }
    },
  }
}
