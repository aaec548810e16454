/** Ports of which one call fails, as if the store had become unavailable. */
import type { CorePorts } from '../../../src/broker/ports/core-ports.ts'
import { GatehouseError } from '../../../src/errors.ts'

const stores = [
  'apiTokens',
  'apps',
  'artifacts',
  'audit',
  'authenticators',
  'codes',
  'consents',
  'developerSecrets',
  'logouts',
  'passwords',
  'recoveries',
  'rememberedDevices',
  'sessionApps',
  'sessions',
  'undoLinks',
  'upstreamGrants',
  'userDeletions',
  'users',
] as const satisfies readonly (keyof CorePorts)[]

export const failureMoments = ['before', 'after'] as const

/** If their answer is lost, they might as well have failed. */
const reads = /^(changedAt|due|find|grantsOf|hasUnlinked|identitiesOf|list|of|origin|ownedBy|peek|pendingOf|recent)/
/** Returns before it is written. */
const background = 'addLater'

/**
 * The call with this number fails, counted over all stores from 1. `before`: it does nothing;
 * `after`: it does its work, and the answer is lost; only writes count.
 */
export function failingAt(parts: CorePorts, number: number, moment: (typeof failureMoments)[number]) {
  let calls = 0
  const failing = <Store extends object>(storeName: string, store: Store): Store =>
    new Proxy(store, {
      get: (target, name) => {
        const method = Reflect.get(target, name)
        if (typeof method !== 'function' || name === background || (moment === 'after' && reads.test(String(name))))
          return method
        return async (...given: readonly unknown[]) => {
          calls += 1
          const isFailing = calls === number
          const call = async () => Reflect.apply(method, target, given)
          if (!isFailing) return call()
          if (moment === 'after') await call()
          throw new GatehouseError('store_unavailable', `call ${number} failed: ${storeName}.${String(name)}`)
        }
      },
    })
  const replaced = Object.fromEntries(stores.map((name) => [name, failing(name, parts[name])]))
  return { ports: { ...parts, ...replaced } as CorePorts, wasReached: () => calls >= number }
}
