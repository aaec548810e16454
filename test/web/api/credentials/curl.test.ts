/** The curl commands of docs/sessions/index.md, "Present a credential", on two processes. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

const page = readFileSync(new URL('../../../../docs/sessions/index.md', import.meta.url), 'utf8')
const section = page.split('## Present a credential')[1]?.split('\n## ')[0] ?? ''
const commands = [...section.matchAll(/^curl .+$/gm)].map(([line]) => line)

let server: TestGatehouse
/** Another process on the same store. */
let other: TestGatehouse
let session: string
let apiToken: { readonly token: string; readonly apiToken: { readonly id: string } }
beforeAll(async () => {
  const okta = await oktaFor()
  const beta = betaYaml(okta).replace('tokenInQuery: true', 'tokenInQuery: true, tokenCookie: true')
  const tenants = { 'acme.yaml': acmeYaml(okta), 'beta.yaml': beta }
  server = await startTestGatehouse({ okta, tenants })
  other = await startTestGatehouse({ okta, tenants, folder: server.folder })
  session = await tokenFor(server, 'curl@mail.test', 'beta')
  apiToken = await tokenApi(() => server).created(session)
})
afterAll(async () => {
  await other.stop()
  await server.stop()
  await server.okta.close()
})

/** The JSON that a command prints. */
async function run(command: string, token: string, { port }: TestGatehouse) {
  const line = command.replaceAll('http://localhost:4000', `http://127.0.0.1:${port}`)
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { ...process.env, TOKEN: token } })
  return JSON.parse(stdout)
}

describe.each(commands)('%s', (command) => {
  it('shows the session of a session token and of an API token, on both processes', async () => {
    for (const token of [session, apiToken.token])
      for (const process of [server, other])
        expect(await run(command, token, process)).toMatchObject({ tenant: 'beta', user: { id: expect.any(String) } })
  })

  it('shows a 401 for a tenant that does not allow the place', async () => {
    const answer = await run(command, await tokenFor(server, 'curl@mail.test'), other)
    if (command.includes('authorization')) expect(answer).toMatchObject({ tenant: 'acme' })
    else expect(answer).toMatchObject({ status: 401, code: 'session_invalid' })
  })
})

it('SE-05 AP-01 none of them works any more once both are ended, on both processes', async () => {
  await tokenApi(() => server).remove(`/api/v1/tokens/${apiToken.apiToken.id}`, session)
  await api(server, '/api/v1/session', { method: 'DELETE' }, session)
  expect(commands).toHaveLength(3)
  for (const command of commands)
    for (const token of [session, apiToken.token])
      for (const process of [server, other])
        await expect.poll(async () => (await run(command, token, process)).code).toBe('session_invalid')
})
