/**
 * Shows the configuration of a tenant or of the deployment; to operators also the list of tenants.
 */
import type { Request } from 'express'
import { type Administrator, targetTenant } from '../../../broker/access/target.ts'
import { deploymentTenant } from '../../../broker/audit/record.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { sendPage } from '../../../http/respond.ts'
import type { ConfigurationFile } from '../../../primitives/configuration-file.ts'
import type { Shell } from '../../shell.ts'
import { type AdminCall, listedTenant } from '../administrator.ts'
import { configurationPage, tenantListPage } from './configuration-page.tsx'
import { tenantPage } from './tenant-list.ts'

const tenantsPerPage = 100

export function readConfigurationQuery(request: Request) {
  const query = queryOf(request)
  const given = (name: string, max: number) => textField(query, name, max)?.trim() || undefined
  return { tenant: given('tenant', 64), search: given('search', 100), after: given('cursor', 64) }
}

export async function showConfiguration(
  { shell, response, by }: AdminCall,
  { tenant: named, search, after }: ReturnType<typeof readConfigurationQuery>,
): Promise<void> {
  const tenant = named === undefined ? await listedTenant(shell, by, named) : named
  if (tenant === undefined) {
    const page = tenantPage(
      shell.tenants.values(),
      { search, after, limit: tenantsPerPage },
      shell.configuration.remarkCount,
    )
    const total = shell.tenants.size
    return sendPage(response, 200, tenantListPage({ by, ...page, search, total, isFirst: after === undefined }))
  }
  const { file, isDeployment } = await configurationOf(shell, by, tenant)
  sendPage(response, 200, configurationPage({ by, tenant: isDeployment ? undefined : tenant, file }))
}

/** `*`, gatehouse.yaml, is for operators. Throws `not_found`, which is recorded. */
export async function configurationOf(
  { parts, configuration }: Pick<Shell, 'parts' | 'configuration'>,
  by: Administrator,
  tenant: string,
): Promise<{ readonly file: ConfigurationFile; readonly isDeployment: boolean }> {
  if (tenant === deploymentTenant && by.roles.includes('operator'))
    return { file: configuration.ofDeployment(), isDeployment: true }
  return { file: configuration.ofTenant(await targetTenant(parts, by, tenant)), isDeployment: false }
}
