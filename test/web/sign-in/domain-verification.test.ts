/**
 * An upstream that never says whether an email is verified, as Entra: believed for a domain its
 * tenant has proven in the DNS, for that tenant and that domain alone. Entra is an emulator on a
 * real port; the DNS is the test's.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { domainRecord } from '../../../src/broker/identity/domain-verification.ts'
import { referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { signInBy, userOf } from '../../support/gatehouse/partner-server.ts'
import { oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const domain = 'acme-corp.test'
/** What Entra tells of a person: an email, and no `email_verified`. */
const atEntra = (number: number) => ({
  sub: `e-${number}`,
  name: `Entra ${number}`,
  email: `person${number}@${domain}`,
})
/** The same people at an upstream that says so. */
const atOkta = (number: number) => ({
  ...atEntra(number),
  sub: `o-${number}`,
  name: `Okta ${number}`,
  email_verified: true,
})
const numbers = Array.from({ length: 9 }, (_, number) => number)

let entra: OktaEmulator
let okta: OktaEmulator
const clientSecret = 'canary-client-secret-of-acme'
const connectionsAt = (tenant: string) => ({
  clientId: `gatehouse-${tenant}`,
  clientSecret,
  redirectUris: ['entra', 'okta'].map((connection) => `${publicOrigin}/t/${tenant}/${connection}/callback`),
})

beforeAll(async () => {
  const clients = [connectionsAt('acme'), connectionsAt('beta')]
  entra = await startOktaEmulator({ clients, people: numbers.map(atEntra) })
  okta = await startOktaEmulator({ clients, people: numbers.map(atOkta) })
})
afterAll(async () => {
  await Promise.all([entra.close(), okta.close()])
})
beforeEach(() => entra.reset())

/** Both claim the domain where they may. */
function tenantYaml(tenant: string, claims: boolean, more = ''): string {
  const connection = (id: string, kind: string, issuer: string) => `  ${id}:
    kind: ${kind}
    issuer: ${issuer}
    clientId: gatehouse-${tenant}
    clientSecret: \${ACME_SECRET}
${claims ? `    domains: [${domain}]\n` : ''}`
  return `tenant: ${tenant}
name: ${tenant}
connections:
${connection('entra', 'oidc', entra.issuer)}${connection('okta', 'okta', okta.issuer)}${more}`
}

async function startCorporation(more = '') {
  const records: string[] = []
  const unused = await oktaFor()
  const server = await startTestGatehouse({
    okta: unused,
    tenants: { 'acme.yaml': tenantYaml('acme', true, more), 'beta.yaml': tenantYaml('beta', false) },
    settings: 'tenantVariables: { beta: [ACME_SECRET] }\n',
    resolver: {
      resolveTxt: async (name) => (name === domain ? records.map((record) => [record]) : []),
    },
  })
  const look = async () => {
    server.clock.forward(700) // what was not there is looked for again after ten minutes
    await server.core.domains.checkAll()
  }
  return {
    server,
    look,
    publish: () => records.push(domainRecord(server.core.keyRing, 'acme', domain)),
    stop: async () => {
      await server.stop()
      await unused.close()
    },
  }
}

const linkPage = [403, '/link']

describe('users of a domain whose upstream omits email_verified', () => {
  let corporation: Awaited<ReturnType<typeof startCorporation>>
  let server: TestGatehouse
  beforeAll(async () => {
    corporation = await startCorporation()
    server = corporation.server
  })
  afterAll(() => corporation.stop())

  /** Signs in and gives the page it ends on, and who is signed in. */
  async function signIn(connection: string, number: number, tenant = 'acme') {
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, connection, (connection === 'okta' ? atOkta : atEntra)(number).name, tenant)
    return { page, browser, shown: [page.status, page.url.pathname] }
  }
  const reasonsOf = async (userId: string, tenant = 'acme') => {
    const traces = await server.core.storage.durable.traces.search({ tenant, limit: 50 })
    return traces.find((trace) => trace.userId === userId)?.reasons.join('; ')
  }
  const emailProven = async (userId: string, tenant = 'acme') =>
    (await server.core.parts.users.find(tenant, userId))?.emailProven

  it('ID-01 are not trusted before the domain is verified: the linking page asks for proof, as the trace says', async () => {
    await signIn('okta', 1)
    const { shown, page } = await signIn('entra', 1)
    expect(shown).toEqual(linkPage)
    const trace = await server.trace(referenceOn(page))
    expect(trace.reasons[0]).toMatch(
      /it never does\), and domain acme-corp\.test is not proven by DNS TXT: no record at/,
    )
  })

  it('sign in with an unverified email, which is verified once the domain is', async () => {
    const before = await userOf((await signIn('entra', 2)).browser)
    expect(before.profile).toMatchObject({ email_verified: false })
    expect(await emailProven(before.id)).toBe(false)
    corporation.publish()
    await corporation.look()
    const after = await userOf((await signIn('entra', 2)).browser)
    expect(after.id).toBe(before.id)
    expect(after.profile).toMatchObject({ email: atEntra(2).email, email_verified: true })
    expect(await emailProven(after.id)).toBe(true)
  })

  it('are linked by email after that, with the DNS record in the reasons', async () => {
    const owner = await userOf((await signIn('okta', 3)).browser)
    const { browser } = await signIn('entra', 3)
    expect((await userOf(browser)).id).toBe(owner.id)
    await expect
      .poll(() => reasonsOf(owner.id))
      .toMatch(/domain acme-corp\.test is proven by DNS TXT, checked at \d{4}-/)
  })

  it('ID-01 are not linked if the upstream says the email is unverified', async () => {
    await signIn('okta', 4)
    entra.fault('person', { email_verified: false })
    expect((await signIn('entra', 4)).shown).toEqual(linkPage)
  })

  it('ID-02 are not linked in another organization that has not verified the domain', async () => {
    const { browser } = await signIn('entra', 5, 'beta')
    const user = await userOf(browser)
    expect(await emailProven(user.id, 'beta')).toBe(false)
    expect(user.profile).toMatchObject({ email_verified: false })
  })

  it('ID-02 are not linked with an address of another domain', async () => {
    entra.fault('person', { email: 'person6@elsewhere.test' })
    const user = await userOf((await signIn('entra', 6)).browser)
    expect(await emailProven(user.id)).toBe(false)
  })
})

describe('domainProof: required', () => {
  it('ID-02 trusts no email of a claimed domain before its record exists', async () => {
    const { server, publish, look, stop } = await startCorporation('domainProof: required\n')
    const signInOnce = async () => {
      const browser = new TestBrowser(server)
      await signInBy(browser, 'okta', atOkta(8).name)
      return server.core.parts.users.find('acme', (await userOf(browser)).id)
    }
    expect(await signInOnce()).toMatchObject({ emailProven: false })
    publish()
    await look()
    expect(await signInOnce()).toMatchObject({ emailProven: true })
    await stop()
  })
})
