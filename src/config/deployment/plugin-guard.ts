/** Confines the faults of a plugin to its own logins, whose traces then name it. */
import { z } from 'zod'
import { GatehouseError } from '../../errors.ts'
import type { Connection, Health, Provider, Setup } from '../../provider/provider.ts'
import { guardedConnection, inTime, namedFault, usable, withPluginName } from './plugin-calls.ts'

/** Longer than a Passport strategy may take. */
const limitMs = 20_000

const problemsForm = z.array(z.object({ key: z.string(), message: z.string(), isWarning: z.boolean().optional() }))

/** @param name for traces: "the plugin ./github.ts" */
export function guardPlugin(provider: Provider, name: string, timeoutMs = limitMs): Provider {
  const { kind, brand, provesEmails, config: schema, load, read, inspect, recheckSeconds } = provider
  const calls = { name, timeoutMs }
  /** Why the plugin cannot parse or inspect a configuration. Logins with it fail. */
  const faults = new Map<unknown, string>()
  const fail = (config: unknown, fault: unknown): string => {
    const { message } = namedFault(name, fault)
    faults.set(config, message)
    return message
  }
  return {
    kind,
    brand,
    provesEmails,
    config: guardedSchema(schema, fail),
    ...(recheckSeconds && { recheckSeconds: recheckSecondsOf(provider, fail) }),
    setup: (config) => setupOf(provider, config),
    ...(load && { load: () => inTime(calls, async () => load.call(provider)) }),
    ...(read && { read: (captured, config) => withPluginName(calls, () => read.call(provider, captured, config)) }),
    inspect(config, now) {
      const fault = faults.get(config)
      if (fault !== undefined) return [problem(fault)]
      try {
        return inspect === undefined ? [] : usable(inspect.call(provider, config, now), problemsForm, 'problems')
      } catch (thrown) {
        return [problem(fail(config, thrown))]
      }
    },
    open(config, context) {
      const fault = faults.get(config)
      if (fault !== undefined) return failingConnection(fault)
      try {
        const connection = guardedConnection(provider.open(config, context), calls)
        return {
          ...connection,
          health: (...given) => connection.health(...given).catch(({ message }) => down(message)),
        }
      } catch (thrown) {
        return failingConnection(namedFault(name, thrown).message)
      }
    },
  }
}

const secondsForm = z.int().min(1).optional()

/** Undefined, and a fault, if the plugin throws or returns no number of seconds. */
function recheckSecondsOf(provider: Provider, fail: (config: unknown, fault: unknown) => string) {
  return (config: unknown): number | undefined => {
    try {
      return usable(provider.recheckSeconds?.(config), secondsForm, 'interval')
    } catch (fault) {
      fail(config, fault)
      return undefined
    }
  }
}

const setupForm = z.object({
  needs: z.string(),
  names: z.record(z.string(), z.string()),
  steps: z.array(
    z.object({
      text: z.string(),
      address: z.string().optional(),
      values: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    }),
  ),
  sendBack: z.array(z.string()),
})

/**
 * Undefined if the plugin throws or returns something else: the setup page then has our addresses.
 */
function setupOf(provider: Provider, config: unknown): Setup | undefined {
  try {
    return usable(provider.setup?.(config), setupForm.optional(), 'setup')
  } catch {
    return undefined
  }
}

/** A schema that throws gives an empty configuration instead; `fail` marks it. */
function guardedSchema(schema: z.ZodType, fail: (config: object, fault: unknown) => void): z.ZodType {
  const safeParse: z.ZodType['safeParse'] = (value, settings) => {
    try {
      return schema.safeParse(value, settings)
    } catch (fault) {
      const data = {}
      fail(data, fault)
      return { success: true, data }
    }
  }
  return Object.create(schema, { safeParse: { value: safeParse } })
}

/** Stands in for a kind that no usable plugin has. */
export function unloadedPlugin(kind: string, message: string): Provider {
  return {
    kind,
    brand: { name: kind },
    config: z.looseObject({}),
    inspect: () => [problem(message)],
    open: () => failingConnection(message),
  }
}

function failingConnection(message: string): Connection {
  const fail = async () => {
    throw new GatehouseError('plugin_failed', message)
  }
  return { begin: fail, complete: fail, health: async () => down(message) }
}

const problem = (message: string) => ({ key: 'kind', message })

const down = (detail: string): Health => ({
  status: 'down',
  checks: [{ name: 'plugin', ok: false, detail, fixer: 'operator' }],
})
