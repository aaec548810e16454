/** How a connection is opened: with TLS or without, with the limit of statements among its startup parameters or without. */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { GatehouseError } from '../../errors.ts'
import type { PostgresAddress } from '../../primitives/postgres-url.ts'
import { codeOf, messageOf } from '../failure.ts'

export interface Plan {
  readonly tls: boolean
  /** PgBouncer refuses startup parameters that it does not know, so there the limit is set in each transaction. */
  readonly limitAtStart: boolean
}

export function firstPlan({ sslMode }: PostgresAddress): Plan {
  return { tls: sslMode !== 'disable' && sslMode !== 'allow', limitAtStart: true }
}

/** The plan to try after this failure; undefined when the failure stays. */
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

/** As libpq has them (PostgreSQL documentation 34.19.1): below verify-ca nothing is verified unless there is a CA. */
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
