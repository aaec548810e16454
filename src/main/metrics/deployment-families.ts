import type { Family } from './family.ts'
import { single } from './family.ts'

export interface DeploymentFacts {
  readonly version: string
  readonly tenants: number
  readonly connections: number
}

export function deploymentFamilies({ version, tenants, connections }: DeploymentFacts): readonly Family[] {
  return [
    {
      name: 'gatehouse_build_info',
      type: 'gauge',
      help: 'Always 1. Labels name the version of Gatehouse and of Node.',
      labels: ['version', 'node'],
      read: () => [{ labels: { version, node: process.versions.node }, value: 1 }],
    },
    { name: 'gatehouse_tenants', type: 'gauge', help: 'Configured tenants.', read: () => single(tenants) },
    {
      name: 'gatehouse_configured_connections',
      type: 'gauge',
      help: 'Configured connections of all tenants.',
      read: () => single(connections),
    },
  ]
}
