/** A configuration folder in a temporary place, and the kinds its connections may have. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { providers } from '../../../providers/index.ts'
import { type Loaded, loadConfig } from '../../../src/config/load.ts'
import { type ConfigFault, formatFaults } from '../../../src/config/source/fault.ts'

type Environment = Readonly<Record<string, string | undefined>>

export function writeFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-config-'))
  mkdirSync(join(directory, 'tenants'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), content)
  }
  return directory
}

/** A deployment without faults. */
export const gatehouse = 'publicUrl: https://login.example.com\nmail:\n  directory: var/mail\n'

/** A tenant without faults; `more` is added to its password connection, so indented by four. */
export const tenant = (id: string, more = '') =>
  `tenant: ${id}\nname: ${id}\nconnections:\n  password:\n    signUp: true\n${more}`

export const okta = (issuer = 'https://acme.okta.com', secret = '$' + '{ACME_OKTA_CLIENT_SECRET}') =>
  `tenant: acme\nname: Acme\nconnections:\n  okta:\n    issuer: ${issuer}\n    clientId: '1'\n    clientSecret: ${secret}\n`

export async function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  environment: Environment = { ACME_OKTA_CLIENT_SECRET: 'from-the-environment' },
): Promise<{
  readonly loaded: Loaded
  readonly faults: readonly string[]
  readonly unusable: readonly string[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}> {
  const directory = writeFolder(files)
  const loaded = await loadConfig({ directory, environment, providers })
  const lines = (faults: readonly ConfigFault[]) =>
    faults.map((fault) =>
      formatFaults([{ ...fault, file: relative(directory, fault.file) }]).replaceAll(`${directory}/`, ''),
    )
  return {
    loaded,
    faults: loaded.ok ? [] : lines(loaded.faults),
    unusable: lines(loaded.unusable),
    warnings: lines(loaded.warnings),
    notes: lines(loaded.notes),
  }
}

/** Faults of a tenant file named acme.yaml. */
export async function tenantFaults(text: string, environment?: Environment): Promise<readonly string[]> {
  return (await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text }, environment)).faults
}

/** Faults of a gatehouse.yaml beside a tenant without faults. */
export async function gatehouseFaults(text: string, environment?: Environment): Promise<readonly string[]> {
  return (await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') }, environment)).faults
}

export function loadedOf(loaded: Loaded) {
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults))
  return loaded
}
