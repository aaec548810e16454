/** The life cycle of signing keys: next → active → retired → removed. Pure. */
import { type SigningAlgorithm, signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import type { SigningKey } from '../ports/durable.ts'

export interface KeyPolicy {
  /** Active algorithms; keys of others retire. */
  readonly algorithms: readonly SigningAlgorithm[]
  /** How long a key signs; undefined: until rotated by an operator. */
  readonly rotateEverySeconds: number | undefined
  /** How long a key is published before it signs, so that cached key sets contain it. */
  readonly publishAheadSeconds: number
  /** How long a key is published after its last signature: as long as its tokens live. */
  readonly keepRetiredSeconds: number
}

export interface DueKeys {
  readonly remaining: readonly SigningKey[]
  readonly missing: readonly { readonly algorithm: SigningAlgorithm; readonly status: 'next' | 'active' }[]
}

/** The changes that are due: activation, removal, and a `next` key for each algorithm. */
export function dueKeys(keys: readonly SigningKey[], policy: KeyPolicy, now: Date): DueKeys {
  const each = signingAlgorithms.map((algorithm) => {
    const own = keys.filter((key) => key.algorithm === algorithm)
    return policy.algorithms.includes(algorithm) ? dueOf(algorithm, own, policy, now) : retireAll(own, policy, now)
  })
  return { remaining: each.flatMap(({ remaining }) => remaining), missing: each.flatMap(({ missing }) => missing) }
}

function dueOf(algorithm: SigningAlgorithm, keys: readonly SigningKey[], policy: KeyPolicy, now: Date): DueKeys {
  const rotated = isRotationDue(keys, policy, now) ? activateNextKeys(keys, now) : keys
  const remaining = rotated.filter((key) => !isOver(key, policy, now))
  const wanted = (['active', 'next'] as const).filter((status) => remaining.every((key) => key.status !== status))
  return { remaining, missing: wanted.map((status) => ({ algorithm, status })) }
}

/** Keys of algorithms no longer configured: published while their tokens live. */
function retireAll(keys: readonly SigningKey[], policy: KeyPolicy, now: Date): DueKeys {
  const signed = keys.filter(({ status }) => status !== 'next')
  const retiring = signed.map((key) => (key.status === 'active' ? retired(key, now) : key))
  return { remaining: retiring.filter((key) => !isOver(key, policy, now)), missing: [] }
}

function isRotationDue(keys: readonly SigningKey[], policy: KeyPolicy, now: Date): boolean {
  const next = keys.find(({ status }) => status === 'next')
  if (next === undefined) return false
  const active = keys.find(({ status }) => status === 'active')
  if (active?.activatedAt === undefined) return true
  if (policy.rotateEverySeconds === undefined) return false
  return (
    isPast(active.activatedAt, policy.rotateEverySeconds, now) &&
    isPast(next.createdAt, policy.publishAheadSeconds, now)
  )
}

/** Each algorithm's `next` key becomes active; the active one retires. */
export function activateNextKeys(keys: readonly SigningKey[], now: Date): readonly SigningKey[] {
  const followed = new Set(keys.filter(({ status }) => status === 'next').map(({ algorithm }) => algorithm))
  return keys.map((key) => {
    if (key.status === 'next') return { ...key, status: 'active', activatedAt: now }
    return key.status === 'active' && followed.has(key.algorithm) ? retired(key, now) : key
  })
}

export function retired(key: SigningKey, now: Date): SigningKey {
  return { ...key, status: 'retired', retiredAt: now }
}

/** When this key may become active without surprising cached key sets. */
export function activatableAt(next: Pick<SigningKey, 'createdAt'>, policy: KeyPolicy): Date {
  return after(next.createdAt, policy.publishAheadSeconds)
}

/** When this key changes its state next by itself. */
export function nextChangeAt(key: SigningKey, keys: readonly SigningKey[], policy: KeyPolicy): Date | undefined {
  if (key.status === 'retired') return key.retiredAt && after(key.retiredAt, policy.keepRetiredSeconds)
  const active = keys.find(({ algorithm, status }) => algorithm === key.algorithm && status === 'active')
  const next = keys.find(({ algorithm, status }) => algorithm === key.algorithm && status === 'next')
  if (policy.rotateEverySeconds === undefined || active?.activatedAt === undefined) return undefined
  const wanted = after(active.activatedAt, policy.rotateEverySeconds)
  const activatable = next === undefined ? wanted : activatableAt(next, policy)
  return activatable > wanted ? activatable : wanted
}

function isOver({ status, retiredAt }: SigningKey, { keepRetiredSeconds }: KeyPolicy, now: Date): boolean {
  return status === 'retired' && retiredAt !== undefined && isPast(retiredAt, keepRetiredSeconds, now)
}

function isPast(date: Date, seconds: number, now: Date): boolean {
  return after(date, seconds) <= now
}

function after(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000)
}
