/** Problems of connections on the Overview. */
import { expect, it } from 'vitest'
import { connectionProblems } from '../../../src/broker/deployment/connection-problems.ts'
import type { ListedConnection } from '../../../src/broker/health/connection-list.ts'
import { connectionState } from '../../../src/broker/health/connection-state.ts'
import { minutesAgo, sampleNamed, sampleOutcome, sampleProbe } from '../../support/broker/connection-samples.ts'

function listed(connection: string, isStale: boolean): ListedConnection {
  const named = { ...sampleNamed, connection }
  const health = { ...sampleProbe('up'), isStale, checkedAt: minutesAgo(connection === 'oldest' ? 2880 : 10) }
  const last = sampleOutcome(2)
  const signIns = { last, failures: [], signedIn: 1 }
  return { named, health, last, ...connectionState({ named, health, signIns, problems: [] }) }
}

const problemsOf = (...connections: readonly ListedConnection[]) =>
  connectionProblems({ connections, knowsSignIns: true, readAt: minutesAgo(0) }, false)

it('warns of a connection that is no longer probed, with the time of its last probe', () => {
  expect(problemsOf(listed('okta', true), listed('fresh', false))).toMatchObject([
    {
      id: 'connection acme/okta',
      severity: 'warning',
      title: 'Okta: Okta has not been probed since 2026-11-29 11:50 UTC',
    },
  ])
})

it('shows several connections that are no longer probed as one problem since the oldest probe', () => {
  expect(problemsOf(listed('okta', true), listed('oldest', true), listed('fresh', false))).toMatchObject([
    { id: 'probes', fixer: 'operator', since: minutesAgo(2880), title: expect.stringContaining('of 2 connections') },
  ])
})
