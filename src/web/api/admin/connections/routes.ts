/** `/api/v1/admin/connections`: states, probes and figures of connections. */
import { type ListedConnection, listConnections } from '../../../../broker/health/connection-list.ts'
import {
  createSetupLink,
  type KnownSetupLink,
  revokeSetupLink,
  setupUrl,
} from '../../../../broker/health/setup-link.ts'
import { isoTime } from '../../../../http/iso-time.ts'
import { listedTenant } from '../../../admin/administrator.ts'
import {
  type ConnectionDetail,
  reachableConnection,
  readConnection,
} from '../../../admin/connections/connection-detail.ts'
import { type ApiRoute, answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { connectionParams, connectionsQuery } from './connections-schemas.ts'
import { cursorAfter, pageAfter } from './state-cursor.ts'

const example = {
  tenant: 'acme',
  connection: 'okta',
  kind: 'okta',
  label: 'Okta',
  state: 'misconfigured',
  findings: [
    {
      state: 'misconfigured',
      cause: 'upstream_refused: invalid_client',
      title: 'Okta rejects the client ID or the client secret',
      fix: 'Create a new secret in Okta under Admin Console → Applications → Applications → your app integration → General → Client Credentials, and set connections.okta.clientSecret in the file of the tenant acme. An operator changes the file, runs `gatehouse check` and restarts Gatehouse.',
      fixer: 'operator',
      since: '2026-11-29T16:28:11.000Z',
      source: 'probe',
      evidence: 'the token endpoint answered invalid_client to client_secret_post',
      reference: '7KQ2-M9XD',
    },
  ],
  lastSignInAt: '2026-11-29T16:27:52.000Z',
  lastFailure: {
    at: '2026-11-29T16:30:01.000Z',
    cause: 'upstream_refused: token exchange invalid_client',
    reference: '7KQ2-M9XD',
  },
  probe: {
    status: 'down',
    checks: [{ name: 'keys', ok: true, detail: 'signing keys published: 2', tookMs: 41 }],
    checkedAt: '2026-11-29T16:30:20.000Z',
    changedAt: '2026-11-29T16:28:11.000Z',
    tookMs: 160,
    probedBy: 'mH3k0wQv2sYp',
    isStale: false,
  },
}

const detailExample = {
  ...example,
  signIns: {
    hour: { signedIn: 118, refused: 31 },
    day: { signedIn: 2604, refused: 40 },
    steps: [{ step: 'token exchange', hour: { p50: 150, p95: 500 }, day: { p50: 150, p95: 700 } }],
    failures: [
      {
        cause: 'upstream_refused: token exchange invalid_client',
        fixer: 'operator',
        count: 31,
        lastAt: '2026-11-29T16:30:01.000Z',
        lastReference: '7KQ2-M9XD',
      },
    ],
  },
  expiries: [{ kind: 'client secret', name: 'client secret', expiresAt: '2027-03-01T00:00:00.000Z' }],
  urls: [{ name: 'Sign-in redirect URIs', url: 'https://gatehouse.example.com/t/acme/okta/callback' }],
}

export const connectionsApiRoutes: readonly ApiRoute[] = [
  apiRoute('listConnectionStates', 'get', '/api/v1/admin/connections', {
    caller: 'recently signed-in admin',
    permission: 'connections:read',
    summary: 'List connections with their states, the worst first',
    description: 'Operators read connections of all tenants, admins those of their tenant.',
    query: connectionsQuery,
    answer: answer(200, 'One page of connections.', schemas.ConnectionStatePage, {
      connections: [example],
      readAt: '2026-11-29T16:30:22.000Z',
    }),
    errors: ['not_found'],
    handler: async ({ shell, caller, roles, query }) => {
      const tenant = await listedTenant(shell, { session: caller, roles }, query.tenant)
      const { connections, readAt } = await listConnections(shell.parts, tenant)
      const matching = connections.filter(({ state }) => query.state === undefined || state === query.state)
      const { page, next } = pageAfter(matching, query.cursor, query.limit)
      const read = { connections: page.map(stateView), readAt: isoTime(readAt) }
      return { ...read, ...(next !== undefined && { next: cursorAfter(next) }) }
    },
  }),
  apiRoute('getConnectionState', 'get', '/api/v1/admin/connections/:tenant/:connection', {
    caller: 'recently signed-in admin',
    permission: 'connections:read',
    summary: 'Read the state, the last probe and the figures of a connection',
    params: connectionParams,
    answer: answer(200, 'The connection as this process knows it.', schemas.ConnectionDetail, detailExample),
    errors: ['not_found'],
    handler: async ({ shell, caller, roles, params }) => {
      const key = await reachableConnection(shell, { session: caller, roles }, params)
      return detailView(await readConnection(shell, key))
    },
  }),
  apiRoute('probeConnection', 'post', '/api/v1/admin/connections/:tenant/:connection/probe', {
    caller: 'recently signed-in admin',
    permission: 'connections:probe',
    summary: 'Probe a connection now',
    description: 'Once in ten seconds. All processes show the result.',
    params: connectionParams,
    answer: answer(200, 'The state after the probe.', schemas.ConnectionDetail, detailExample),
    errors: ['not_found', 'too_many_attempts'],
    handler: async ({ shell, caller, roles, params }) => {
      const key = await reachableConnection(shell, { session: caller, roles }, params)
      await shell.parts.probeNow(key.tenant, key.connection)
      return detailView(await readConnection(shell, key))
    },
  }),
  apiRoute('createSetupLink', 'post', '/api/v1/admin/connections/:tenant/:connection/setup-link', {
    caller: 'recently signed-in admin',
    permission: 'connections:share',
    summary: 'Create the link to the setup page of a connection',
    description:
      'For the administrator of the identity provider, who need not sign in here: what to enter there, and a test. It shows no secrets. It replaces an earlier link.',
    params: connectionParams,
    body: { schema: schemas.NewSetupLink, example: { lifetime: '7d' } },
    answer: answer(201, 'The link.', schemas.SetupLink, {
      url: 'https://login.example/t/acme/okta/setup/k3VtQ0m2mE9cW1xR7yLZ5a.9sXo1dY4hJ0pRz8uQ2vTn5bKc7wLm3eFg6aHi1jNk0A',
      expiresAt: '2026-12-06T09:30:00.000Z',
    }),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params, body }) => {
      const key = await reachableConnection(shell, { session, roles }, params)
      const { code, expiresAt } = await createSetupLink(shell.parts, session.userId, key, body.lifetime)
      return { url: setupUrl(shell.publicUrl, key, code), expiresAt: isoTime(expiresAt) }
    },
  }),
  apiRoute('revokeSetupLink', 'delete', '/api/v1/admin/connections/:tenant/:connection/setup-link', {
    caller: 'recently signed-in admin',
    permission: 'connections:share',
    summary: 'Revoke the link to the setup page of a connection',
    params: connectionParams,
    answer: answer(204, 'No link works now.'),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params }) => {
      const key = await reachableConnection(shell, { session, roles }, params)
      await revokeSetupLink(shell.parts, session.userId, key)
    },
  }),
]

function stateView({ named, state, findings, health, last }: ListedConnection) {
  const { tenant, connection, kind, label } = named
  const failure = last?.lastRefusal
  return {
    tenant,
    connection,
    kind,
    label,
    state,
    findings: findings.map(({ since, ...finding }) => ({
      ...finding,
      ...(since !== undefined && { since: isoTime(since) }),
    })),
    ...(last?.lastSignInAt !== undefined && { lastSignInAt: isoTime(last.lastSignInAt) }),
    ...(failure !== undefined && {
      lastFailure: { at: isoTime(failure.lastAt), cause: failure.cause, reference: failure.lastReference },
    }),
    ...(health !== undefined && { probe: probeView(health) }),
  }
}

function probeView(health: NonNullable<ListedConnection['health']>) {
  const { status, checks, checkedAt, changedAt, tookMs, probedBy, isStale } = health
  const times = { checkedAt: isoTime(checkedAt), changedAt: isoTime(changedAt) }
  return { status, checks, ...times, tookMs, probedBy, isStale }
}

function setupLinkView({ createdBy, expiresAt }: KnownSetupLink) {
  return { createdBy, expiresAt: isoTime(expiresAt) }
}

function detailView({ listed, figures, urls, expiries, setupLink }: ConnectionDetail) {
  return {
    ...stateView(listed),
    ...(figures !== undefined && { signIns: figuresView(figures) }),
    expiries: expiries.map(({ kind, name, expiresAt }) => ({ kind, name, expiresAt: isoTime(expiresAt) })),
    urls: urls.map(({ label: name, url }) => ({ name, url })),
    ...(setupLink && { setupLink: setupLinkView(setupLink) }),
  }
}

function figuresView({ success: { hour, day }, steps, failures }: NonNullable<ConnectionDetail['figures']>) {
  return {
    hour,
    day,
    steps: steps.map(({ step, hour: ofHour, day: ofDay }) => ({
      step,
      ...(ofHour !== undefined && { hour: { p50: ofHour.p50, p95: ofHour.p95 } }),
      ...(ofDay !== undefined && { day: ofDay }),
    })),
    failures: failures.map(({ cause, fixer, count, lastAt, lastReference }) => ({
      cause,
      fixer,
      count,
      lastAt: isoTime(lastAt),
      lastReference,
    })),
  }
}
