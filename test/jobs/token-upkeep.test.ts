import { expect, it } from 'vitest'
import { maintainTokens } from '../../src/jobs/token-upkeep.ts'
import { openBroker } from '../support/gatehouse/broker.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from '../support/store/samples.ts'

const dayMs = 86_400_000

it('reminds owners of API tokens, and asks nothing about tenants without any', async () => {
  const broker = await openBroker()
  const { apiTokens, connections, users, now } = broker.parts
  const tenant = connections.tenant('acme')
  const others = Array.from({ length: 100 }, (_, index) => ({ ...tenant, id: `tenant-${index}` }))
  const user = sampleUser({ tenant: 'acme' })
  await users.create(user, sampleIdentity())
  const expiresAt = new Date(now().getTime() + 100 * dayMs)
  await apiTokens.create(user, sampleApiToken(user, { createdAt: now(), expiresAt }), 5)
  broker.pass((99.5 * dayMs) / 1000)
  const asked: string[] = []
  const observed: typeof apiTokens = {
    ...apiTokens,
    needingReminder: (query) => {
      asked.push(query.tenant)
      return apiTokens.needingReminder(query)
    },
  }
  await maintainTokens({ ...broker.parts, apiTokens: observed }, [...others, tenant])
  expect(new Set(asked)).toEqual(new Set(['acme']))
  expect(broker.mails.filter(({ kind }) => kind === 'apiToken').length).toBeGreaterThan(0)
})
