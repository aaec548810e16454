/** Plugins that fail: their logins end with a trace that names them, and no other login does. */

import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { guardPlugin } from '../../../src/config/deployment/plugin-guard.ts'
import type { Connection } from '../../../src/provider/provider.ts'
import { testContext, testRecorder } from '../../contract/context.ts'
import { type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { writeFolder } from '../../support/gatehouse/config-folder.ts'
import { faultsAtCallback, faultsAtStart } from '../../support/gatehouse/failing-plugin.ts'
import { acmeYaml, oktaFor, people } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const failing = fileURLToPath(new URL('../../support/gatehouse/failing-plugin.ts', import.meta.url))
const broken = `${writeFolder({ 'broken.mjs': "throw new Error('no license')" })}/broken.mjs`
const faults = [...faultsAtStart, ...faultsAtCallback]
const idOf = (fault: string) => fault.replaceAll(' ', '-')

let server: TestGatehouse
let okta: Awaited<ReturnType<typeof oktaFor>>
beforeAll(async () => {
  okta = await oktaFor()
  const connections = faults.map((fault) => `  ${idOf(fault)}: { kind: failing, fault: ${fault} }\n`).join('')
  const acme = acmeYaml(okta).replace('  password:', `${connections}  broken: {}\n  password:`)
  const settings = `plugins: ['${failing}', '${broken}']\n`
  server = await startTestGatehouse({ okta, settings, tenants: { 'acme.yaml': acme } })
})
afterAll(async () => {
  await server?.stop()
  await okta.close()
})

async function expectFailure(page: Page, plugin: string, code: unknown = 'plugin_failed'): Promise<void> {
  expect(page.status).toBeGreaterThanOrEqual(400)
  expect(page.headers['set-cookie']?.join() ?? '').not.toContain('gatehouse_session')
  const trace = await server.trace(referenceOn(page))
  expect([trace.outcome, trace.code]).toEqual(['refused', code])
  expect(trace.steps.map(({ note }) => note).join()).toContain(`the plugin ${plugin}`)
  expect(inspect(trace, { depth: null })).not.toContain('canary')
}

async function expectOthersUnaffected(): Promise<void> {
  const browser = new TestBrowser(server)
  const page = await browser.click(await browser.open('/t/acme/okta/start'), people.ada.name)
  expect(page.url.pathname).toBe('/account')
}

describe('a plugin that', () => {
  it.each(faultsAtStart.filter((fault) => fault !== 'hangs'))('%s ends its login', async (fault) => {
    const code = fault === 'throws' ? 'upstream_invalid' : 'plugin_failed'
    await expectFailure(await new TestBrowser(server).ask(`/t/acme/${idOf(fault)}/start`), failing, code)
    await expectOthersUnaffected()
  })

  it.each(faultsAtCallback)('%s ends its login', async (fault) => {
    const browser = new TestBrowser(server)
    const begun = await browser.ask(`/t/acme/${idOf(fault)}/start`)
    const state = new URL(String(begun.headers.location)).searchParams.get('state')
    const page = await browser.ask(`/t/acme/${idOf(fault)}/callback?ticket=1&state=${state}`)
    await expectFailure(page, failing, fault === 'redirects again' ? 'callback_malformed' : 'plugin_failed')
    await expectOthersUnaffected()
  })

  it('hangs ends its login in time; others go on meanwhile', async () => {
    const hanging = new TestBrowser(server).ask('/t/acme/hangs/start')
    await expectOthersUnaffected()
    await expectFailure(await hanging, failing, 'upstream_unreachable')
  })

  it('throws when it is imported ends its login, and the sign-in page shows the others', async () => {
    await expectFailure(await new TestBrowser(server).ask('/t/acme/broken/start'), broken)
    await expectOthersUnaffected()
    expect((await new TestBrowser(server).ask('/login?tenant=acme')).status).toBe(200)
    expect(server.logged.join()).toContain('no license')
  })
})

describe('the guard around a plugin', () => {
  const usual: Connection = {
    begin: async () => ({ step: 'redirect', url: new URL('https://idp.example/'), memo: {} }),
    complete: async () => ({ identity: { issuer: 'https://idp.example', subject: 'ada', profile: {} }, evidence: {} }),
    health: async () => ({ status: 'up', checks: [] }),
  }
  const opened = (changes: object) => {
    const open = () => ({ ...usual, ...changes })
    const provider = { kind: 'x', brand: { name: 'X' }, config: z.strictObject({}), open }
    return guardPlugin(provider, 'the plugin ./x.ts', 20).open({}, testContext())
  }
  const start = { state: 'canary-state', record: testRecorder() }
  const answer = { ...start, parameters: new URLSearchParams(), memo: {} }
  const never = () => new Promise<never>(() => undefined)

  it('lets through what is usual', async () => {
    const connection = opened({})
    expect(await connection.begin(start)).toEqual(await usual.begin(start))
    expect(await connection.complete(answer)).toEqual(await usual.complete(answer))
    expect(await connection.health(AbortSignal.timeout(1000))).toEqual({ status: 'up', checks: [] })
  })

  it.each([
    ['hangs', { begin: never, complete: never, health: never }],
    ['throws', { begin: 1, complete: () => Promise.reject(new Error('canary')), health: 1 }],
    ['returns nothing', { begin: async () => undefined, complete: async () => ({}), health: never }],
    [
      'sends the browser to a script',
      {
        begin: async () => ({ step: 'redirect', url: new URL('javascript:1'), memo: {} }),
        complete: never,
        health: never,
      },
    ],
  ])('fails the login of one that %s', async (_, changes) => {
    const connection = opened(changes)
    for (const failed of [connection.begin(start), connection.complete(answer)])
      await expect(failed).rejects.toMatchObject({
        code: 'plugin_failed',
        message: expect.stringMatching(/^the plugin \.\/x\.ts: (?!.*canary)/),
      })
    expect((await connection.health(AbortSignal.timeout(1000))).status).toBe('down')
  })

  it('fails the logins of one that throws when a connection is opened', async () => {
    const provider = { kind: 'x', brand: { name: 'X' }, config: z.strictObject({}) }
    const open = () => {
      throw new Error('canary')
    }
    const connection = guardPlugin({ ...provider, open }, 'the plugin ./x.ts').open({}, testContext())
    await expect(connection.begin(start)).rejects.toMatchObject({
      code: 'plugin_failed',
      message: 'the plugin ./x.ts: it threw Error',
    })
  })
})
