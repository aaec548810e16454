/** The packages that the design chose do their work: V8 counts the functions that a login calls. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { appLogin, password, portal, portalYaml } from '../support/gatehouse/connections.ts'
import { type EmulatedConnection, startEmulated } from '../support/gatehouse/every-connection.ts'
import { answerOn, postAnswer } from '../support/gatehouse/form-post-server.ts'
import { gatehouseYaml } from '../support/gatehouse/test-gatehouse.ts'
import { addPerson, startProcess, type TestGatehouseProcess } from '../support/servers/process.ts'
import { freePort, sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

const always = ['express', 'express-session', 'ioredis', 'oidc-provider']
/** By kind, besides those. */
const packages: Readonly<Record<string, readonly string[]>> = {
  okta: ['openid-client'],
  oidc: ['openid-client'],
  entra: ['openid-client'],
  gitlab: ['openid-client'],
  google: ['passport', 'passport-google-oauth20'],
  linkedin: ['passport', 'passport-linkedin-oauth2'],
  apple: ['passport', 'passport-apple'],
  epam: ['passport', '@node-saml/passport-saml'],
  saml: ['passport', '@node-saml/passport-saml'],
}

const pat = { tenant: 'acme', email: 'pat@mail.test', password }
const hook = new URL('../support/servers/called-packages.mjs', import.meta.url)
let folder: string
let emulated: readonly EmulatedConnection[] = []
let coveragePort: number
let server: TestGatehouseProcess

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-packages-'))
  const kinds = Object.entries(startEmulated)
  emulated = await Promise.all(kinds.map(([kind, start]) => start(kind)))
  const connections = Object.fromEntries(kinds.map(([kind], index) => [kind, emulated[index]?.config]))
  const [port, redis, postgres] = [await freePort(), await sharedRedis(), await sharedPostgres()]
  coveragePort = await freePort()
  await mkdir(join(folder, 'tenants'))
  const settings = { settings: portalYaml, storage: { redis, postgres }, port }
  await writeFile(join(folder, 'gatehouse.yaml'), gatehouseYaml(folder, settings))
  const acme = { tenant: 'acme', name: 'Acme', linking: 'none', connections: { ...connections, password: {} } }
  await writeFile(join(folder, 'tenants/acme.yaml'), JSON.stringify(acme))
  await addPerson(folder, pat, {})
  const environment = { NODE_OPTIONS: `--import=${hook}`, CALLED_PACKAGES_PORT: `${coveragePort}` }
  server = await startProcess(folder, port, environment)
})
afterAll(async () => {
  await server?.end('SIGTERM')
  await Promise.all(emulated.map(({ close }) => close()))
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Functions called since it was asked last, by package. */
async function calledFunctions(): Promise<Record<string, number>> {
  return (await fetch(`http://127.0.0.1:${coveragePort}`)).json() as Promise<Record<string, number>>
}

/** An app's login by this kind of connection, from its request to the code. */
async function signIn(kind: string): Promise<string | null> {
  const browser = new TestBrowser(server)
  const begun = await browser.open(appLogin({ provider: kind }).path)
  if (kind === 'password') {
    const { email } = pat
    const page = await browser.submit(begun, '/login', { email })
    return (await browser.submit(page, '/login', { email, password }, portal.redirectUri)).url.searchParams.get('code')
  }
  const answered = await browser.click(begun, 'Ada', portal.redirectUri)
  const isForm = !answered.url.href.startsWith(portal.redirectUri)
  const ended = isForm ? await postAnswer(browser, answerOn(answered), portal.redirectUri) : answered
  return ended.url.searchParams.get('code')
}

// a login by an emailed code has no upstream and no package of its own
const upstreamKinds = providers.map(({ kind }) => kind).filter((kind) => kind !== 'email')

it.each(upstreamKinds)('a login by %s calls functions of its packages', async (kind) => {
  await calledFunctions()
  expect(await signIn(kind)).toEqual(expect.any(String))
  const called = await calledFunctions()
  expect([...always, ...(packages[kind] ?? [])].filter((name) => called[name] === undefined)).toEqual([])
})
