/** The audit page in all states; `retell` replaces text of users and their programs. */
import type { AuditEvent } from '../../../src/broker/ports/audit.ts'
import { auditPage } from '../../../src/web/admin/audit/audit-page.tsx'
import { auditRow } from '../../../src/web/admin/audit/audit-rows.ts'
import { sampleAdministrator } from './admin-samples.ts'
import { now } from './samples.ts'

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'
const ada = '8f14e45fceea167a5a36'

export function auditPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const user = {
    ...({ id: ada, tenant: 'acme', status: 'active', emailProven: true, createdAt: now } as const),
    profile: { name: retell('Ada Lovelace'), email: { address: `${retell('ada')}@acme.test`, verified: true } },
  }
  const rows = eventsOf(retell).map((event) => auditRow(event, new Map([[ada, user]])))
  const page = { texts: {}, faults: [], rows, isFirst: true, next: undefined, now }
  const operator = { ...page, by: sampleAdministrator('operator', retell('Ada Lovelace')), tenant: undefined }
  const texts = { tenant: 'acme', user: retell('ada@acme.test'), action: 'app.changed', since: now.toISOString() }
  const message = '“yesterday” is not a time. Enter a time such as 2026-11-22T09:30, a day, or a duration such as 7d.'
  const fault = { field: 'since', message } as const
  return {
    'audit-all': auditPage({ ...operator, next: 'MTc2' }),
    'audit-tenant': auditPage({ ...operator, tenant: 'acme', texts, isFirst: false, next: 'MTc2' }),
    'audit-admin': auditPage({ ...page, by: sampleAdministrator('admin'), tenant: 'acme' }),
    'audit-empty': auditPage({ ...operator, rows: [] }),
    'audit-wrong': auditPage({
      ...operator,
      texts: { ...texts, since: 'yesterday' },
      rows: [],
      faults: [fault, { field: 'user', message: retell('No user.') }],
    }),
  }
}

function eventsOf(retell: (text: string) => string): readonly AuditEvent[] {
  const event = { at: now, tenant: 'acme', actor: ada, target: ada, address: '203.0.113.7', agent: retell(agent) }
  const reference = { connection: 'okta', reference: '7K2M-Q9XD', session: retell('k3VtQ0m2mE9cW1xR7yLZ5aPd') }
  const cli = { at: now, actor: 'cli', details: {} }
  return [
    { ...event, id: '1', action: 'sign_in.succeeded', details: reference },
    {
      ...event,
      ...{ id: '2', action: 'app.changed', target: 'app3f9c1d52ab08e47716c0d9b2', details: {} },
      before: { name: retell('Shop'), redirectUris: ['https://shop.example/in'] },
      after: { name: retell('The Shop'), redirectUris: [retell('https://shop.example/signed-in')], logo: null },
    },
    {
      ...event,
      id: '3',
      action: 'sign_in.refused',
      actor: 'unknown',
      target: 'connection:okta',
      details: { code: 'user_blocked' },
    },
    { ...cli, id: '4', tenant: '*', action: 'signing_keys.rotated', target: 'signing keys' },
    { ...cli, id: '5', tenant: 'acme', action: 'role.assigned', target: ada, after: { role: 'operator' } },
    { ...event, id: '6', action: retell('of.another_release'), target: retell('something'), details: {} },
    {
      ...event,
      id: '7',
      action: 'access.refused',
      address: '2001:db8:85a3::8a2e:370:7334',
      details: { tenant: retell('beta') },
    },
  ]
}
