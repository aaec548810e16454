/** Gatehouse behind the real nginx, with the file that docs/operations/install.md shows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { certifiedKey } from '../../providers/saml/emulator/certificate.ts'
import { tokenApi } from '../support/gatehouse/api-tokens.ts'
import { api, tokenFor } from '../support/gatehouse/connections.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { type Nginx, startNginx } from '../support/servers/nginx.ts'
import { freePort } from '../support/servers/servers.ts'

const { hostname, host } = new URL(publicOrigin)
/** Not that of nginx. */
const browserAddress = '127.0.0.2'

let folder: string
let server: TestGatehouse
let nginx: Nginx
let port: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-tls-'))
  const { certificate, privateKey } = await certifiedKey(hostname)
  await writeFile(join(folder, 'tls.pem'), certificate)
  await writeFile(join(folder, 'tls.key'), privateKey.export({ format: 'pem', type: 'pkcs8' }))
  server = await startTestGatehouse({ settings: 'trustedProxies: [127.0.0.1]\n' })
  port = await freePort()
  const values = {
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    'server_name login.example.com': `server_name ${hostname}`,
    '/etc/ssl/login.example.com.pem': join(folder, 'tls.pem'),
    '/etc/ssl/login.example.com.key': join(folder, 'tls.key'),
    '127.0.0.1:4000': `127.0.0.1:${server.port}`,
  }
  nginx = await startNginx(port, values, 'gatehouse.conf')
})
afterAll(async () => {
  await nginx?.stop()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

const { created, read } = tokenApi(() => server)

function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{ readonly status: number | undefined; readonly cookies: readonly string[] }>((done, failed) => {
    // the certificate is self-signed
    const options = { host: '127.0.0.1', port, path, headers: { host, ...headers }, rejectUnauthorized: false }
    const asked = request({ ...options, localAddress: browserAddress, agent: false }, (answer) => {
      answer.resume()
      done({ status: answer.statusCode, cookies: answer.headers['set-cookie'] ?? [] })
    })
    asked.once('error', failed).end()
  })
}

it('starts a login over TLS with a secure cookie', async () => {
  const { status, cookies } = await ask('/t/acme/okta/start')
  expect(status).toBe(303)
  expect(cookies).not.toEqual([])
  for (const cookie of cookies) expect(cookie).toMatch(/^__Host-.*; Secure/)
})

it('tells Gatehouse the address of the browser, and not one that the browser claims', async () => {
  const session = await tokenFor(server, 'ada@mail.test')
  const { token } = await created(session, { name: 'Nightly build' })
  expect(
    (await ask('/api/v1/session', { authorization: `Bearer ${token}`, 'x-forwarded-for': '8.8.8.8' })).status,
  ).toBe(200)
  const list = () => api(server, '/api/v1/tokens', {}, session)
  await expect.poll(async () => read(await list()).tokens[0].lastUsed).toMatchObject({ address: browserAddress })
})
