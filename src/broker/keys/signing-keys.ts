/**
 * The keys that sign ID tokens and JWT access tokens: per algorithm one `next`, one `active` and
 * several `retired`. `dueKeys` decides; the store lets one of several processes win.
 */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import type { KeyRing } from '../../crypto/keyring.ts'
import { type SigningAlgorithm, signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import { GatehouseError } from '../../errors.ts'
import { computedOnce } from '../../primitives/computed-once.ts'
import type { SigningKey, SigningKeys } from '../ports/durable.ts'
import { dueKeys, type KeyPolicy } from './key-lifecycle.ts'

/** A private key as a JWK. The publisher removes the private members. */
export type SigningJwk = JWK & { readonly kid: string; readonly alg: SigningAlgorithm; readonly use: 'sig' }

/** Active keys first, in the order of `signingAlgorithms`, then those only published. */
export interface KeySet {
  readonly keys: readonly SigningJwk[]
  readonly algorithms: readonly SigningAlgorithm[]
}

export interface OpenSigningKeys {
  // As last read; the first call creates missing keys. Throws `store_unavailable`.
  current(): Promise<KeySet>
  /** Called for each set that differs from the previous one, the first included. */
  onChange(listener: (keys: KeySet) => void): void
  // Syncs with other processes and applies due changes, every 30 s. Throws `store_unavailable`.
  maintain(): Promise<void>
}

export interface SigningKeyPorts {
  readonly store: SigningKeys
  readonly keyRing: KeyRing
  readonly policy: KeyPolicy
  readonly now: () => Date
}

export function openSigningKeys(ports: SigningKeyPorts): OpenSigningKeys {
  const listeners: ((keys: KeySet) => void)[] = []
  const opened = new Map<string, SigningJwk>()
  let latest: { readonly states: string; readonly keys: KeySet } | undefined
  let reading: Promise<KeySet> | undefined

  function read(): Promise<KeySet> {
    reading ??= updateKeys(ports)
      .then(take)
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  function take(stored: readonly SigningKey[]): KeySet {
    const states = stored
      .map(({ id, status }) => `${id} ${status}`)
      .sort() // keys of the same moment come in any order
      .join()
    if (latest?.states === states) return latest.keys
    const isActive = (algorithm: SigningAlgorithm) =>
      stored.some((key) => key.algorithm === algorithm && key.status === 'active')
    const keys = {
      keys: inSigningOrder(stored).map((key) => opened.get(key.id) ?? open(ports.keyRing, key)),
      algorithms: signingAlgorithms.filter(isActive),
    }
    opened.clear()
    for (const key of keys.keys) opened.set(key.kid, key)
    latest = { states, keys }
    for (const listener of listeners) listener(keys)
    return keys
  }

  return {
    current: async () => latest?.keys ?? read(),
    onChange: (listener) => void listeners.push(listener),
    maintain: async () => void (await read()),
  }
}

/** Applies `change` and due changes. `change` runs again after a concurrent update. */
export async function updateKeys(
  ports: SigningKeyPorts,
  change: (keys: readonly SigningKey[]) => readonly SigningKey[] = (keys) => keys,
): Promise<readonly SigningKey[]> {
  const { store, policy, now, keyRing } = ports
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = await store.all()
    const { remaining: stored, missing } = dueKeys(change(before), policy, now())
    const made = await Promise.all(
      missing.map(({ algorithm, status }) => createKeyPair(keyRing, algorithm, status, now())),
    )
    const after = [...stored.map((key) => resealWithNewestKey(keyRing, key)), ...made]
    if (isSame(before, after) || (await store.replace(before, after))) return after
  }
  throw new GatehouseError('server_busy', 'other processes keep changing the signing keys', { retryAfterSeconds: 1 })
}

const generate = promisify(generateKeyPair)
const rsa = () => generate('rsa', { modulusLength: 2048 })

const generators: Readonly<Record<SigningAlgorithm, () => Promise<{ readonly privateKey: KeyObject }>>> = {
  RS256: rsa,
  PS256: rsa,
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generate('ed25519', {}),
}

async function createKeyPair(keyRing: KeyRing, algorithm: SigningAlgorithm, status: 'next' | 'active', now: Date) {
  const { privateKey } = await generators[algorithm]()
  const jwk = await exportJWK(privateKey)
  const id = await calculateJwkThumbprint(jwk)
  // the CLI would read such an id as an option
  if (id.startsWith('-')) return createKeyPair(keyRing, algorithm, status, now)
  return {
    id,
    algorithm,
    status,
    sealed: keyRing.seal(JSON.stringify(jwk), contextOf(id)),
    createdAt: now,
    activatedAt: status === 'active' ? now : undefined,
    retiredAt: undefined,
  }
}

const contextOf = (id: string) => `signing key ${id}`

function open(keyRing: KeyRing, { id, algorithm, sealed }: SigningKey): SigningJwk {
  const opened = keyRing.open(sealed, contextOf(id))
  if (opened === null)
    throw new GatehouseError('internal', `signing key ${id} is sealed under a key that is not in the key ring any more`)
  const jwk: JWK = JSON.parse(opened.content.toString())
  return { ...jwk, kid: id, alg: algorithm, use: 'sig' }
}

/** Signing keys outlive other sealed data, so they are resealed for key ring rotation. */
function resealWithNewestKey(keyRing: KeyRing, key: SigningKey): SigningKey {
  const opened = keyRing.open(key.sealed, contextOf(key.id))
  return opened === null || opened.current ? key : { ...key, sealed: keyRing.seal(opened.content, contextOf(key.id)) }
}

function isSame(before: readonly SigningKey[], after: readonly SigningKey[]): boolean {
  return (
    before.length === after.length &&
    after.every((key) =>
      before.some(({ id, status, sealed }) => id === key.id && status === key.status && sealed === key.sealed),
    )
  )
}

const places: readonly SigningKey['status'][] = ['active', 'next', 'retired']

/** Active first: libraries take the first key that fits an algorithm. */
export function inSigningOrder(keys: readonly SigningKey[]): readonly SigningKey[] {
  const place = ({ status, algorithm }: SigningKey) =>
    places.indexOf(status) * signingAlgorithms.length + signingAlgorithms.indexOf(algorithm)
  return keys.toSorted((one, other) => place(one) - place(other))
}

/** Reading a JWK costs more than signing with it. */
export const privateKeyOf = computedOnce((jwk: SigningJwk) => createPrivateKey({ format: 'jwk', key: { ...jwk } }))
