/** The state of the signing keys for an operator: no key material. */
import { type ChangeKeysPorts, knownToAppsAt } from '../../../broker/keys/change-keys.ts'
import type { KeyFetch } from '../../../broker/keys/key-fetches.ts'
import { type KeyPolicy, nextChangeAt } from '../../../broker/keys/key-lifecycle.ts'
import { inSigningOrder, updateKeys } from '../../../broker/keys/signing-keys.ts'
import type { SigningKey } from '../../../broker/ports/durable.ts'
import type { Shell } from '../../shell.ts'

export type KeyState = Omit<SigningKey, 'sealed'> & {
  /** When it changes its state by itself. Undefined: when an operator rotates. */
  readonly changesAt: Date | undefined
}

export interface KeyStates {
  /** Active first, then next, then retired. */
  readonly keys: readonly KeyState[]
  /**
   * Time from which every app that refreshes in time knows the next keys. Undefined: there are
   * none.
   */
  readonly rotatableAt: Date | undefined
  /** The latest first. */
  readonly fetches: readonly KeyFetch[]
  /** How many encryption keys the ring has. */
  readonly ringKeys: number
}

type KeyShell = Pick<Shell, 'parts' | 'keyRing' | 'keyPolicy' | 'keyFetches'>

export function keyPortsOf({ parts, keyRing, keyPolicy }: KeyShell): ChangeKeysPorts {
  return { store: parts.signingKeys, keyRing, policy: keyPolicy, now: parts.now, audit: parts.audit }
}

export async function readKeyStates(shell: KeyShell): Promise<KeyStates> {
  const ports = keyPortsOf(shell)
  const [keys, fetches] = await Promise.all([updateKeys(ports), shell.keyFetches.all()])
  return {
    keys: keyStatesOf(keys, shell.keyPolicy),
    rotatableAt: knownToAppsAt(keys, ports),
    fetches,
    ringKeys: shell.keyRing.size,
  }
}

/** Pure. */
export function keyStatesOf(keys: readonly SigningKey[], policy: KeyPolicy): readonly KeyState[] {
  return inSigningOrder(keys).map((key) => {
    const { sealed: _, ...state } = key
    return { ...state, changesAt: nextChangeAt(key, keys, policy) }
  })
}

export type Knowledge = 'all keys' | 'no next key' | 'no active key'

/**
 * Keys that a client knows if it last fetched them at this time: a set contains the keys published
 * before.
 */
export function knowledgeOf(lastAt: Date, keys: readonly KeyState[]): Knowledge {
  const lacks = (status: SigningKey['status']) => keys.some((key) => key.status === status && key.createdAt > lastAt)
  if (lacks('active')) return 'no active key'
  return lacks('next') ? 'no next key' : 'all keys'
}
