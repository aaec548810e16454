/** Origins of a native app's own pages (CORS). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wrongOrigin } from '../../../src/app/redirect-uri.ts'
import { settingsFaults } from '../../../src/app/settings-faults.ts'
import { send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { startTestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const settings = `
apps:
  hybrid:
    name: Hybrid
    kind: native
    redirectUris: ['com.acme.hybrid:/callback', 'http://127.0.0.1/callback']
    corsOrigins: ['capacitor://localhost', 'ionic://localhost', 'https://localhost']
    tenants: all
  plain:
    name: Plain
    kind: native
    redirectUris: ['com.acme.plain:/callback']
    tenants: all
`

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings })
})
afterAll(() => server.stop())

async function allowed(app: string, origin: string): Promise<unknown> {
  const form = {
    grant_type: 'authorization_code',
    code: 'x',
    redirect_uri: 'com.acme.hybrid:/callback',
    client_id: app,
  }
  const { headers } = await send(server.port, new URL('/oauth2/token', publicOrigin), {
    method: 'POST',
    form,
    headers: { origin },
  })
  expect(headers['access-control-allow-credentials']).toBeUndefined()
  return headers['access-control-allow-origin']
}

describe('E5: pages of a native app may call the token endpoint', () => {
  it.each(['capacitor://localhost', 'ionic://localhost', 'https://localhost', 'http://127.0.0.1'])(
    'E5: from an origin that the app registered: %s',
    async (origin) => {
      expect(await allowed('hybrid', origin)).toBe(origin)
    },
  )

  it.each([
    'capacitor://evil',
    'capacitor://localhost:1',
    'tauri://localhost',
    'https://localhost:8443',
    'null',
    'file://',
  ])('E5: from no other origin: %s', async (origin) => {
    expect(await allowed('hybrid', origin)).toBeUndefined()
  })

  it('E5: from no origin if the app registered none', async () => {
    expect(await allowed('plain', 'capacitor://localhost')).toBeUndefined()
  })
})

describe('E5: an origin to register', () => {
  it.each(['capacitor://localhost', 'ionic://localhost', 'app://acme', 'tauri://localhost', 'http://localhost:8100'])(
    'E5: may be %s',
    (origin) => expect(wrongOrigin(origin)).toBeUndefined(),
  )

  it.each([
    'null',
    '*',
    'file://x',
    'javascript://x',
    'data://x',
    'blob://x',
    'http://evil.test',
    'https://A.test',
    'https://a.test/',
    'https://a.test:443',
    'capacitor://*',
    'capacitor:',
    'https://a.test/x',
    'a.test',
    '',
  ])('E5: may not be %s', (origin) => expect(wrongOrigin(origin)).toBeTypeOf('string'))

  it('E5: is for native apps only', () => {
    const draft = { redirectUris: ['https://a.test/'], scopes: ['openid'], corsOrigins: ['capacitor://localhost'] }
    expect(settingsFaults({ ...draft, kind: 'native' })).toEqual([])
    expect(settingsFaults({ ...draft, kind: 'web' })).toEqual([expect.objectContaining({ field: 'corsOrigins' })])
  })
})
