/** How a contract suite opens the store under test. */
import type { DurableStore } from '../../src/broker/ports/durable.ts'
import type { VolatileStore } from '../../src/broker/ports/volatile.ts'
import type { KeyRing } from '../../src/crypto/keyring.ts'

/** Opens one more instance on the same storage, as another process would. */
export type OpenDurable = (options: { readonly keyRing: KeyRing }) => Promise<DurableStore>
export type OpenVolatile = (options: { readonly keyRing: KeyRing; readonly now: () => Date }) => Promise<VolatileStore>

/** Two instances on the same storage. */
export type BothDurables = readonly [DurableStore, DurableStore]
export type BothVolatiles = readonly [VolatileStore, VolatileStore]
