/** A durable store whose code is loaded when a method is called. */
import type { DurableStore } from '../../broker/ports/durable.ts'

export type DurableParts = Omit<DurableStore, 'ping' | 'close'>

/** @param load called for each method call: it must return the same parts each time */
export function lazyStore(load: () => Promise<DurableParts>): DurableParts {
  function lazyPart<Name extends keyof DurableParts>(name: Name): DurableParts[Name] {
    const get = (_: object, method: string | symbol) => {
      // `await` asks every object for `then`
      if (typeof method === 'symbol' || method === 'then') return undefined
      return async (...given: unknown[]) => {
        const part = (await load())[name] as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
        if (part[method] === undefined) throw new TypeError(`${name} cannot ${method}`)
        return part[method](...given)
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
