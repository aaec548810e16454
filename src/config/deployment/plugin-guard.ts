/** Confines the faults of a plugin to its own logins, whose traces then name it. */
import { z } from 'zod'
import { GatehouseError } from '../../errors.ts'
import type { Connection, Health, Provider } from '../../provider/provider.ts'

/** Longer than a Passport strategy may take. */
const limitMs = 20_000

const memo = z.record(z.string(), z.unknown())
const url = z.instanceof(URL).refine(({ protocol }) => /^https?:$/.test(protocol))
const challengeForm = z.discriminatedUnion('step', [
  z.object({ step: z.literal('redirect'), url, memo }),
  z.object({ step: z.literal('post'), url, memo, fields: z.record(z.string(), z.string()) }),
  z.object({ step: z.literal('ask'), memo, fields: z.array(z.string()) }),
])
const loginForm = z.object({
  identity: z.object({
    issuer: z.string().min(1).max(1024),
    subject: z
      .string()
      .max(1024)
      .regex(/^\P{Cc}+$/u),
    profile: z.object({}),
  }),
  evidence: z.object({}),
})

/** @param name for traces: "the plugin ./github.ts" */
export function guardPlugin(provider: Provider, name: string, timeoutMs = limitMs): Provider {
  return {
    ...provider,
    open(config, context) {
      try {
        return guardConnection(provider.open(config, context), name, timeoutMs)
      } catch (fault) {
        return unloadedPlugin(provider.kind, named(name, fault).message).open(config, context)
      }
    },
  }
}

function guardConnection(connection: Connection, name: string, timeoutMs: number): Connection {
  const run = <T>(work: () => Promise<T>, form: z.ZodType, what: string) =>
    confined(name, timeoutMs, async () => {
      const returned = await work()
      if (form.safeParse(returned).success) return returned
      throw new GatehouseError('internal', `it returned no usable ${what}`)
    })
  const { exchange } = connection
  return Object.assign(Object.create(connection), {
    begin: (start) => run(() => connection.begin(start), challengeForm, 'challenge'),
    complete: (answer) => run(() => connection.complete(answer), loginForm, 'subject'),
    health: (signal) =>
      confined(name, timeoutMs, () => connection.health(signal)).catch(({ message }) => down(message)),
    ...(exchange && {
      exchange: (presented) => run(() => exchange.call(connection, presented), loginForm, 'subject'),
    }),
  } satisfies Partial<Connection>)
}

/** Stands in for the connections of a plugin that cannot be loaded. */
export function unloadedPlugin(kind: string, message: string): Provider {
  const fail = async () => {
    throw new GatehouseError('plugin_failed', message)
  }
  return {
    ...{ kind, brand: { name: kind }, config: z.looseObject({}) },
    inspect: () => [{ key: 'kind', message }],
    open: () => ({ begin: fail, complete: fail, health: async () => down(message) }),
  }
}

const down = (detail: string): Health => ({
  status: 'down',
  checks: [{ name: 'plugin', ok: false, detail, fixer: 'operator' }],
})

async function confined<T>(name: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const tooLate = new GatehouseError('internal', `it did not finish within ${timeoutMs / 1000} s`)
  const limit = setTimeout(() => reject(tooLate), timeoutMs)
  try {
    return await Promise.race([work(), late])
  } catch (fault) {
    throw named(name, fault)
  } finally {
    clearTimeout(limit)
  }
}

/** Errors about the upstream or the user keep their code. What else it threw may hold secrets. */
function named(name: string, fault: unknown): GatehouseError {
  if (!(fault instanceof GatehouseError)) {
    const kind = fault instanceof Error ? fault.name : typeof fault
    return new GatehouseError('plugin_failed', `${name}: it threw ${kind}`, { cause: fault })
  }
  const { check, text, retryAfterSeconds, message, cause } = fault
  const code = fault.code === 'internal' ? 'plugin_failed' : fault.code
  return new GatehouseError(code, `${name}: ${message}`, {
    cause,
    ...(check !== undefined && { check }),
    ...(text !== undefined && { text }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })
}
