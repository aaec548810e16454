/** The pages about the configuration in all states; `retell` replaces what files contain. */
import type { ConfigurationFile } from '../../../src/primitives/configuration-file.ts'
import { configurationPage, tenantListPage } from '../../../src/web/admin/configuration/configuration-page.tsx'
import { sampleAdministrator } from './admin-samples.ts'

export function configurationPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const [operator, admin] = [sampleAdministrator('operator', retell('Ada Lovelace')), sampleAdministrator('admin')]
  const written = (path: string, value: string, line: number) =>
    ({ path, value: retell(value), origin: 'written', line }) as const
  const file: ConfigurationFile = {
    file: 'tenants/acme.yaml',
    isChanged: false,
    settings: [
      written('tenant', 'acme', 1),
      written('connections.okta.issuer', 'https://acme.okta.com', 5),
      { ...written('connections.okta.clientSecret', '•••• from file:acme/okta', 7), origin: 'masked' },
      { path: 'connections.okta.scopes', value: '["openid","email"]', origin: 'default', line: undefined },
      written(retell('connections.okta.profile.department'), 'dept', 9),
      { path: 'sessions.lifetime', value: '30d', origin: 'default', line: undefined },
    ],
    remarks: [],
  }
  const remark = { line: 7, column: 5, path: 'connections.okta.clientSecret' }
  const faulty: ConfigurationFile = {
    ...file,
    isChanged: true,
    remarks: [
      { ...remark, severity: 'fault', message: retell('the certificate has expired') },
      { ...remark, severity: 'warning', message: retell('the secret is written out: use a variable') },
      { ...remark, severity: 'note', message: retell('supplies groups') },
    ],
  }
  const listed = (number: number) => ({
    id: `acme-${number}`,
    name: retell(`Acme ${number}`),
    connections: 2,
    remarks: number % 3,
  })
  const tenants = Array.from({ length: 30 }, (_, number) => listed(number))
  const list = { by: operator, search: undefined, total: 10_000, isFirst: true, tenants, next: 'acme-29' }
  return {
    'configuration-tenant': configurationPage({ by: admin, tenant: 'acme', file }),
    'configuration-faulty': configurationPage({ by: operator, tenant: 'acme', file: faulty }),
    'configuration-deployment': configurationPage({
      by: operator,
      tenant: undefined,
      file: { ...file, file: 'gatehouse.yaml' },
    }),
    'configuration-unreadable': configurationPage({ by: operator, tenant: 'acme', file: { ...faulty, settings: [] } }),
    'configuration-list': tenantListPage(list),
    'configuration-none': tenantListPage({
      ...list,
      search: retell('nobody'),
      tenants: [],
      next: undefined,
      isFirst: false,
    }),
  }
}
