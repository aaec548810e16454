/** `/admin/configuration` and its API. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestBrowser } from '../../support/browser/test-browser.ts'
import {
  adminOf,
  operatorOf,
  operatorTokenOf,
  startWithAdministrators,
} from '../../support/gatehouse/administrators.ts'
import { api, portal, portalYaml, tokenFor } from '../../support/gatehouse/connections.ts'
import { secretsOf } from '../../support/gatehouse/tenants.ts'
import { newKey, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const key = newKey()
let server: TestGatehouse
let admin: TestBrowser
let operator: TestBrowser
let adminToken: string
let operatorToken: string
beforeAll(async () => {
  server = await startWithAdministrators({ keys: [key], settings: portalYaml })
  admin = await adminOf(server)
  operator = await operatorOf(server)
  adminToken = await tokenFor(server, 'admin@mail.test')
  operatorToken = await operatorTokenOf(server)
})
afterAll(() => server.stop())

const path = '/admin/configuration'
const call = (rest: string, token = operatorToken) => api(server, `/api/v1/admin/configuration${rest}`, {}, token)
const refusals = async () =>
  (await server.core.parts.audit.recent({ action: 'access.refused', limit: 100 })).map(
    ({ details }) => details['tenant'],
  )

describe('the configuration', () => {
  it('of a tenant shows each value with its line to the admin, and defaults as such', async () => {
    const { status, body } = await admin.open(path)
    expect(status).toBe(200)
    for (const text of ['tenants/acme.yaml', 'connections.okta.issuer', 'sessions.lifetime', '30d', 'default'])
      expect(body).toContain(text)
    const { settings } = JSON.parse((await call('/acme', adminToken)).body)
    const lines = (await readFile(join(server.folder, 'tenants', 'acme.yaml'), 'utf8')).split('\n')
    const issuer = settings.find(({ path }: { readonly path: string }) => path === 'connections.okta.issuer')
    expect(lines[issuer.line - 1]).toContain('issuer:')
  })

  it('LK-01 has no secret of the environment or of the files, on any page or as JSON', async () => {
    const secrets = [key, portal.secret, ...Object.values(secretsOf(server.okta))].filter(
      (text) => (text ?? '').length > 7,
    )
    expect(secrets.length).toBeGreaterThan(2)
    const bodies = [
      await operator.open(path),
      ...(await Promise.all(['acme', 'beta', '*'].map((tenant) => operator.open(`${path}?tenant=${tenant}`)))),
      ...(await Promise.all(['', '/acme', '/beta', '/*'].map((rest) => call(rest)))),
    ]
    for (const { status, body } of bodies) {
      expect(status).toBe(200)
      for (const secret of secrets) expect(body).not.toContain(secret)
    }
    expect((await operator.open(`${path}?tenant=acme`)).body).toMatch(/•••• from \$\{\w+\}/)
  })

  it.each(['beta', 'unknown', '*', '../gatehouse', 'acme/../beta'])(
    'SE-09 AD-01 an admin gets 404 for %s on the page and from the API, and each attempt is an event',
    async (tenant) => {
      const before = (await refusals()).length
      const named = encodeURIComponent(tenant)
      expect((await admin.open(`${path}?tenant=${named}`)).status).toBe(404)
      expect((await call(`/${named}`, adminToken)).status).toBe(404)
      const after = await refusals()
      expect(after.slice(0, after.length - before)).toEqual([tenant, tenant])
    },
  )

  it('of the deployment, and the list of tenants, are for operators', async () => {
    expect((await operator.open(`${path}?tenant=*`)).body).toContain('gatehouse.yaml')
    const list = (await operator.open(path)).body
    for (const id of ['acme', 'beta']) expect(list).toContain(`href="${path}?tenant=${id}"`)
    expect((await operator.open(`${path}?search=BET`)).body).not.toContain('tenant=acme')
    expect(JSON.parse((await call('')).body).tenants).toHaveLength(2)
    expect(JSON.parse((await call('', adminToken)).body).tenants).toMatchObject([{ id: 'acme' }])
  })

  it('pages through tenants by a cursor', async () => {
    const first = JSON.parse((await call('?limit=1')).body)
    expect(first).toMatchObject({ tenants: [{ id: 'acme' }], next: 'acme' })
    expect(JSON.parse((await call(`?limit=1&cursor=${first.next}`)).body)).toMatchObject({ tenants: [{ id: 'beta' }] })
  })

  it('says when a file was changed after the start, and shows markup in it as text', async () => {
    const file = join(server.folder, 'tenants', 'beta.yaml')
    const text = await readFile(file, 'utf8')
    expect((await operator.open(`${path}?tenant=beta`)).body).not.toContain('Changed since the start')
    await writeFile(file, `${text}supportUrl: "https://x.test/<script>alert(1)</script>"\n`)
    const { body } = await operator.open(`${path}?tenant=beta`)
    expect(body).toContain('Changed since the start')
    expect(body).not.toContain('<script>alert')
    expect(JSON.parse((await call('/beta')).body).isChanged).toBe(true)
    await writeFile(file, 'tenant: [')
    const broken = await operator.open(`${path}?tenant=beta`)
    expect([broken.status, broken.body.includes('The file cannot be read.')]).toEqual([200, true])
    await writeFile(file, text)
    expect(JSON.parse((await call('/beta')).body).isChanged).toBe(false)
  })

  it('is refused to members', async () => {
    const token = await tokenFor(server, 'pat@mail.test')
    expect((await call('/acme', token)).status).toBe(403)
  })
})
