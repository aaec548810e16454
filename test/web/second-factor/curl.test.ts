/** The curl commands of docs/users/second-factors.md, "Walk through it with curl". */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addTotp, type TestFactor } from '../../support/gatehouse/second-factors.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const page = readFileSync(new URL('../../../docs/users/second-factors.md', import.meta.url), 'utf8')
const section = page.split('### Walk through it with curl')[1]?.split('\n## ')[0] ?? ''
const commands = [...section.matchAll(/^curl .+$/gm)].map(([line]) => line)

let server: TestGatehouse
let factor: TestFactor
beforeAll(async () => {
  server = await startTestGatehouse()
  await server.addUser({ tenant: 'acme', email: 'ada@mail.test', password: 'correct horse battery staple' })
  factor = await addTotp(server, 'ada@mail.test')
})
afterAll(() => server.stop())

/** The JSON that a command prints. */
async function run(command: string | undefined, values: Readonly<Record<string, string>>) {
  const line = command?.replaceAll('http://localhost:4000', `http://127.0.0.1:${server.port}`) ?? ''
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { ...process.env, ...values } })
  return JSON.parse(stdout)
}

it('MF-04 the documented commands sign in with a second factor, and each answer is as described', async () => {
  expect(commands).toHaveLength(5)
  const [signIn, wrong, right, again, session] = commands
  const refused = await run(signIn, {})
  expect(refused).toMatchObject({ status: 401, code: 'mfa_required', methods: ['totp', 'recovery_code'] })
  const values = { CHALLENGE: String(refused.challenge), CODE: factor.nextCode() }
  expect(await run(wrong, values)).toMatchObject({ code: 'factor_invalid', detail: expect.stringContaining('4 tries') })
  const { token } = await run(right, values)
  expect(token).toMatch(/^gth_s_/)
  expect(await run(again, values)).toMatchObject({ code: 'mfa_challenge_invalid' })
  expect(await run(session, { TOKEN: String(token) })).toMatchObject({
    authenticated: { acr: 'urn:gatehouse:acr:mfa', amr: ['pwd', 'otp', 'mfa'] },
  })
})
