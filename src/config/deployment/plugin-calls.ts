/** Calls of a plugin's functions: limited in time, with errors that name the plugin. */
import { z } from 'zod'
import { GatehouseError } from '../../errors.ts'
import type { Connection, ConnectionTraits } from '../../provider/provider.ts'

export interface PluginCalls {
  /** Name in traces, such as "the plugin ./github.ts". */
  readonly name: string
  readonly timeoutMs: number
}

/** Kind of a member of the contract: data, or a function with its return value. */
type Member = 'data' | Returned
interface Returned {
  readonly form: z.ZodType
  /** Text of errors, such as "it returned no usable challenge". */
  readonly what: string
  readonly isSync?: true
}
type Members<T> = { readonly [Key in keyof Required<T>]: Member }

const url = z.instanceof(URL).refine(({ protocol }) => /^https?:$/.test(protocol))
const memo = z.record(z.string(), z.unknown())
const challenge = z.discriminatedUnion('step', [
  z.object({ step: z.literal('redirect'), url, memo }),
  z.object({ step: z.literal('post'), url, memo, fields: z.record(z.string(), z.string()) }),
  z.object({ step: z.literal('ask'), memo, fields: z.array(z.string()) }),
])
const identity = z.object({
  issuer: z.string().min(1).max(1024),
  subject: z
    .string()
    .max(1024)
    .regex(/^\P{Cc}+$/u),
  profile: z.object({}),
})
const login = { form: z.object({ identity, evidence: z.object({}) }), what: 'subject' }
const health = z.object({ status: z.enum(['up', 'degraded', 'down']), checks: z.array(z.object({ name: z.string() })) })
const message = z.object({ id: z.string(), seconds: z.number() })
const summary = { form: z.object({ lines: z.array(z.object({})), digest: z.string() }), what: 'summary' }

const functions: Members<Pick<Connection, 'begin' | 'complete' | 'health' | 'exchange'>> = {
  begin: { form: challenge, what: 'challenge' },
  complete: login,
  health: { form: health, what: 'health' },
  exchange: login,
}
const logout: Members<Required<Connection>['logout']> = {
  start: { form: url.optional(), what: 'URL' },
  receive: { form: z.object({ issuer: z.string(), message }).optional(), what: 'logout instruction' },
  identifiers: 'data',
}
const metadata: Members<Required<Connection>['metadata']> = {
  publish: { form: z.string(), what: 'metadata' },
  inspect: summary,
  trust: summary,
  clientKeys: { form: z.object({ keys: z.array(z.object({})) }), what: 'keys' },
}
const passwords: Members<Required<Connection>['passwords']> = {
  allowsSignUp: 'data',
  rule: 'data',
  minimumLength: 'data',
  identify: { form: identity, what: 'subject', isSync: true },
  hash: { form: z.string(), what: 'hash' },
}
const recheck: Members<Required<Connection>['recheck']> = {
  recheck: {
    form: z.object({ outcome: z.enum(['confirmed', 'refused']), identity: identity.optional() }),
    what: 'result',
  },
}
const traits: Members<ConnectionTraits> = {
  issuers: 'data',
  issuerTemplate: 'data',
  metadataUrl: 'data',
  initiatingIssuer: 'data',
  acceptsIdpInitiated: 'data',
  providesAuthTime: 'data',
  stateParameter: 'data',
}
const capabilities = { logout, metadata, passwords, recheck, traits }

/** A plain object, so that a frozen connection works, and a class with private fields. */
export function guardedConnection(connection: Connection, calls: PluginCalls): Connection {
  const found = Object.entries(capabilities).flatMap(([name, members]) => {
    const capability: unknown = Reflect.get(connection, name)
    return typeof capability === 'object' && capability !== null
      ? [[name, guardedMembers(capability, members, calls)] as const]
      : []
  })
  return { ...(guardedMembers(connection, functions, calls) as Connection), ...Object.fromEntries(found) }
}

/** Reads each member once. Its functions still run on the original object. */
function guardedMembers(original: object, members: Readonly<Record<string, Member>>, calls: PluginCalls): object {
  const read = Object.entries(members).map(([key, member]) => [key, member, Reflect.get(original, key)] as const)
  return Object.fromEntries(
    read.flatMap(([key, member, given]) => {
      if (given === undefined) return []
      return [[key, member === 'data' ? given : guardedFunction(original, given, member, calls)]]
    }),
  )
}

function guardedFunction(original: object, given: unknown, { form, what, isSync }: Returned, calls: PluginCalls) {
  const call = (parameters: unknown[]): unknown => {
    if (typeof given !== 'function') throw new TypeError('not a function')
    return Reflect.apply(given, original, parameters)
  }
  if (isSync) return (...parameters: unknown[]) => withPluginName(calls, () => usable(call(parameters), form, what))
  return (...parameters: unknown[]) => inTime(calls, async () => usable(await call(parameters), form, what))
}

export function usable<T>(returned: T, form: z.ZodType, what: string): T {
  if (form.safeParse(returned).success) return returned
  throw new GatehouseError('internal', `it returned no usable ${what}`)
}

export function withPluginName<T>({ name }: PluginCalls, work: () => T): T {
  try {
    return work()
  } catch (fault) {
    throw namedFault(name, fault)
  }
}

export async function inTime<T>({ name, timeoutMs }: PluginCalls, work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const tooLate = new GatehouseError('internal', `it did not finish within ${timeoutMs / 1000} s`)
  const limit = setTimeout(() => reject(tooLate), timeoutMs)
  try {
    return await Promise.race([work(), late])
  } catch (fault) {
    throw namedFault(name, fault)
  } finally {
    clearTimeout(limit)
  }
}

/** Errors about the upstream or the user keep their code. What else it threw may hold secrets. */
export function namedFault(name: string, fault: unknown): GatehouseError {
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
