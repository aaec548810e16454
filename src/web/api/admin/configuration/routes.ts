/** `/api/v1/admin/configuration`: tenants, and the configuration of each, without secrets. */
import { z } from 'zod'
import { configurationOf } from '../../../admin/configuration/configuration.ts'
import { tenantPage } from '../../../admin/configuration/tenant-list.ts'
import { type ApiRoute, answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { tenantsQuery } from './configuration-schemas.ts'

const caller = 'recently signed-in admin'

export const configurationApiRoutes: readonly ApiRoute[] = [
  apiRoute('listTenants', 'get', '/api/v1/admin/configuration', {
    caller,
    permission: 'configuration:read',
    summary: 'List the tenants',
    description: "By ID. An admin's list has one: their own.",
    query: tenantsQuery,
    answer: answer(200, 'One page of tenants.', schemas.TenantPage, {
      tenants: [{ id: 'acme', name: 'Acme', connections: 2, remarks: 0 }],
      next: 'acme',
    }),
    handler: async ({ shell: { tenants, configuration }, caller: { tenant }, roles, query }) => {
      const { cursor: after, search, limit } = query
      const own = tenants.get(tenant)
      const visible = roles.includes('operator') ? tenants.values() : own === undefined ? [] : [own]
      const page = tenantPage(visible, { search, after, limit }, configuration.remarkCount)
      return { tenants: page.tenants, ...(page.next !== undefined && { next: page.next }) }
    },
  }),
  apiRoute('getConfiguration', 'get', '/api/v1/admin/configuration/:tenant', {
    caller,
    permission: 'configuration:read',
    summary: 'Get the configuration of a tenant, without secrets',
    params: z.object({ tenant: z.string().max(64).describe('For operators also `*`: gatehouse.yaml.') }),
    answer: answer(200, 'The file, with the line of each value.', schemas.Configuration, {
      file: 'tenants/acme.yaml',
      isChanged: false,
      settings: [
        { path: 'connections.okta.issuer', value: 'https://acme.okta.com', origin: 'written', line: 5 },
        { path: 'connections.okta.clientSecret', value: '•••• from file:acme/okta', origin: 'masked', line: 7 },
        { path: 'sessions.lifetime', value: '30d', origin: 'default' },
      ],
      remarks: [],
    }),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params: { tenant } }) => {
      const { file } = await configurationOf(shell, { session, roles }, tenant)
      const settings = file.settings.map(({ line, ...rest }) => ({ ...rest, ...(line !== undefined && { line }) }))
      return { ...file, settings }
    },
  }),
]
