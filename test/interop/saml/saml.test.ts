/** One SAML login per row: metadata URL, signed response, a Gatehouse and a browser over HTTP. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { answerRows } from './answer-rows.ts'
import { formRows } from './form-rows.ts'
import { metadataRows } from './metadata-rows.ts'
import { entityOf, factsOf, idp, type SamlKeys, type SamlRow, signedAssertion } from './row.ts'
import { valueRows } from './value-rows.ts'

let keys: SamlKeys
let server: Server
let gatehouse: TestGatehouse

const placed = [...metadataRows, ...answerRows, ...valueRows, ...formRows].map((row, index) => ({
  ...row,
  place: `row-${index}`,
}))

beforeAll(async () => {
  const [signing, next, ours] = await Promise.all([certifiedKey('idp'), certifiedKey('next'), certifiedKey('ours')])
  keys = { idp: signing, next, ours }
  server = createServer((request, response) => {
    const row = placed.find(({ place }) => request.url === `/${place}`)
    const entity = entityOf(keys.idp)
    response.setHeader('content-type', 'application/samlmetadata+xml')
    response.end(row?.metadata?.(entity, keys) ?? entity)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  gatehouse = await startTestGatehouse({
    tenants: {
      'acme.yaml': JSON.stringify({ tenant: 'acme', name: 'Acme', connections: connectionsOf() }),
      'acme/key.pem': String(ours.privateKey.export({ format: 'pem', type: 'pkcs8' })),
      'acme/certificate.pem': ours.certificate,
    },
  })
})
afterAll(async () => {
  await gatehouse.stop()
  server.close()
})

/** JSON is YAML. All rows are one identity provider, which `entityId` says. */
function connectionsOf(): Readonly<Record<string, object>> {
  const { port } = server.address() as AddressInfo
  const pair = { privateKey: 'file:acme/key.pem', certificate: 'file:acme/certificate.pem' }
  const own = (place: string) => ({
    kind: 'saml',
    entityId: idp,
    metadataUrl: `http://localhost:${port}/${place}`,
    ...pair,
  })
  return Object.fromEntries(placed.map(({ place, connection }) => [place, { ...own(place), ...connection }]))
}

/** The browser at the identity provider, which posts the answer of the row. */
async function signIn(browser: TestBrowser, { place, answers }: SamlRow & { readonly place: string }): Promise<Page> {
  const asked = await browser.open(`/t/acme/${place}/start?return_to=/account`, idp)
  if (asked.status !== 0) return asked
  const query = asked.url.searchParams
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString()
  const [, requestId = ''] = / ID="([^"]+)"/.exec(request) ?? []
  const acs = `${publicOrigin}/t/acme/${place}/callback`
  const facts = factsOf(requestId, acs, `${publicOrigin}/t/acme/${place}/metadata`)
  const answer = (answers ?? usual)({ ...keys, facts })
  const message = typeof answer === 'string' || answer instanceof Uint8Array ? encoded(answer) : answer
  const form = { RelayState: query.get('RelayState') ?? '', gatehouse_relayed: '1', ...message }
  const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
  const back = await browser.ask(acs, { method: 'POST', form, headers })
  return back.headers.location === undefined ? back : browser.open(back.headers.location)
}

const usual = signedAssertion()
const encoded = (answer: string | Uint8Array) => ({ SAMLResponse: Buffer.from(answer).toString('base64') })

describe('an identity provider that', () => {
  it.each(placed)('$id: $name ($source)', async ({ expected = {}, ...row }) => {
    const browser = new TestBrowser(gatehouse)
    const page = await signIn(browser, row)
    if ('refused' in expected) {
      const { code, steps } = await gatehouse.trace(referenceOn(page))
      const said = steps.flatMap(({ note = '', checks }) => [note, ...checks.map((check) => JSON.stringify(check))])
      expect([code, said.join('\n')]).toEqual([expected.refused, expect.stringMatching(expected.says)])
      expect(page.body).toMatch(expected.page ?? /./)
      return
    }
    expect([page.url.pathname, page.status]).toEqual(['/account', 200])
    const me = JSON.parse((await browser.ask('/api/v1/users/me')).body)
    expect(me.profile).toMatchObject(expected.profile ?? { name: 'Ada' })
    if (expected.identity !== undefined)
      expect(me.identities).toContainEqual(expect.objectContaining({ subject: expected.identity }))
    if (expected.seconds === undefined) return
    const session = JSON.parse((await browser.ask('/api/v1/session')).body)
    const seconds = (Date.parse(session.expiresAt) - Date.parse(session.createdAt)) / 1000
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(expected.seconds)
  })
})

it('K5: an artifact in a redirect names the binding on the page too', async () => {
  const browser = new TestBrowser(gatehouse)
  const asked = await browser.open('/t/acme/row-0/start?return_to=/account', idp)
  const query = new URLSearchParams({
    SAMLart: 'AAQAADWNEw5VT47wcO4zX',
    RelayState: asked.url.searchParams.get('RelayState') ?? '',
  })
  const page = await browser.open(`/t/acme/row-0/callback?${query}`)
  expect(page.status).toBe(400)
  expect(page.body).toMatch(/answered by HTTP-Artifact/)
  expect((await gatehouse.trace(referenceOn(page))).code).toBe('callback_malformed')
})
