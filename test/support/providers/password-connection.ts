/** A password connection over records in memory, and sign-ins to it. */
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { password } from '../../../providers/password/password.ts'
import type { Check, ErrorCode } from '../../../src/errors.ts'
import { GatehouseError } from '../../../src/errors.ts'
import type {
  Connection,
  ConnectionContext,
  Login,
  PasswordRecord,
  PasswordRecords,
  Recorder,
} from '../../../src/provider/provider.ts'

export const now = new Date('2026-11-22T12:00:00Z')
export const ada = 'ada@acme.test'
export const adasPassword = 'Blauwal 42 im Regen'

export async function fixture(hash?: string) {
  const records = new Map<string, PasswordRecord>()
  const stored = hash ?? (await passwordSupport({}).hash(adasPassword, { email: ada }))
  records.set(ada, { subject: 'subject-ada', email: ada, name: 'Ada Lovelace', hash: stored })
  records.set('damaged@acme.test', { subject: 'subject-damaged', email: 'damaged@acme.test', hash: 'no hash at all' })
  let beforeRehash = () => {}
  const connection = open({
    find: async (email) => records.get(email) ?? null,
    rehash: async (subject, before, after) => {
      beforeRehash()
      for (const [email, record] of records) {
        if (record.subject === subject && record.hash === before) records.set(email, { ...record, hash: after })
      }
    },
    minimumLength: () => 12,
    isBreached: async () => false,
  })
  const onRehash = (happens: () => void) => {
    beforeRehash = happens
  }
  return { connection, records, onRehash }
}

export function open(passwords: PasswordRecords, config: unknown = {}): Connection {
  const context: ConnectionContext = {
    tenant: 'acme',
    connection: 'password',
    callbackUrl: new URL('https://gatehouse.test/t/acme/password/callback'),
    entityId: new URL('https://gatehouse.test/t/acme/password/metadata'),
    once: async () => true,
    fetch,
    now: () => now,
    random: (bytes) => Buffer.from(randomBytes(bytes)).toString('base64url'),
    metadata: { find: async () => null, replace: async () => true, otherIssuers: async () => [] },
    passwords,
    mailedCodes: { find: async () => null },
  }
  return password.open(password.config.parse(config), context)
}

/**
 * @param breached the only breached password
 * @param tenantMinimum the minimum length by the tenant's policy
 */
export function passwordSupport(config: unknown, breached?: string, tenantMinimum = 12) {
  const isBreached = async (chosen: string) => chosen === breached
  const minimumLength = () => tenantMinimum
  const { passwords } = open({ find: async () => null, rehash: async () => {}, minimumLength, isBreached }, config)
  if (passwords === undefined) throw new Error('the password connection has no password support')
  return passwords
}

export async function setPassword(connection: Connection, records: Map<string, PasswordRecord>, chosen: string) {
  const hash = await connection.passwords?.hash(chosen, { email: ada })
  if (hash !== undefined) records.set(ada, { subject: 'subject-ada', email: ada, hash })
}

export function signIn(connection: Connection, fields: Record<string, string>): Promise<Login> {
  return connection.complete({
    parameters: new URLSearchParams(fields),
    memo: {},
    state: 's',
    record: recorder().record,
  })
}

export async function refusal(connection: Connection, parameters: URLSearchParams) {
  const trace = recorder()
  const error = await failureOf(connection.complete({ parameters, memo: {}, state: 's', record: trace.record }))
  return { error, trace }
}

export async function failureOf(work: Promise<unknown>): Promise<GatehouseError & { readonly code: ErrorCode }> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  )
  if (outcome instanceof GatehouseError) return outcome
  throw new Error('it was not refused with a GatehouseError', { cause: outcome })
}

export function recorder() {
  const steps: string[] = []
  const checks: Check[] = []
  const record: Recorder = {
    step: (name, work) => {
      steps.push(name)
      return work()
    },
    check: (check) => void checks.push(check),
  }
  return { steps, checks, record }
}
