/** The walk of docs/apps/app-api.md on one process of two, and what the other one answers. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, password } from '../support/gatehouse/connections.ts'
import { startTwoProcesses, type TwoProcesses } from '../support/servers/two-processes.ts'

const guide = readFileSync(new URL('../../docs/apps/app-api.md', import.meta.url), 'utf8')
const steps = [...guide.matchAll(/```sh\n(.*?)```/gs)].map(([, script = '']) => script)
const pat = { tenant: 'acme', email: 'pat@mail.test', password }

let two: TwoProcesses
beforeAll(async () => {
  two = await startTwoProcesses('access: { developer: everyone }\n', pat)
})
afterAll(() => two?.stop())

const here = (path: string) => `http://127.0.0.1:${two.servers[0].port}${path}`
const there = (path: string) => `http://127.0.0.1:${two.servers[1].port}${path}`
const signIn = async () =>
  JSON.parse((await api(two.servers[0], '/api/v1/sessions', { method: 'POST', json: pat })).body).token

async function run(...script: readonly string[]): Promise<readonly string[]> {
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const env = { ...process.env, PATH: path, GATEHOUSE: here(''), SESSION: await signIn() }
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -eu\n${script.join('\necho\n')}`], { env })
  return stdout.split('\n').filter((line) => line !== '')
}

const status = (url: string, authorization: string) =>
  `curl -s -o /dev/null -w '%{http_code}\\n' '${url}' -H "authorization: ${authorization}"`

describe('the App API on two processes', () => {
  it('SE-09 does all that docs/apps/app-api.md shows with curl', async () => {
    const [create = '', register = '', rotate = '', sign = '', change = '', users = '', statistics = ''] = steps
    const lines = await run(
      create,
      register,
      status(there('/api/v1/apps'), 'Secret $SECRET'),
      status(there('/api/v1/sessions'), 'Secret $SECRET'),
      rotate,
      status(there('/api/v1/apps'), 'Secret $SECRET'),
      `curl -s -X DELETE "$GATEHOUSE/api/v1/developer/secrets/$(echo "$CREATED" | jq -r .id)" -H "authorization: Bearer $SESSION"`,
      status(there('/api/v1/apps'), 'Secret $SECRET'),
      status(there('/api/v1/apps'), 'Secret $NEXT'),
      sign,
      change,
      `curl -s '${there('/api/v1/app')}' -H "authorization: Bearer $(signed)"`,
      users,
      statistics,
      status(there('/api/v1/app'), 'Secret $APP_SECRET'),
      `curl -s -o /dev/null -w '%{http_code}\\n' -X DELETE "$GATEHOUSE/api/v1/apps/$APP_ID" -H "authorization: Secret $NEXT"`,
      status(there('/api/v1/app'), 'Secret $APP_SECRET'),
    )
    const redirectUris = ['https://shop.example/signed-in', 'https://new.shop.example/signed-in']
    expect(lines.slice(0, 2)).toEqual(['200', '401'])
    expect(JSON.parse(lines[2] ?? '').apps).toMatchObject([{ name: 'Shop' }])
    expect(lines.slice(3, 6)).toEqual(['200', '401', '200'])
    for (const line of lines.slice(6, 8)) expect(JSON.parse(line)).toMatchObject({ name: 'Shop', redirectUris })
    expect(JSON.parse(lines[8] ?? '')).toEqual({ users: [] })
    expect(JSON.parse(lines[9] ?? '').days).toHaveLength(30)
    expect(lines.slice(10)).toEqual(['200', '204', '401'])
  })

  it('accepts a redirect URI that the app added with its key at the other process within two seconds', async () => {
    const [create = '', register = '', , sign = '', change = ''] = steps
    const revoke = `curl -s "$GATEHOUSE/api/v1/developer/secrets" -H "authorization: Bearer $SESSION" | jq -r '.secrets[].id' |
      xargs -I '{}' curl -s -X DELETE "$GATEHOUSE/api/v1/developer/secrets/{}" -H "authorization: Bearer $SESSION"`
    const query = 'response_type=code&scope=openid&code_challenge_method=S256&state=s'
    const challenge = `code_challenge=${'a'.repeat(43)}`
    const uri = encodeURIComponent('https://new.shop.example/signed-in')
    const authorize = `curl -s -o /dev/null -w '%{http_code}\\n' "${there('/oauth2/auth')}?client_id=$APP_ID&redirect_uri=${uri}&${query}&${challenge}"`
    const wait = `for turn in $(seq 100); do CODE=$(${authorize}); [ "$CODE" != 400 ] && break; sleep 0.02; done\necho "$CODE"`
    const lines = await run(revoke, create, register, authorize, sign, change, wait)
    expect([lines[0], lines.at(-1)]).toEqual(['400', '303'])
  })
})
