/** The questions before a credential of an app ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkOn, type TestBrowser } from '../../support/browser/test-browser.ts'
import { browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let pat: TestBrowser
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n') }
  server = await startTestGatehouse({ okta, tenants })
  pat = await browserOf(server, 'pat@mail.test')
})
afterAll(() => server.stop())

/** The path of a new app with a secret and a key. */
async function appWithCredentials(): Promise<string> {
  const form = { name: 'Shop', kind: 'web', redirectUris: 'https://shop.test/cb', scopes: 'openid' }
  const path = new URL((await postForm(pat, '/developer/apps/new', form)).headers.location ?? '', 'https://x.test')
    .pathname
  await postForm(pat, `${path}/secrets`, {})
  await postForm(pat, `${path}/keys/generate`, { madeName: 'server' })
  return path
}

const stored = async (path: string) => {
  const app = await server.core.parts.apps.find(path.split('/').at(-1) ?? '')
  return { secrets: app?.secrets.length, keys: app?.keys.length }
}

const cases = [
  { link: /Revoke\s+the secret/, form: 'secrets/revoke', field: 'secret', question: 'Revoke a client secret of Shop?' },
  { link: /Remove\s+the key server/, form: 'keys/remove', field: 'key', question: 'Remove the key server of Shop?' },
]

describe.each(cases)('$form', ({ link, form, field, question }) => {
  it('asks first, with a way back, and changes nothing before the answer', async () => {
    const path = await appWithCredentials()
    const credentials = await pat.open(`${path}/credentials`)
    expect(credentials.body, 'no form that ends it at one click').not.toContain(`action="${path}/${form}"`)
    const page = await pat.click(credentials, link)
    expect(page.status).toBe(200)
    expect(page.body).toContain(`<h1>${question}</h1>`)
    expect(linkOn(page, 'Cancel')).toBe(`${path}/credentials`)
    expect(await stored(path)).toEqual({ secrets: 1, keys: 1 })
    const done = await pat.submit(page, `${path}/${form}`)
    expect(done.body).toMatch(/The (secret was revoked|key was removed)\./)
    const expected = form === 'keys/remove' ? { secrets: 1, keys: 0 } : { secrets: 0, keys: 1 }
    expect(await stored(path)).toEqual(expected)
  })

  it('leads to the list of credentials once the credential has ended', async () => {
    const path = await appWithCredentials()
    const page = await pat.click(await pat.open(`${path}/credentials`), link)
    await pat.submit(page, `${path}/${form}`)
    for (const href of [page.url, `${path}/${form}?${field}=unknown`]) {
      const list = await pat.open(href)
      expect([list.status, list.url.pathname]).toEqual([200, `${path}/credentials`])
    }
  })

  it('SE-09 is a 404 for another developer', async () => {
    const path = await appWithCredentials()
    const href = linkOn(await pat.open(`${path}/credentials`), link)
    const rival = await browserOf(server, 'rival@mail.test')
    expect((await rival.open(href)).status).toBe(404)
  })
})
