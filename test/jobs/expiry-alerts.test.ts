/** Alerts about what expires: which days, to whom, and once whatever the number of processes. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { OktaEmulator } from '../../providers/okta/emulator.ts'
import { sendExpiryAlerts } from '../../src/jobs/health/expiry-alerts.ts'
import { formatDate } from '../../src/primitives/time-expression.ts'
import { startWithAdministrators } from '../support/gatehouse/administrators.ts'
import { acmeYaml, oktaFor } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const dayMs = 86_400_000
let okta: OktaEmulator
let server: TestGatehouse
let expires: Date
beforeAll(async () => {
  okta = await oktaFor()
  expires = new Date(Math.ceil(Date.now() / dayMs) * dayMs + 70 * dayMs)
  const day = expires.toISOString().slice(0, 10)
  const acme = acmeYaml(okta, 'access: { admin: [admin@mail.test, group:admins] }\n').replace(
    /^ {2}okta:\n/m,
    `  okta:\n    secretExpires: ${day}\n`,
  )
  server = await startWithAdministrators({ okta, tenants: { 'acme.yaml': acme } })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

const alerted: number[] = []

/** As every process does once an hour. */
function send(): Promise<void> {
  const { parts, storage, tenants } = server.core
  return sendExpiryAlerts({
    ports: parts,
    states: storage.durable.publishedStates,
    alerts: storage.durable.expiryAlerts,
    tenants: [...tenants.values()],
    onAlert: (_, days) => alerted.push(days),
  })
}

function forwardTo(daysBefore: number): void {
  const target = expires.getTime() - daysBefore * dayMs + 3_600_000
  server.clock.forward((target - server.clock.now().getTime()) / 1000)
}

it('sends one email for each of 60, 30, 14, 7 and 1 days, and none twice, with ten processes', async () => {
  await Promise.all(Array.from({ length: 10 }, send))
  expect(alerted).toEqual([])
  for (const days of [60, 45, 30, 14, 7, 1]) {
    forwardTo(days)
    await Promise.all(Array.from({ length: 10 }, send))
  }
  expect(alerted).toEqual([60, 30, 14, 7, 1])
  await server.mail('admin@mail.test', 5)
  forwardTo(-1)
  await send()
  expect(alerted).toHaveLength(5)
  expect((await server.mails()).filter(({ to }) => to === 'admin@mail.test')).toHaveLength(5)
})

it('the email says what expires, when, where to renew it, and what happens otherwise', async () => {
  const mails = await server.mails()
  const mail = mails.find(({ subject }) => subject.includes('in 59 days') || subject.includes('in 60 days'))
  const day = formatDate(expires)
  expect(mail?.subject).toMatch(new RegExp(`^The client secret of .+ expires in (59|60) days, on ${day} \\(Acme\\)$`))
  expect(mail?.text).toContain('the identity provider refuses every sign-in of this connection')
  expect(mail?.text).toContain('Admin Console → Applications')
  expect(mail?.text).toContain('/admin/connections/acme/okta')
})
