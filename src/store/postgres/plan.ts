/** How to connect: TLS or not, statement limit as a startup parameter or not. */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { GatehouseError } from '../../errors.ts'
import type { PostgresAddress } from '../../primitives/postgres-url.ts'
import { codeOf, messageOf } from '../failure.ts'

export interface Plan {
  readonly tls: boolean
  /** False for PgBouncer, which rejects unknown parameters: transactions set the limit. */
  readonly limitAtStart: boolean
}

export function firstPlan({ sslMode }: PostgresAddress): Plan {
  return { tls: sslMode !== 'disable' && sslMode !== 'allow', limitAtStart: true }
}

/** The plan to try after this failure; undefined for none. */
export function nextPlan({ sslMode }: PostgresAddress, plan: Plan, error: unknown): Plan | undefined {
  if (plan.limitAtStart && /unsupported startup parameter/i.test(messageOf(error)))
    return { ...plan, limitAtStart: false }
  const isRefused = codeOf(error) === '28000'
  if (sslMode === 'prefer' && plan.tls && (isRefused || isTlsFailure(error))) return { ...plan, tls: false }
  if (sslMode === 'allow' && !plan.tls && isRefused) return { ...plan, tls: true }
  return undefined
}

function isTlsFailure(error: unknown): boolean {
  return /SSL|TLS/.test(messageOf(error)) || /^(EPROTO|ERR_SSL|ERR_TLS)/.test(codeOf(error))
}

/** TLS options as in libpq (PostgreSQL 34.19.1): below verify-ca, only a given CA is verified. */
export function tlsOptions(address: PostgresAddress): ConnectionOptions {
  const { sslMode, sslRootCert, sslCert, sslKey } = address
  const own =
    sslCert === undefined || sslKey === undefined ? {} : { cert: pem('sslcert', sslCert), key: pem('sslkey', sslKey) }
  const ca = sslRootCert === undefined ? {} : { ca: pem('sslrootcert', sslRootCert) }
  if (sslMode === 'verify-full') return { ...own, ...ca }
  const verifiesCa = sslMode === 'verify-ca' || (sslMode === 'require' && sslRootCert !== undefined)
  return verifiesCa ? { ...own, ...ca, checkServerIdentity: () => undefined } : { ...own, rejectUnauthorized: false }
}

function pem(parameter: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const message = `the file of ${parameter} in storage.postgres cannot be read (${codeOf(cause)}): correct its path or permissions`
    throw new GatehouseError('store_unavailable', message, { cause })
  }
}
