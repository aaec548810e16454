/** Reads gatehouse.yaml: each option by itself, then what options must agree on. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs'
import { readPostgresUrl } from '../../primitives/postgres-url.ts'
import type { Provider } from '../../provider/provider.ts'
import type { ConnectionSettings } from '../../tenant.ts'
import { parseParts } from '../schema/parse.ts'
import { note, report, type Source, valueAt, valuesAt, warn } from '../source/source.ts'
import { connectionOf } from '../tenant/connection.ts'
import { checkApps } from './apps.ts'
import { deploymentOf, deploymentSchema, type WrittenDeployment } from './deployment.ts'
import { checkMetrics } from './metrics.ts'
import { checkPasskeys } from './passkeys.ts'

/** Connections that tenants may share; null for one that is faulty, which was reported. */
export type Shared = ReadonlyMap<string, ConnectionSettings | null>

type Parts = { readonly [Key in keyof WrittenDeployment]?: WrittenDeployment[Key] | undefined }

export function readDeployment(source: Source, providers: readonly Provider[]) {
  const { parts, whole } = parseParts(deploymentSchema, source)
  checkKeys(source, parts)
  warnAboutOpenProxies(source, parts)
  checkCookie(source, parts)
  checkStorage(source, parts)
  checkBreachedFile(source, parts)
  checkMetrics(source, parts.metrics)
  checkPasskeys(source, parts.publicUrl, parts.passkeys)
  checkApps(source, parts.apis)
  const shared = new Map<string, ConnectionSettings | null>()
  for (const [[, key], given] of valuesAt(source, 'connections', '*')) {
    const id = String(key)
    shared.set(id, connectionOf({ source, id, given, providers, shared: undefined }))
  }
  return { deployment: whole && deploymentOf(whole), parts, shared }
}

function checkKeys(source: Source, { storage, keys }: Parts): void {
  if (storage?.redis === undefined || keys !== undefined || valueAt(source, 'keys') !== undefined) return
  report(
    source,
    ['keys'],
    'is required with redis and postgres, so that every process has the same: at least one secret of 32 bytes; make one with: openssl rand -base64 32',
  )
}

function warnAboutOpenProxies(source: Source, { trustedProxies = [] }: Parts): void {
  for (const [index, range] of trustedProxies.entries())
    if (range.endsWith('/0'))
      warn(
        source,
        ['trustedProxies', index],
        'trusts every address: a client can then choose the address that limits and the log see; list the proxies',
      )
}

/** Checks the storage settings without a connection to a store. */
function checkStorage(source: Source, { storage }: Parts): void {
  const read = storage?.postgres === undefined ? undefined : readPostgresUrl(storage.postgres.reveal())
  if (read?.ok !== true) return
  const path = ['storage', 'postgres']
  const { sslMode, sslRootCert, sslCert, sslKey } = read.address
  for (const [name, file] of Object.entries({ sslrootcert: sslRootCert, sslcert: sslCert, sslkey: sslKey }))
    if (file !== undefined && !isReadable(file))
      report(source, path, `the file of ${name} cannot be read: correct its path or permissions`)
  if (sslMode === 'require' && sslRootCert === undefined)
    note(
      source,
      path,
      'sslmode=require encrypts and does not verify who answers, as in libpq: sslmode=verify-full does',
    )
}

function checkBreachedFile(source: Source, { passwords }: Parts): void {
  const file = passwords?.breachedFile
  if (file === undefined) return
  const path = ['passwords', 'breachedFile']
  if (!isReadable(file)) report(source, path, 'the file cannot be read: correct its path or permissions')
  else if (!/^[\dA-Fa-f]{40}/.test(beginningOf(file)))
    report(source, path, 'is not a list of SHA-1 hashes: download the one ordered by hash of Have I Been Pwned')
}

function beginningOf(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(64)
    return bytes.toString('latin1', 0, readSync(handle, bytes))
  } finally {
    closeSync(handle)
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function checkCookie(source: Source, { publicUrl, cookie }: Parts): void {
  if (publicUrl === undefined || cookie === undefined) return
  const { hostname, protocol } = publicUrl
  const secure = cookie.secure ?? protocol === 'https:'
  if (cookie.sameSite === 'none' && !secure)
    report(
      source,
      ['cookie', 'sameSite'],
      'none needs a secure cookie: set cookie.secure to true, or use lax or strict',
    )
  if (cookie.domain !== undefined && cookie.domain !== hostname && !hostname.endsWith(`.${cookie.domain}`))
    report(source, ['cookie', 'domain'], `browsers refuse it: it must be ${hostname} or a domain above it`)
}
