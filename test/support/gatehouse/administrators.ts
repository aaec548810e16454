/** A Gatehouse with administrators of two tenants, and their browsers. */
import { assignRole } from '../../../src/broker/access/assign-role.ts'
import type { TestBrowser } from '../browser/test-browser.ts'
import { browserOf, tokenFor } from './connections.ts'
import { acmeYaml, betaYaml, oktaFor } from './tenants.ts'
import { startTestGatehouse, type TestGatehouse, type TestGatehouseOptions } from './test-gatehouse.ts'

/** `admin@mail.test` administers acme, `boss@mail.test` beta. */
export async function startWithAdministrators(options: TestGatehouseOptions = {}): Promise<TestGatehouse> {
  const okta = options.okta ?? (await oktaFor())
  const tenants = {
    'acme.yaml': acmeYaml(okta, 'access: { admin: [admin@mail.test] }\n'),
    'beta.yaml': `${betaYaml(okta)}access: { admin: [boss@mail.test] }\n`,
  }
  const server = await startTestGatehouse({ tenants, ...options, okta })
  const stop = async () => {
    await server.stop()
    if (options.okta === undefined) await okta.close()
  }
  return { ...server, stop }
}

export const adminOf = (server: TestGatehouse): Promise<TestBrowser> => browserOf(server, 'admin@mail.test')

/** A user of acme whom the command line made operator. */
export async function operatorOf(server: TestGatehouse, email = 'operator@mail.test'): Promise<TestBrowser> {
  const browser = await browserOf(server, email)
  await makeOperator(server, email)
  return browser
}

/** The session token of an operator. */
export async function operatorTokenOf(server: TestGatehouse, email = 'operator@mail.test'): Promise<string> {
  const token = await tokenFor(server, email)
  await makeOperator(server, email)
  return token
}

/** Makes a user of acme operator. */
export async function makeOperator(server: TestGatehouse, email: string): Promise<void> {
  const { parts } = server.core
  const [user] = await parts.users.findByProvenEmail('acme', email)
  if (user === undefined) throw new Error(`there is no user ${email}`)
  await assignRole(parts, { user, role: 'operator', actor: 'cli' })
}

/** Of the user with this proven email. */
export async function userIdOf(server: TestGatehouse, email: string, tenant = 'acme'): Promise<string> {
  const [user] = await server.core.parts.users.findByProvenEmail(tenant, email)
  if (user === undefined) throw new Error(`there is no user ${email} in ${tenant}`)
  return user.id
}

/** The latest audit event of this action. */
export async function lastEventOf({ core }: TestGatehouse, action: string, tenant = 'acme') {
  return (await core.parts.audit.recent({ tenant, action, limit: 1 }))[0]
}
