/** The pages about sign-ins in all states; `retell` replaces text of users and upstreams. */

import type { Administrator } from '../../../src/broker/access/target.ts'
import type { FailureGroup } from '../../../src/broker/ports/sign-ins.ts'
import { explanationOf } from '../../../src/broker/sign-ins/explanation.ts'
import { withoutPersonalData } from '../../../src/broker/sign-ins/shared-trace.ts'
import type { Trace, TraceStep } from '../../../src/broker/trace.ts'
import { type ListPageProps, listPage } from '../../../src/web/admin/sign-ins/list-page.tsx'
import { expiredLinkPage, sharedPage } from '../../../src/web/admin/sign-ins/shared-page.tsx'
import { type TracePageProps, tracePage } from '../../../src/web/admin/sign-ins/trace-page.tsx'
import { sampleSession } from '../store/samples.ts'
import { now } from './samples.ts'

const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

function stepsOf(retell: (text: string) => string): readonly TraceStep[] {
  return [
    { name: 'begin', atMs: 0, tookMs: 182, checks: [] },
    { name: 'discovery', atMs: 1, tookMs: 178, checks: [] },
    {
      name: 'transaction',
      atMs: 18_420,
      tookMs: 4,
      checks: [{ name: 'same browser', ok: true, expected: 'the browser of the login', got: 'the same' }],
    },
    { name: 'complete', atMs: 18_424, tookMs: 640, checks: [], note: retell('the signature was not accepted') },
    { name: 'token exchange', atMs: 18_425, tookMs: 311, checks: [] },
    {
      name: 'ID token',
      atMs: 18_740,
      tookMs: 320,
      note: retell('the signature of the token was not accepted: its key is not among the published ones'),
      checks: [
        { name: 'iss', ok: true, expected: 'https://acme.okta.test', got: 'https://acme.okta.test' },
        {
          name: 'signature',
          ok: false,
          expected: 'made by a key the issuer publishes',
          got: retell('its key is not among the published ones'),
        },
      ],
    },
  ]
}

export function sampleTrace(retell = (text: string) => text, changes: Partial<Trace> = {}): Trace {
  return {
    reference: '7KQ2-M9XD',
    tenant: 'acme',
    connection: 'okta',
    startedAt: minutesAgo(12),
    outcome: 'refused',
    code: 'upstream_invalid',
    cause: 'upstream_invalid: signature',
    fixer: 'tenant admin',
    email: retell('ada.lovelace@acme.test'),
    userId: retell('svSbTzEqp25YERuxIUXehQ'),
    app: retell('portal'),
    reasons: [retell('the email is verified by the upstream'), 'the identity is unknown: a new user'],
    steps: stepsOf(retell),
    ...changes,
  }
}

export function signInPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const admin: Administrator = { session: sampleSession({ tenant: 'acme' }), roles: ['admin', 'member'] }
  const operator: Administrator = { ...admin, roles: ['operator', 'member'] }
  const label = retell('Okta')
  const trace = sampleTrace(retell)
  const explanation = explanationOf(trace, { label })
  const guide = { file: 'providers/okta/setup.md', section: 'When it does not work' }
  const full: TracePageProps = {
    by: admin,
    trace,
    explanation,
    shown: "We couldn't verify the response from the identity provider",
    connectionLabel: label,
    hasConnection: true,
    guide,
    similar: 214,
    mayShare: true,
  }
  const signedIn = sampleTrace(retell, { outcome: 'signed in' })
  const started = sampleTrace(retell, { outcome: 'started', steps: [], reasons: [] })
  const link = { url: `https://login.acme.test/traces/${'a'.repeat(22)}.${'b'.repeat(43)}`, expiresAt: minutesAgo(-60) }
  const causes = [
    'upstream_invalid: signature',
    'upstream_refused: token exchange invalid_client',
    'upstream_unreachable: discovery timeout',
    'credentials_invalid',
  ]
  const failures = causes.map(
    (cause, index): FailureGroup => ({
      tenant: 'acme',
      connection: 'okta',
      code: cause.split(':')[0] ?? '',
      cause,
      fixer: 'tenant admin',
      count: 1_000_000 / 10 ** index,
      firstAt: minutesAgo(600),
      lastAt: minutesAgo(index * 40),
      lastReference: '7KQ2-M9XD',
    }),
  )
  const outcomes = ['signed in', 'refused', 'started', 'sessions ended', 'refused'] as const
  const traces = Array.from({ length: 25 }, (_, index) => ({
    ...sampleTrace(retell, { reference: `7KQ2-${1000 + index}`, startedAt: minutesAgo(index * 7) }),
    ...{ outcome: outcomes[index % outcomes.length] ?? 'refused', connectionLabel: label },
  }))
  const list: ListPageProps = {
    by: operator,
    tenant: undefined,
    values: { period: '24h' },
    faults: [],
    connections: undefined,
    failures: { failures, isCut: true, labelOf: () => label },
    traces,
    next: 'MTc2NDMyMDIwMDAwMC4wbWh4M2sycDc',
    isContinued: false,
    live: true,
    now,
  }
  const own = { by: admin, tenant: 'acme', connections: [{ id: 'okta', label }] }
  const narrowed = { email: retell('ada@acme.test'), user: retell('u1'), cause: 'credentials_invalid', period: 'all' }
  const faults = [{ field: 'email' as const, message: 'Enter a whole email address.' }]
  const shared = { trace: withoutPersonalData(trace), explanation, guide, connectionLabel: label }
  return {
    'trace-refused': tracePage(full),
    'trace-link': tracePage({ ...full, link }),
    'trace-signed-in': tracePage({ ...full, trace: signedIn, explanation: explanationOf(signedIn, { label }) }),
    'trace-started': tracePage({
      ...full,
      trace: started,
      explanation: explanationOf(started, { label }),
      mayShare: false,
    }),
    'sign-ins-full': listPage(list),
    'sign-ins-next': listPage({ ...list, ...own, failures: undefined, isContinued: true }),
    'sign-ins-empty': listPage({
      ...list,
      ...own,
      failures: { failures: [], isCut: false, labelOf: () => label },
      traces: [],
      next: undefined,
    }),
    'sign-ins-narrowed': listPage({
      ...list,
      ...own,
      failures: undefined,
      traces: [],
      values: narrowed,
      next: undefined,
    }),
    'sign-ins-fault': listPage({ ...list, ...own, traces: [], values: { email: retell('ada@') }, faults }),
    'sign-ins-unknown': listPage({ ...list, ...own, failures: undefined, unknownReference: retell('7KQ2-M9XX') }),
    'sign-ins-outage': listPage({ ...list, ...own, outage: 'The database does not answer.' }),
    'shared-trace': sharedPage({ ...shared, tenant: { name: retell('Acme Robotics') }, expiresAt: minutesAgo(-60) }),
    'shared-expired': expiredLinkPage(),
  }
}
