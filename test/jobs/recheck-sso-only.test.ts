/** A re-check whose answer `ssoOnly` refuses. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  isSignedIn,
  nextRecheck,
  sessionOf,
  signIn,
  startRecheckingGatehouse,
} from '../support/gatehouse/rechecked-users.ts'
import { people } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  const more = 'ssoOnly: { domains: [okta.example], except: [root@okta.example] }\n'
  server = await startRecheckingGatehouse({ more })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

it('ends the access by the connection once, and asks no more', async () => {
  const { parts } = server.core
  const browser = await signIn(server, 'bob')
  const { id } = (await sessionOf(browser)).user
  // an address of another domain, of a user who is known by one of the domain
  server.okta.accounts.change(people.bob.sub, { email: 'bob@elsewhere.test' })
  await nextRecheck(server, [browser])
  expect(await isSignedIn(browser)).toBe(false)
  expect(await parts.upstreamGrants.stateOf({ tenant: 'acme', connection: 'okta' })).toMatchObject({ users: 0 })
  expect(await parts.users.find('acme', id)).toMatchObject({ status: 'active' })
  const asked = server.okta.counters.token
  for (const _ of [1, 2]) await nextRecheck(server)
  expect(server.okta.counters.token).toBe(asked)
  const events = await parts.audit.recent({ tenant: 'acme', user: id, limit: 50 })
  const refused = events.filter(({ action }) => action === 'recheck.refused')
  expect(refused.map(({ details }) => [details['reason'], details['outcome']])).toEqual([
    ['sso_required', 'signed out'],
  ])
})
