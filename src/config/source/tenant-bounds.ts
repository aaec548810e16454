/**
 * Bounds of a tenant's file: it may read variables that begin with its ID or that gatehouse.yaml
 * lists for it, and files below `tenants/<id>/`. Everything else belongs to the deployment or to
 * another tenant.
 */
import { realpathSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { OutOfBounds } from './fault.ts'

export interface TenantBounds {
  /** Undefined when the tenant may use the variable. */
  readonly variable: (name: string) => OutOfBounds | undefined
  /** Undefined when the tenant may read the file. @param file absolute */
  readonly file: (file: string, asWritten: string) => OutOfBounds | undefined
}

export interface BoundsOptions {
  readonly tenant: string
  /** IDs of all tenants: ACME_TWO_SECRET is not acme's if there is an acme-two. */
  readonly tenants: readonly string[]
  /** Variables that gatehouse.yaml lists for this tenant. */
  readonly listed: readonly string[]
  /** Variables that gatehouse.yaml uses itself. */
  readonly ofDeployment: ReadonlySet<string>
  /** The folder of gatehouse.yaml. */
  readonly directory: string
  /** The embedded database; its key lies beside it. */
  readonly storageFile: string
  /** publicUrl is on localhost: some values are warned of, not refused. */
  readonly isLocal: boolean
}

/** Prefix of a tenant's own variables, such as `ACME_` for acme. */
export function prefixOf(tenant: string): string {
  return `${tenant.toUpperCase().replaceAll('-', '_')}_`
}

export function tenantBounds(options: BoundsOptions): TenantBounds {
  return {
    variable: (name) => variableOutOfBounds(options, name),
    file: (file, asWritten) => fileOutOfBounds(options, file, asWritten),
  }
}

function variableOutOfBounds(options: BoundsOptions, name: string): OutOfBounds | undefined {
  const { tenant, tenants, listed, ofDeployment: deploymentVariables, isLocal } = options
  if (listed.includes(name)) return undefined
  const prefix = prefixOf(tenant)
  const owners = tenants.filter((id) => name.startsWith(prefixOf(id)))
  const owner = owners.toSorted((a, b) => b.length - a.length)[0]
  if (owner === tenant && !deploymentVariables.has(name)) return undefined
  const list = `list it under tenantVariables.${tenant} in gatehouse.yaml`
  const said = (why: string, tolerated = false): OutOfBounds => ({ kind: 'variable', subject: name, why, tolerated })
  if (deploymentVariables.has(name))
    return said(`the variable ${name} belongs to gatehouse.yaml, which uses it: ${list}`)
  if (owner !== undefined) return said(`the variable ${name} belongs to the tenant ${owner}: ${list}`)
  return said(
    `this tenant may use variables that begin with ${prefix}, and ${name} does not: rename it, or ${list}`,
    isLocal,
  )
}

function fileOutOfBounds(options: BoundsOptions, file: string, asWritten: string): OutOfBounds | undefined {
  const { tenant, tenants, directory, storageFile, isLocal } = options
  const folder = join(directory, 'tenants')
  if (isBelow(file, join(folder, tenant)) && isBelow(realPath(file), join(realPath(folder), tenant))) return undefined
  const inConfig = isBelow(realPath(file), realPath(directory)) && !realPath(file).startsWith(realPath(storageFile))
  const ofAnother = tenants.some((id) => id !== tenant && isBelow(realPath(file), join(realPath(folder), id)))
  const why = `a tenant may read files below tenants/${tenant}/ only: move ${asWritten} there and write file:${tenant}/<name>`
  return { kind: 'file', subject: asWritten, why, tolerated: isLocal && inConfig && !ofAnother }
}

function isBelow(file: string, folder: string): boolean {
  return resolve(file).startsWith(resolve(folder) + sep)
}

/** The path with symbolic links resolved, as far as it exists. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(realPath(above), path.slice(above.length))
  }
}
