/**
 * Warnings of upstreams on private networks, which Gatehouse calls only where the operator lists
 * them.
 */
import { expect, it } from 'vitest'
import { load, okta } from '../../support/gatehouse/config-folder.ts'

const gatehouse = (allow: string) =>
  `publicUrl: https://login.example.com\nmail: { directory: var/mail }\noutbound: { allowPrivate: [${allow}] }\n`

const warning =
  'tenants/acme.yaml:5:5: connections.okta.issuer: is on a private network, which Gatehouse does not call: list its host in outbound.allowPrivate of gatehouse.yaml'

it.each([
  ['https://10.1.2.3', '', true],
  ['https://10.1.2.3', '10.0.0.0/8', false],
  ['http://localhost:4010', '', true],
  ['http://localhost:4010', 'localhost', false],
  ['https://[fd00::1]', '', true],
  ['https://acme.okta.com', '', false],
  ['https://okta.internal.acme.com', '', false],
])('the issuer %s with allowPrivate [%s] is warned of: %s', async (issuer, allow, isWarned) => {
  const { warnings } = await load({ 'gatehouse.yaml': gatehouse(allow), 'tenants/acme.yaml': okta(issuer) })
  expect(warnings).toEqual(isWarned ? [warning] : [])
})
