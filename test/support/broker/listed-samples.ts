/** Connections as `listConnections` returns them. */
import type { ListedConnection } from '../../../src/broker/health/connection-list.ts'
import { isFaulty, type StateName } from '../../../src/broker/health/connection-state.ts'

/** A connection of this state; its id is the state. */
export function listedSample(state: StateName, text = (given: string) => given): ListedConnection {
  const named = {
    tenant: text('acme'),
    connection: state.replace(' ', '-'),
    kind: 'okta',
    label: text('Okta'),
    callbackUrl: 'https://login.test/t/acme/okta/callback',
    callbackPlace: undefined,
    secretPlace: undefined,
  }
  const finding = isFaulty(state) && {
    state,
    cause: 'upstream_unreachable: refused',
    title: text('Okta does not answer'),
    fix: text('Check whether Okta is up, and the firewall between.'),
    fixer: 'tenant admin' as const,
    since: new Date('2026-11-29T15:40:00Z'),
    source: 'probe' as const,
    evidence: text('connect ECONNREFUSED'),
  }
  return { named, state, findings: finding === false ? [] : [finding], health: undefined, last: undefined }
}
