/** Two public connections with the same mailbox: Google hosts it, LinkedIn does not. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGoogleEmulator } from '../../../providers/google/emulator.ts'
import { startLinkedInEmulator } from '../../../providers/linkedin/emulator.ts'
import type { BrandEmulator } from '../../../providers/oidc/emulator/emulator.ts'
import { referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { signInBy, userOf } from '../../support/gatehouse/partner-server.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const ann = { name: 'Ann of Gmail', email: 'ann@gmail.com', email_verified: true }
const eve = { name: 'Eve elsewhere', email: 'eve@elsewhere.test', email_verified: true }
const wes = { name: 'Wes of Workspace', email: 'wes@workspace.test', email_verified: true, hd: 'workspace.test' }
const people = [ann, eve, wes]

let google: BrandEmulator
let linkedin: BrandEmulator
let server: TestGatehouse
beforeAll(async () => {
  const client = (connection: string) => ({
    clientId: 'gatehouse',
    clientSecret: 'canary-client-secret-of-acme',
    redirectUris: [`${publicOrigin}/t/acme/${connection}/callback`],
  })
  google = await startGoogleEmulator({
    clients: [client('google')],
    people: people.map((who, n) => ({ ...who, sub: `g-${n}` })),
  })
  linkedin = await startLinkedInEmulator({
    clients: [client('linkedin')],
    people: people.map(({ hd: _, ...who }: typeof ann & { hd?: string }, n) => ({ ...who, sub: `l-${n}` })),
  })
  const connection = (id: string, { endpoints }: BrandEmulator) =>
    `  ${id}:\n    clientId: gatehouse\n    clientSecret: \${ACME_SECRET}\n    endpoints: ${JSON.stringify(endpoints)}\n`
  const connections = connection('google', google) + connection('linkedin', linkedin)
  server = await startTestGatehouse({
    tenants: { 'acme.yaml': `tenant: acme\nname: Acme\nconnections:\n${connections}` },
  })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([google.close(), linkedin.close()])
})

async function provenAt(connection: string, name: string) {
  const browser = new TestBrowser(server)
  await signInBy(browser, connection, name)
  return (await server.core.parts.users.find('acme', (await userOf(browser)).id))?.emailProven
}

it('ID-02 LinkedIn does not verify a gmail.com address, Google does; then LinkedIn leads to the linking page', async () => {
  expect(await provenAt('linkedin', eve.name)).toBe(false)
  expect(await provenAt('google', ann.name)).toBe(true)
  const page = await signInBy(new TestBrowser(server), 'linkedin', ann.name)
  expect([page.status, page.url.pathname]).toEqual([403, '/link'])
  expect(page.body).toContain('Sign in with Google')
  expect((await server.trace(referenceOn(page))).reasons[0]).toContain('may not speak for gmail.com')
})

it('ID-02 Google verifies an address of its hosted domain, and none of an external mailbox', async () => {
  expect(await provenAt('google', wes.name)).toBe(true)
  const page = await signInBy(new TestBrowser(server), 'google', eve.name)
  expect([page.status, page.url.pathname]).toEqual([403, '/link'])
  expect((await server.trace(referenceOn(page))).reasons[0]).toContain('may not speak for elsewhere.test')
})
