/** A Gatehouse with Apple and SAML connections, which answer by form, in two organizations. */
import { generateKeyPairSync } from 'node:crypto'
import { type AppleEmulator, startAppleEmulator } from '../../../providers/apple/emulator.ts'
import { type SamlEmulator, startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import { formsOn, type Page, TestBrowser } from '../browser/test-browser.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from './tenants.ts'
import { startTestGatehouse, type TestGatehouse } from './test-gatehouse.ts'

const organizations = ['acme', 'beta'] as const
const appleKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' })
const appleIds = { clientId: 'com.acme.signin', teamId: 'TEAM123456', keyId: 'KEY1234567' }

export const atApple = { sub: '001.ada', given_name: 'Ada', family_name: 'Lovelace', email: 'ada@apple.test' } as const
export const atSaml = {
  nameId: 'ada-1',
  attributes: { email: ['ada@saml.test'], displayName: ['Ada of SAML'] },
} as const

export interface FormPostServer {
  readonly server: TestGatehouse
  readonly apple: AppleEmulator
  readonly saml: SamlEmulator
  stop(): Promise<void>
}

export async function startFormPostServer(): Promise<FormPostServer> {
  const at = (tenant: string, connection: string, path: string) => `${publicOrigin}/t/${tenant}/${connection}/${path}`
  const service = (tenant: string, connection: string) => ({
    entityId: at(tenant, connection, 'metadata'),
    acs: at(tenant, connection, 'callback'),
  })
  const okta = await oktaFor()
  const apple = await startAppleEmulator({
    clients: [
      { ...appleIds, key: String(appleKey), redirectUris: organizations.map((id) => at(id, 'apple', 'callback')) },
    ],
    people: [atApple],
  })
  const saml = await startSamlEmulator({
    services: [
      ...organizations.map((id) => service(id, 'saml')),
      service('acme', 'posted'),
      service('acme', 'dashboard'),
    ],
    people: [atSaml],
  })
  const samlYaml = (id: string, more = '') => `  ${id}:\n    kind: saml\n    metadataUrl: ${saml.metadataUrl}\n${more}`
  const connections = `  apple:
    clientId: ${appleIds.clientId}
    teamId: ${appleIds.teamId}
    keyId: ${appleIds.keyId}
    privateKey: ${JSON.stringify(String(appleKey))}
    endpoints: ${JSON.stringify(apple.endpoints)}
${samlYaml('saml')}`
  const more = samlYaml('posted', '    binding: post\n') + samlYaml('dashboard', '    allowIdpInitiated: true\n')
  const withConnections = (yaml: string, extra = '') => yaml.replace('  password:', `${connections}${extra}  password:`)
  const server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': withConnections(acmeYaml(okta), more), 'beta.yaml': withConnections(betaYaml(okta)) },
    settings: 'trustedProxies: [127.0.0.1]\n',
  })
  const stop = async () => {
    await server.stop()
    await Promise.all([okta.close(), apple.close(), saml.close()])
  }
  return { server, apple, saml, stop }
}

/** An upstream's answer: the form in the page it leads the browser back with. */
export interface PostedAnswer {
  readonly address: string
  readonly fields: Readonly<Record<string, string>>
}

/** Signs in at the upstream as the person of these words; the answer, not yet posted. */
export async function answerBy(
  browser: TestBrowser,
  connection: string,
  words: string,
  tenant = 'acme',
): Promise<PostedAnswer> {
  return answerOn(await browser.click(await browser.open(`/t/${tenant}/${connection}/start`), words))
}

export function answerOn(page: Page): PostedAnswer {
  const [form] = formsOn(page)
  if (form === undefined) throw new Error(`no form on ${page.url.href}`)
  return { address: form.action, fields: form.fields }
}

/** As a browser posts it from the upstream's page: none of our Lax cookies come along. */
export async function postFromElsewhere(browser: TestBrowser, { address, fields }: PostedAnswer): Promise<Page> {
  const headers = { origin: 'http://localhost:1', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  const page = await new TestBrowser(browser.server, browser.source).ask(address, {
    method: 'POST',
    form: fields,
    headers,
  })
  browser.jar.keep(page.url, page.headers['set-cookie'] ?? [])
  return page
}

/** The upstream's page, ours that passes it on, and where that ends. */
export async function postAnswer(browser: TestBrowser, answer: PostedAnswer, stopAt?: string): Promise<Page> {
  const page = await postFromElsewhere(browser, answer)
  return browser.submit(page, new URL(answer.address).pathname, {}, stopAt)
}
