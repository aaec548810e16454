/** The metrics of the health of connections. */
import { expect, it } from 'vitest'
import { healthFamilies } from '../../../src/main/metrics/health-families.ts'
import { minutesAgo, sampleProbe } from '../../support/broker/connection-samples.ts'
import { connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'

it('a connection that is no longer probed is neither up nor down', async () => {
  const tenant = tenantOf([connectionSettings({ id: 'fresh' }), connectionSettings({ id: 'stale' })])
  const families = healthFamilies({
    tenants: new Map([[tenant.id, tenant]]),
    connectionHealth: (_, id) => ({ ...sampleProbe('up'), isStale: id === 'stale' }),
    now: () => minutesAgo(0),
    signIns: { byConnection: () => [] },
  })
  const samples = async (name: string) => families.find((family) => family.name === name)?.read()
  expect(await samples('gatehouse_connection_up')).toMatchObject([{ labels: { connection: 'fresh' }, value: 1 }])
  expect(await samples('gatehouse_connections')).toEqual([
    { labels: { state: 'up' }, value: 1 },
    { labels: { state: 'degraded' }, value: 0 },
    { labels: { state: 'down' }, value: 0 },
    { labels: { state: 'unknown' }, value: 1 },
  ])
})
