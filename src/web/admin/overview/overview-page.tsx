/** `/admin`: the status, sign-ins, and the facts behind them. */
import type { Administrator } from '../../../broker/access/target.ts'
import type { Overview } from '../../../broker/deployment/overview.ts'
import { renderAdminPage } from '../admin-layout.tsx'
import { DeploymentSections } from './deployment-section.tsx'
import { Figures, SignInCharts } from './sign-in-section.tsx'
import { StatusBanner } from './status-banner.tsx'

export interface OverviewPageProps {
  readonly by: Administrator
  readonly tenant: string | undefined
  readonly overview: Overview
}

export function overviewPage({ by, tenant, overview }: OverviewPageProps): string {
  const { at, problems, deployment } = overview
  return renderAdminPage({
    section: 'overview',
    by,
    tenant,
    live: true,
    children: (
      <>
        <StatusBanner problems={problems} at={at} />
        <Figures overview={overview} tenant={tenant} />
        <SignInCharts signIns={overview.signIns} />
        {deployment !== undefined && tenant === undefined && <DeploymentSections facts={deployment} />}
      </>
    ),
  })
}
