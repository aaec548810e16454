/** The pages of connections, empty and full. */
import { okta } from '../../../providers/okta/okta.ts'
import type { ListedConnection } from '../../../src/broker/health/connection-list.ts'
import { connectionState } from '../../../src/broker/health/connection-state.ts'
import type { StepFigures, SuccessFigures } from '../../../src/broker/health/figures.ts'
import type { RecentSignIns } from '../../../src/broker/health/findings.ts'
import type { NamedConnection } from '../../../src/broker/health/fix.ts'
import { instructionsOf } from '../../../src/broker/health/setup-instructions.ts'
import type { KnownHealth } from '../../../src/broker/ports/health.ts'
import { connectionPage } from '../../../src/web/admin/connections/connection-page.tsx'
import type { ConnectionRow } from '../../../src/web/admin/connections/connection-rows.ts'
import { connectionsPage } from '../../../src/web/admin/connections/connections-page.tsx'
import {
  expiredSetupPage,
  type SetupPageProps,
  setupPage,
} from '../../../src/web/admin/connections/setup/setup-page.tsx'
import {
  failedCheck,
  goodCheck,
  sampleTime as now,
  sampleFailure,
  sampleNamed,
  sampleOutcome,
  sampleProbe,
} from '../broker/connection-samples.ts'
import { sampleAdministrator } from './admin-samples.ts'

const success: SuccessFigures = {
  hour: { signedIn: 118, refused: 3 },
  day: { signedIn: 2_604, refused: 31 },
  rates: Array.from({ length: 24 }, (_, hour) => (hour === 4 ? null : hour === 23 ? 0.62 : 1 - (hour % 5) / 100)),
}

const step = (name: string, ms: number): StepFigures => ({
  step: name,
  hour: { p50: ms, p95: ms * 3 },
  day: { p50: ms, p95: ms * 4 },
  p95s: Array.from({ length: 24 }, (_, hour) => (hour === 4 ? null : ms * (2 + (hour % 7)))),
})

const expiries = [
  {
    tenant: 'acme',
    connection: 'okta',
    kind: 'client secret',
    name: 'client secret',
    expiresAt: new Date('2026-12-06T00:00:00Z'),
  },
  {
    tenant: 'acme',
    connection: 'okta',
    kind: 'certificate',
    name: '7f:3a',
    expiresAt: new Date('2028-01-31T00:00:00Z'),
  },
] as const

function listed(
  named: Partial<NamedConnection>,
  health: KnownHealth | undefined,
  signIns: RecentSignIns = { last: sampleOutcome(2), failures: [], signedIn: 118 },
): ListedConnection {
  const whole = { ...sampleNamed, ...named }
  const { state, findings } = connectionState({ named: whole, health, signIns, problems: [] })
  return { named: whole, state, findings, health, last: signIns.last }
}

const secretRefused = 'upstream_refused: token exchange invalid_client'
const failing: RecentSignIns = {
  last: sampleOutcome(180, { lastRefusal: sampleFailure(secretRefused, 31) }),
  failures: [sampleFailure(secretRefused, 31), sampleFailure('upstream_unreachable: userinfo timeout', 4)],
  signedIn: 0,
}
const wrongSecret = sampleProbe(
  'down',
  failedCheck(
    'client credentials',
    'upstream_refused: invalid_client',
    'the token endpoint answered invalid_client to client_secret_basic and to client_secret_post: the client ID or the client secret is wrong',
  ),
)

function sampleRows(text: (usual: string) => string): readonly ConnectionRow[] {
  const misconfigured = listed(
    { connection: text('okta'), tenant: text('acme'), label: text('Okta') },
    wrongSecret,
    failing,
  )
  const down = listed(
    { connection: 'google', kind: 'google', label: 'Google' },
    { ...sampleProbe('down', failedCheck('keys', 'upstream_unreachable: unknown host')), isStale: true },
  )
  const slow = listed({ connection: 'staff' }, sampleProbe('up', { ...goodCheck, name: 'discovery', tookMs: 6200 }))
  const unused = { last: undefined, failures: [], signedIn: 0 }
  const fresh = listed({ connection: 'partner', kind: 'saml', label: 'SAML' }, undefined, unused)
  return [
    { listed: down, success, slowest: step('token exchange', 120), expiries },
    { listed: misconfigured, success, slowest: step(text('token exchange'), 700), expiries },
    { listed: slow, success, slowest: step('userinfo', 2100), expiries },
    { listed: fresh, success: undefined, slowest: undefined, expiries },
    {
      listed: listed({ connection: 'entra', label: 'Microsoft' }, sampleProbe('up')),
      success,
      slowest: step('userinfo', 90),
      expiries: [],
    },
  ]
}

/** By name. */
export function connectionPages(long?: () => string): Readonly<Record<string, string>> {
  const text = (usual: string) => long?.() ?? usual
  const rows = sampleRows(text)
  const counts = { down: 1, misconfigured: 1, degraded: 1, 'never used': 1, healthy: 9_996 }
  const none = { down: 0, misconfigured: 0, degraded: 0, 'never used': 0, healthy: 0 }
  const list = { tenant: undefined, state: undefined, knowsSignIns: true, readAt: now, now }
  const operator = sampleAdministrator('operator', text('Ada Lovelace'))
  const admin = sampleAdministrator('admin', text('Ada Lovelace'))
  const [, worst, , fresh] = rows.map((row) => row.listed)
  if (worst === undefined || fresh === undefined) throw new Error('there are rows')
  const place = `https://gatehouse.example.com/t/acme/${text('okta')}`
  const urls = [
    { name: 'callback', label: text('Sign-in redirect URIs'), url: `${place}/callback` },
    { name: 'initiate', label: text('Initiate login URI'), url: `${place}/initiate` },
    { name: 'backchannel-logout', label: 'back-channel logout URI', url: `${place}/backchannel-logout` },
    { name: 'start', label: 'start of a sign-in', url: `${place}/start` },
  ] as const
  const expiresAt = new Date(now.getTime() + 604_800_000)
  const setupLink = { createdBy: 'cli', expiresAt }
  const setup: SetupPageProps = {
    tenant: { name: text('Acme Robotics'), supportUrl: '/support' },
    label: text('Okta'),
    upstream: text('Okta'),
    instructions: instructionsOf(
      okta.setup?.({ scopes: ['openid', 'profile', text('email')], groupsClaim: 'groups' }),
      urls,
    ),
    test: undefined,
    notice: undefined,
    testAction: '/t/acme/okta/setup/code/test',
    expiresAt,
    now,
  }
  const figures = { success, steps: [step('token exchange', 700), step('discovery', 0.4)], failures: failing.failures }
  return {
    setup: setupPage(setup),
    'setup-tested': setupPage({
      ...setup,
      test: {
        checks: [
          { name: 'discovery', result: 'passed', detail: text('found') },
          { name: 'client credentials', result: 'failed', detail: text('invalid_client'), fixer: 'tenant admin' },
          { name: 'email domains', result: 'warning', detail: text('list theirs in domains'), fixer: 'operator' },
        ],
        at: now,
        isNew: false,
      },
      notice: 'Wait a minute between tests. This is the last result.',
    }),
    'setup-expired': expiredSetupPage(setup.tenant),
    'connections-full': connectionsPage({
      ...list,
      by: operator,
      counts,
      page: { items: rows, number: 2, count: 400, total: 10_000 },
    }),
    'connections-empty': connectionsPage({
      ...list,
      by: admin,
      tenant: 'acme',
      counts: none,
      page: { items: [], number: 1, count: 1, total: 0 },
    }),
    'connections-outage': connectionsPage({
      ...list,
      by: operator,
      tenant: text('acme'),
      state: 'down',
      knowsSignIns: false,
      counts,
      page: { items: rows.slice(0, 1), number: 1, count: 1, total: 1 },
    }),
    'connection-failing': connectionPage({
      by: operator,
      mayShare: true,
      setupLink,
      newLink: { url: `${place}/setup/${'k3VtQ0m2mE9cW1xR7yLZ5a'}.${'9'.repeat(43)}`, expiresAt },
      probedBy: 'web-1 (process 4242)',
      notice: 'probed',
      now,
      listed: worst,
      figures,
      urls,
      expiries,
      changes,
      upstream: text('Okta'),
      guide: 'providers/okta/setup.md',
    }),
    'connection-unused': connectionPage({
      by: admin,
      mayShare: true,
      setupLink: null,
      probedBy: undefined,
      notice: undefined,
      now,
      listed: fresh,
      figures: { success: { ...success, rates: [] }, steps: [], failures: [] },
      urls,
      expiries,
      changes: [],
      upstream: 'your identity provider',
      guide: undefined,
    }),
    'connection-outage': connectionPage({
      by: operator,
      mayShare: false,
      probedBy: undefined,
      notice: undefined,
      now,
      listed: worst,
      figures: undefined,
      urls,
      expiries,
      rechecks: {
        intervalSeconds: 900,
        users: 1204,
        lastConfirmedAt: new Date(now.getTime() - 60_000),
        refused: 3,
        failing: 17,
        failingSince: new Date(now.getTime() - 1_500_000),
        failure: 'upstream_unreachable',
      },
      changes: undefined,
      upstream: text('Okta'),
      guide: undefined,
    }),
  }
}

const changedAt = new Date('2026-11-28T09:30:00Z')
const changes = [
  {
    id: 'a',
    at: changedAt,
    label: 'Signing keys',
    details: { before: 'key-one (0a1b2c3d), key-two (4e5f6a7b)', after: 'key-two (4e5f6a7b), key-three (8c9d0e1f)' },
  },
  {
    id: 'b',
    at: changedAt,
    label: 'Certificates',
    details: { before: `SHA-256 ${'AB:'.repeat(31)}CD`, after: `SHA-256 ${'12:'.repeat(31)}34<b>` },
  },
]
