/** Shows `/admin`; readable while a store is unavailable. */
import { decide } from '../../../broker/access/decide.ts'
import type { Administrator } from '../../../broker/access/target.ts'
import { type Overview, overviewOf } from '../../../broker/deployment/overview.ts'
import { allowFetch, sendPage } from '../../../http/respond.ts'
import type { Shell } from '../../shell.ts'
import { type AdminCall, listedTenant } from '../administrator.ts'
import { overviewPage } from './overview-page.tsx'

export async function showOverview(
  { shell, response, by }: AdminCall,
  query: { readonly tenant: string | undefined },
): Promise<void> {
  const tenant = await listedTenant(shell, by, query.tenant)
  const overview = await readOverview(shell, by, tenant)
  allowFetch(response)
  sendPage(response, 200, overviewPage({ by, tenant, overview }))
}

/** @param tenant one that they may reach; undefined: all */
export async function readOverview(
  shell: Pick<Shell, 'deploymentFacts' | 'tenantFacts'>,
  by: Administrator,
  tenant: string | undefined,
): Promise<Overview> {
  const [deployment, ofTenant] = await Promise.all([shell.deploymentFacts(), shell.tenantFacts(tenant)])
  return overviewOf({ deployment, ofTenant, seesDeployment: maySeeDeployment(by) })
}

export function maySeeDeployment({ session, roles }: Administrator): boolean {
  return decide({ roles, credential: session, permission: 'deployment:read' }) === 'allowed'
}
