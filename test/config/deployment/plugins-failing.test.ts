/** Plugins that fail: their logins end with a trace that names them, and no other login does. */

import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { guardPlugin } from '../../../src/config/deployment/plugin-guard.ts'
import type { Connection } from '../../../src/provider/provider.ts'
import { testContext, testRecorder } from '../../contract/context.ts'
import { type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { writeFolder } from '../../support/gatehouse/config-folder.ts'
import { faultsAtCallback, faultsAtStart } from '../../support/gatehouse/failing-plugin.ts'
import { acmeYaml, oktaFor, people } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

const failing = fileURLToPath(new URL('../../support/gatehouse/failing-plugin.ts', import.meta.url))
const broken = `${writeFolder({ 'broken.mjs': "throw new Error('no license')" })}/broken.mjs`
const rejecting = (kind: string) => {
  const content = `import { z } from 'zod'
    export const provider = { kind: '${kind}', brand: { name: 'X' }, config: z.strictObject({}),
      open() {}, load: async () => { throw new Error('no module') } }`
  return `${writeFolder({ [`${kind}.mjs`]: content })}/${kind}.mjs`
}
const first = rejecting('first')
const second = rejecting('second')
const faults = [...faultsAtStart, ...faultsAtCallback]
const idOf = (fault: string) => fault.replaceAll(' ', '-')

let server: TestGatehouse
let okta: Awaited<ReturnType<typeof oktaFor>>
beforeAll(async () => {
  okta = await oktaFor()
  const unloaded = ['first', 'second'].map((kind) => `  ${kind}: {}\n`).join('')
  const connections = faults.map((fault) => `  ${idOf(fault)}: { kind: failing, fault: ${fault} }\n`).join('')
  const acme = acmeYaml(okta).replace('  password:', `${connections}${unloaded}  broken: {}\n  password:`)
  const settings = `plugins: ['${failing}', '${broken}', '${first}', '${second}']\n`
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

  it('rejects while it loads its modules does not keep the others from loading', async () => {
    await vi.waitFor(() => {
      const logged = server.logged.join()
      for (const name of [first, second]) expect(logged).toContain(`the plugin ${name}: it threw Error`)
    }, waitOptions)
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

  const context = testContext()
  const guardedBy = (open: () => Connection) =>
    guardPlugin({ kind: 'x', brand: { name: 'X' }, config: z.strictObject({}), open }, 'the plugin ./x.ts', 20).open(
      {},
      context,
    )

  it('accepts a frozen connection and a class with private fields', async () => {
    const frozen = guardedBy(() => Object.freeze({ ...usual }))
    expect(await frozen.begin(start)).toEqual(await usual.begin(start))
    class Private implements Connection {
      readonly #issuer = 'https://idp.example'
      begin = usual.begin
      health = usual.health
      get traits() {
        return { issuers: [this.#issuer] }
      }
      get logout() {
        return { start: async () => new URL(this.#issuer) }
      }
      async complete() {
        return { identity: { issuer: this.#issuer, subject: 'ada', profile: {} }, evidence: {} }
      }
    }
    const connection = guardedBy(() => new Private())
    expect((await connection.complete(answer)).identity.issuer).toBe('https://idp.example')
    expect(connection.traits).toEqual({ issuers: ['https://idp.example'] })
    expect(await connection.logout?.start?.({}, new URL('https://x.test'))).toEqual(new URL('https://idp.example'))
    expect(Object.keys(connection)).not.toContain('exchange')
  })

  it('fails the logins of one whose traits throw', async () => {
    const connection = guardedBy(() => ({
      ...usual,
      get traits(): never {
        throw new Error('canary')
      },
    }))
    const message = 'the plugin ./x.ts: it threw Error'
    await expect(connection.begin(start)).rejects.toMatchObject({ code: 'plugin_failed', message })
  })

  const presented = { idToken: 'x', nonce: 'x', record: start.record }
  const notice = { endpoint: 'logout', url: new URL('https://x.test'), body: undefined, bearer: undefined } as const
  const email = 'ada@acme.test'
  it.each<[string, (connection: Connection) => unknown]>([
    ['logout.start', ({ logout }) => logout?.start?.({}, new URL('https://x.test'))],
    ['logout.receive', ({ logout }) => logout?.receive?.({ ...notice, ...answer })],
    ['metadata.publish', ({ metadata }) => metadata?.publish?.()],
    ['metadata.inspect', ({ metadata }) => metadata?.inspect?.()],
    ['metadata.trust', ({ metadata }) => metadata?.trust?.('x')],
    ['metadata.clientKeys', ({ metadata }) => metadata?.clientKeys?.()],
    ['passwords.hash', ({ passwords }) => passwords?.hash('x', { email })],
    ['passwords.identify', async ({ passwords }) => passwords?.identify({ subject: 'x', email })],
    ['exchange', (connection) => connection.exchange?.(presented)],
  ])('limits %s in time and in what it throws', async (_, call) => {
    const all = (each: unknown) => ({
      logout: { start: each, receive: each },
      metadata: { publish: each, inspect: each, trust: each, clientKeys: each },
      passwords: { allowsSignUp: true, rule: 'x', hash: each, identify: each },
      exchange: each,
    })
    const throwing = () => {
      throw new Error('canary')
    }
    for (const each of [never, throwing, async () => 7])
      await expect(Promise.resolve(call(opened(all(each))))).rejects.toMatchObject({
        code: 'plugin_failed',
        message: expect.stringMatching(/^the plugin \.\/x\.ts: (?!.*canary)/),
      })
  })

  it('fails the logins with a configuration that its inspect cannot judge', async () => {
    const inspect = () => {
      throw new Error('canary')
    }
    const provider = { kind: 'x', brand: { name: 'X' }, config: z.strictObject({}), inspect, open: () => usual }
    const guarded = guardPlugin(provider, 'the plugin ./x.ts')
    const [config, other] = [{}, {}]
    const message = 'the plugin ./x.ts: it threw Error'
    expect(guarded.inspect?.(config, new Date(0))).toEqual([{ key: 'kind', message }])
    await expect(guarded.open(config, context).begin(start)).rejects.toMatchObject({ code: 'plugin_failed', message })
    expect(await guarded.open(other, context).begin(start)).toEqual(await usual.begin(start))
  })

  it.each([
    [{ values: 5 }, false],
    [{ values: [{ name: 'Scopes' }] }, false],
    [{ address: 5 }, false],
    [{ address: 'callback', values: [{ name: 'Scopes', value: 'openid' }] }, true],
  ])('shows a step of the setup page such as %j: %s', (step, isShown) => {
    const setup = () => ({ needs: 'x', names: {}, steps: [{ text: 'x', ...step }], sendBack: [] }) as never
    const provider = { kind: 'x', brand: { name: 'X' }, config: z.strictObject({}), setup, open: () => usual }
    expect(guardPlugin(provider, 'the plugin ./x.ts').setup?.({}) !== undefined).toBe(isShown)
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
