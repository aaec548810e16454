import { expect, it } from 'vitest'
import { connectionsOf } from '../../../src/broker/connections.ts'
import { otherIssuers } from '../../../src/broker/identity/issuers.ts'
import { finishLogin } from '../../../src/broker/login/finish-login.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import type { ConnectionContext, ConnectionTraits, Provider } from '../../../src/provider/provider.ts'
import { testContext } from '../../contract/context.ts'
import { notSignedIn } from '../../support/broker/not-signed-in.ts'
import {
  type Broker,
  callback,
  connectionSettings,
  loginRequest,
  openBroker,
  stubProvider,
  tenantOf,
  traceOf,
} from '../../support/gatehouse/broker.ts'

/** Connections of one issuer: `staff` and `staff2` share a description, `partner` has its own. */
const withDescriptions: Readonly<Record<string, ConnectionTraits>> = {
  staff: { metadataUrl: 'https://idp.acme.test/metadata' },
  staff2: { metadataUrl: 'https://idp.acme.test/metadata' },
  partner: { metadataUrl: 'https://idp.partner.test/metadata' },
  pinned: { metadataUrl: 'https://idp.other.test/metadata', issuers: ['https://upstream.test'] },
  google: { issuers: ['https://upstream.test'] },
  entra: { issuerTemplate: { before: 'https://login.test/', after: '/v2.0' } },
}
const connection = stubProvider()
const provider: Provider = {
  ...connection,
  open: (config, context) => ({
    ...connection.open(config, context),
    traits: withDescriptions[context.connection] ?? {},
  }),
}
const tenantWith = (...ids: readonly string[]) => tenantOf(ids.map((id) => connectionSettings({ id })))
const names = Object.keys(withDescriptions)

async function signIn(broker: Broker, connection: string, subject: string) {
  const started = await startLogin(broker.parts, loginRequest({ connection }))
  if (started.outcome !== 'begun') throw started.error
  const finished = await finishLogin(broker.parts, callback({ state: started.state, subject }, { connection }))
  if (finished.outcome === 'signed in') return { user: finished.session.userId, failed: undefined }
  if (finished.outcome !== 'refused') throw notSignedIn(finished)
  const { steps } = traceOf(broker, finished.reference)
  return { user: finished.error.code, failed: steps.flatMap(({ checks }) => checks).find(({ ok }) => !ok) }
}

/** The same store under a configuration with these connections alone. */
function configured(broker: Broker, ...ids: readonly string[]): Broker {
  const tenant = tenantWith(...ids)
  const contextOf = ({ id }: { id: string }, settings: { id: string }): ConnectionContext =>
    testContext({ tenant: id, connection: settings.id })
  return {
    ...broker,
    parts: { ...broker.parts, connections: connectionsOf(new Map([['acme', tenant]]), [provider], contextOf) },
  }
}

const broker = await openBroker({ tenants: [tenantWith(...names)], providers: [provider] })

it.each([
  ['google', 'partner'],
  ['staff', 'partner'],
  ['partner', 'staff'],
  ['pinned', 'partner'],
])('RP-37 an identity of %s is rejected from %s, which claims the same issuer', async (first, second) => {
  const subject = `${first} then ${second}`
  expect((await signIn(broker, first, subject)).failed).toBeUndefined()
  expect(await signIn(broker, second, subject)).toEqual({
    user: 'upstream_invalid',
    failed: { name: 'owner of the identity', ok: false, expected: `connection ${second}`, got: `connection ${first}` },
  })
  expect(traceOf(broker, broker.traces.at(-1)?.reference ?? '').fixer).toBe('tenant admin')
})

it.each([
  ['partner', 'partner', 'the same connection'],
  ['staff', 'staff2', 'both have one description'],
  ['partner', 'pinned', 'the config says whose name it is'],
  ['partner', 'google', 'the config says whose name it is'],
])('an identity of %s is accepted from %s: %s', async (first, second) => {
  const subject = `${first} and ${second}`
  const { user } = await signIn(broker, first, subject)
  expect(await signIn(broker, second, subject)).toEqual({ user, failed: undefined })
})

it('accepts a user whose connection was renamed', async () => {
  const before = configured(broker, 'staff')
  const { user } = await signIn(before, 'staff', 'renamed')
  const renamed = configured(broker, 'partner', 'google')
  expect(await signIn(renamed, 'partner', 'renamed')).toEqual({ user, failed: undefined })
})

it('RP-37 tells a connection the issuers of the others, and the form of those that are not fixed', async () => {
  const { parts, stores } = broker
  const place = { tenant: 'acme', connection: 'partner' }
  const claims = await otherIssuers(parts.connections, stores.durable.trustedMetadata, place)
  expect(claims).toContainEqual({ connection: 'google', issuer: 'https://upstream.test' })
  expect(claims).toContainEqual({ connection: 'entra', issuer: { before: 'https://login.test/', after: '/v2.0' } })
})
