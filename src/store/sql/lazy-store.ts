/** A durable store whose code is loaded when a method is called. */
import type { DurableStore } from '../../broker/ports/durable.ts'

export type DurableParts = Omit<DurableStore, 'ping' | 'close'>

type Method = (...given: unknown[]) => unknown

const isMethod = (value: unknown): value is Method => typeof value === 'function'

/** Methods need no `this`. */
function methodOf(parts: DurableParts, name: keyof DurableParts, method: string): Method | undefined {
  const found: unknown = Reflect.get(parts[name], method)
  return isMethod(found) ? found : undefined
}

/**
 * @param load called by each method until it has succeeded once: it must return the same parts each
 * time
 */
export function lazyStore(load: () => Promise<DurableParts>): DurableParts {
  let loaded: DurableParts | undefined

  function lazyPart<Name extends keyof DurableParts>(name: Name): DurableParts[Name] {
    const get = (_: object, method: string | symbol) => {
      // `await` asks every object for `then`
      if (typeof method === 'symbol' || method === 'then') return undefined
      const known = loaded && methodOf(loaded, name, method)
      if (known !== undefined) return known
      return async (...given: unknown[]) => {
        loaded = await load()
        const found = methodOf(loaded, name, method)
        if (found === undefined) throw new TypeError(`${name} cannot ${method}`)
        return found(...given)
      }
    }
    return new Proxy({}, { get }) as DurableParts[Name]
  }
  return {
    users: lazyPart('users'),
    passwords: lazyPart('passwords'),
    traces: lazyPart('traces'),
    audit: lazyPart('audit'),
    outbox: lazyPart('outbox'),
    domainChecks: lazyPart('domainChecks'),
    trustedMetadata: lazyPart('trustedMetadata'),
    apiTokens: lazyPart('apiTokens'),
    apps: lazyPart('apps'),
    developerSecrets: lazyPart('developerSecrets'),
    appSignIns: lazyPart('appSignIns'),
    signInStatistics: lazyPart('signInStatistics'),
    consents: lazyPart('consents'),
    roleAssignments: lazyPart('roleAssignments'),
    signingKeys: lazyPart('signingKeys'),
    logouts: lazyPart('logouts'),
    publishedStates: lazyPart('publishedStates'),
    expiryAlerts: lazyPart('expiryAlerts'),
    authenticators: lazyPart('authenticators'),
    recoveryCodes: lazyPart('recoveryCodes'),
    rememberedDevices: lazyPart('rememberedDevices'),
    recoveries: lazyPart('recoveries'),
    undoLinks: lazyPart('undoLinks'),
    upstreamGrants: lazyPart('upstreamGrants'),
    userDeletions: lazyPart('userDeletions'),
  }
}
