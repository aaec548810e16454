/** One login per row: a stub OpenID provider, a Gatehouse and a browser over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceOn, TestBrowser } from '../support/browser/test-browser.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { clientId, clientSecret, type OpenIdProvider, startOpenIdProvider } from '../support/servers/openid-provider.ts'
import { documentRows } from './document-rows.ts'
import { endpointRows } from './endpoint-rows.ts'
import { responseRows } from './response-rows.ts'
import type { Row } from './row.ts'
import { tokenRows } from './token-rows.ts'
import { userinfoRows } from './userinfo-rows.ts'

let upstream: OpenIdProvider
let server: TestGatehouse

const rows = [...endpointRows, ...tokenRows, ...userinfoRows, ...responseRows, ...documentRows]
const placed = rows.map((row, index) => ({ ...row, place: `row-${index}` }))

beforeAll(async () => {
  upstream = await startOpenIdProvider()
  for (const { place, sends } of placed)
    upstream.use(place, { ...sends, ...(sends.raw && { raw: rawOf(sends.raw, place) }) })
  server = await startTestGatehouse({
    tenants: { 'acme.yaml': JSON.stringify({ tenant: 'acme', name: 'Acme', connections: connectionsOf() }) },
  })
})
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

/** JSON is YAML. */
function connectionsOf(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    placed.map(({ place, connection }) => {
      const plain = { kind: 'oidc', issuer: `${upstream.url}/${place}`, clientId, clientSecret }
      return [place, { ...plain, ...connection }]
    }),
  )
}

function rawOf(raw: NonNullable<Row['sends']['raw']>, place: string) {
  return Object.fromEntries(
    Object.entries(raw).map(([name, answer]) => [name, { ...answer, body: answer.body.replace('ROW', place) }]),
  )
}

describe('an upstream that', () => {
  it.each(placed)('$id: $name ($source)', async ({ place, expected }) => {
    const browser = new TestBrowser(server)
    const page = await browser.open(`/t/acme/${place}/start?return_to=/account`)
    if ('refused' in expected) {
      const { code, steps } = await server.trace(referenceOn(page))
      const said = steps.flatMap(({ note = '', checks }) => [
        note,
        ...checks.filter(({ ok }) => !ok).map((check) => JSON.stringify(check)),
      ])
      expect(code).toBe(expected.refused)
      expect(said.join('\n')).toMatch(expected.says)
      return
    }
    expect([page.url.pathname, page.status]).toEqual(['/account', 200])
    const { profile } = JSON.parse((await browser.ask('/api/v1/users/me')).body)
    expect(profile).toMatchObject(expected.profile ?? {})
  })
})
