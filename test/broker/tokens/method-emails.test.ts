import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { cachedApiTokens } from '../../../src/broker/tokens/cached-tokens.ts'
import { checkToken, type TokenCheckPorts } from '../../../src/broker/tokens/check-token.ts'
import { readWithMethodEmails } from '../../../src/broker/tokens/method-emails.ts'
import { formatToken, tokenId } from '../../../src/crypto/token.ts'
import { connectionSettings, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from '../../support/store/samples.ts'

const plain = tenantOf([connectionSettings({ id: 'okta' })])
const tenant = { ...plain, ssoOnly: { domains: ['bound.example'], except: [] } }

it('reads the addresses of many tokens of an `ssoOnly` tenant at once, and again within a second', async () => {
  const { parts } = await openBroker({ tenants: [tenant] })
  const counted = { tokens: 0, addresses: 0 }
  const texts = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const user = sampleUser({ tenant: 'acme' })
      const email = { address: `user-${at}@${at === 0 ? 'bound' : 'free'}.example`, verified: true }
      await parts.users.create(user, sampleIdentity({ profile: { email } }))
      const text = formatToken('gth_a_', randomBytes(32))
      const createdAt = parts.now()
      const expiresAt = new Date(createdAt.getTime() + 3_600_000)
      const token = sampleApiToken(user, { id: tokenId(text), ranges: [], createdAt, expiresAt })
      await parts.apiTokens.create(user, token, 100)
      return text
    }),
  )
  const stored = {
    ...parts.apiTokens,
    findAll: (ids: readonly string[]) => {
      counted.tokens += 1
      return parts.apiTokens.findAll(ids)
    },
  }
  const users = {
    identitiesOf: () => Promise.reject(new Error('read alone')),
    identitiesOfAll: (...given: Parameters<typeof parts.users.identitiesOfAll>) => {
      counted.addresses += 1
      return parts.users.identitiesOfAll(...given)
    },
  }
  const tenants = new Map([[tenant.id, tenant]])
  let time = 0
  const apiTokens = cachedApiTokens(stored, {
    findAll: readWithMethodEmails({ apiTokens: stored, users, tenants }),
    now: () => time,
    defer: setImmediate,
    schedule: () => undefined,
  })
  const fail = (error: unknown) => {
    throw error
  }
  const ports: TokenCheckPorts = { apiTokens, users, tenants, now: parts.now, onTouchFailed: fail }
  const client = { address: undefined, agent: undefined }
  const check = () => Promise.all(texts.map((text) => checkToken(ports, text, 'header', client)))
  for (const reads of [1, 1, 2]) {
    if (reads === 2) time = 900
    expect((await check()).map((session) => session !== null)).toEqual(texts.map((_, at) => at !== 0))
    expect(counted).toEqual({ tokens: reads, addresses: reads })
  }
})
