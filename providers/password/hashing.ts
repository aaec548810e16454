/**
 * Argon2id in a bounded pool. Hashes take 19 MiB each, so few run at once, on threads of their own
 * with a low priority; a short queue waits, and further calls get `server_busy` at once (PW-05).
 */
import { availableParallelism } from 'node:os'
import { GatehouseError } from '../../src/errors.ts'
import { type ArgonParameters, type HashingThreads, hashingThreads } from './hashing-threads.ts'

export type HashingCost = Omit<ArgonParameters, 'outputLen'>

/** OWASP Password Storage Cheat Sheet: KiB of memory, passes, degree of parallelism. */
const recommendedCost: HashingCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Stands for the hash of an unknown email; no password matches. */
const dummyHash = ({ memoryCost, timeCost, parallelism }: HashingCost) =>
  `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$fSG7rsZO4uRUHDwJDnfIYw$1GdAUTOmhSgPvrRqqdYjUBSz+dqFPMG5dhh5sFpJ8s8`

export interface HashingLoad {
  readonly running: number
  readonly queued: number
  /** Maximum running and waiting. */
  readonly concurrency: number
  readonly queue: number
  /** Completed hashes and verifications since the start. */
  readonly finished: number
}

export interface Hashing {
  /** PHC string. Throws `server_busy` if the queue is full; aborting leaves the queue. */
  hash(password: string, signal?: AbortSignal): Promise<string>
  /** Takes the same time for null (unknown email) and invalid hashes, which are never true. */
  verify(hash: string | null, password: string, signal?: AbortSignal): Promise<boolean>
  /** Whether the hash cost less work than new ones. */
  needsRehash(hash: string): boolean
  load(): HashingLoad
}

let shared: Hashing | undefined

/** The hashing of this process, whose limit all connections share. */
export function defaultHashing(): Hashing {
  shared ??= openHashing({ concurrency: concurrencyFor(availableParallelism()), queue: 64 })
  return shared
}

/** Concurrent hashes: one per core except the event loop's, limited by their memory. */
export function concurrencyFor(cores: number): number {
  return Math.max(1, Math.min(cores - 1, maxThreads))
}

/** 19 MiB for each hash, and the heap of each thread. */
const maxThreads = 16

let threads: HashingThreads | undefined

export function openHashing(
  size: { readonly concurrency: number; readonly queue: number },
  cost = recommendedCost,
): Hashing {
  threads ??= hashingThreads()
  const { run } = threads
  const queued: (() => void)[] = []
  let running = 0
  let finished = 0

  async function inTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    if (running < size.concurrency) running += 1
    else await turn(signal)
    try {
      return await work()
    } finally {
      finished += 1
      const next = queued.shift()
      if (next === undefined) running -= 1
      else next() // handed over, so that a later caller cannot overtake
    }
  }

  function turn(signal: AbortSignal | undefined): Promise<void> {
    if (queued.length >= size.queue) {
      throw new GatehouseError('server_busy', 'the password hashing queue is full', { retryAfterSeconds: 2 })
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const release = () => {
      queued.splice(queued.indexOf(acquire), 1)
      reject(signal?.reason)
    }
    const acquire = () => {
      signal?.removeEventListener('abort', release)
      resolve()
    }
    queued.push(acquire)
    signal?.addEventListener('abort', release, { once: true })
    return promise
  }

  return {
    hash: (password, signal) => {
      const parameters = { ...cost, outputLen: 32 }
      return inTurn(signal, () => run({ kind: 'hash', password: bytesOf(password), parameters }))
    },
    verify: (hash, password, signal) =>
      inTurn(signal, async () => {
        const known = hash !== null && parametersOf(hash) !== null
        const matches = await run({ kind: 'verify', password: bytesOf(password), hash: known ? hash : dummyHash(cost) })
        return known && matches
      }),
    needsRehash: (hash) => workOf(hash) < cost.memoryCost * cost.timeCost,
    load: () => ({ running, queued: queued.length, ...size, finished }),
  }
}

function workOf(hash: string): number {
  const used = parametersOf(hash)
  return used === null ? 0 : used.memory * used.passes
}

/** UTF-8 bytes, so that all characters count, even NUL (PW-04). */
function bytesOf(password: string): Uint8Array {
  return Buffer.from(password, 'utf8')
}

// libraries order the parameters differently
const phc = /^\$argon2id\$v=19\$((?:[mtp]=\d{1,8},?){3})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$/

function parametersOf(hash: string): { readonly memory: number; readonly passes: number } | null {
  const found = new Map(
    phc
      .exec(hash)?.[1]
      ?.split(',')
      .map((each) => [each[0], Number(each.slice(2))]),
  )
  const memory = found.get('m')
  const passes = found.get('t')
  return memory === undefined || passes === undefined ? null : { memory, passes }
}
