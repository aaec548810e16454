/** The curl walk of docs/sessions/headless.md, line by line, and what it must not be able to do. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocalGatehouse, startLocalGatehouse } from '../support/headless/local-gatehouse.ts'

const run = promisify(execFile)
const page = 'http://localhost:5173'
const email = 'grace@example.test'
const document = readFileSync(new URL('../../docs/sessions/headless.md', import.meta.url), 'utf8')
const [, walk = ''] = /```sh\n(GATEHOUSE=[\s\S]*?)```/.exec(document) ?? []
const [signUp = '', rest = ''] = walk.split('CODE=…\n')
const setup = walk.split('\n').slice(0, 3).join('\n')

let gatehouse: LocalGatehouse
let folder: string
beforeAll(async () => {
  gatehouse = await startLocalGatehouse(`returnOrigins: ['${page}']\nmailLinks: ['${page}/']\n`)
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-walk-'))
})
afterAll(async () => {
  await gatehouse?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Runs lines of the page in bash, with this Gatehouse; the JSON of each response. */
async function bash(lines: string): Promise<readonly unknown[]> {
  const script = `set -euo pipefail\n${lines}`
    .replace('http://localhost:4000', gatehouse.url)
    .replace('TENANT=demo', 'TENANT=acme')
  const { stdout } = await run('bash', ['-c', script], { cwd: folder })
  const responses = stdout.split('\n').filter((line) => line.trim() !== '')
  return responses.map((line): unknown => JSON.parse(line))
}

it('works as written: sign-up, sessions, sign-in methods, password, sign-out, sign-in', async () => {
  expect(await bash(signUp)).toEqual([])
  const code = /paste this one:\s+(\S+)/.exec((await gatehouse.mail(email)).text)?.[1]
  const responses = await bash(`${setup}\nCODE=${code}\n${rest}`)
  const session = expect.objectContaining({ id: expect.any(String), profile: expect.objectContaining({ email }) })
  expect(responses).toEqual([
    { email, passwordRule: expect.any(String) },
    { session },
    session,
    { sessions: [expect.objectContaining({ current: true })] },
    { identities: [expect.objectContaining({ connection: 'password', knownAs: email })], addable: [], fresh: true },
    { consents: [] },
    { session },
    { ended: 0 },
    { session },
    session,
  ])
  expect(JSON.stringify(responses)).not.toContain('gth_s_')
})

it.each([
  ['SE-07 a write from another origin', 'PAGE=https://evil.test', '/api/v1/session -X DELETE', 'origin_refused'],
  ['SE-07 a write without an origin', 'PAGE=', '/api/v1/session -X DELETE', 'origin_refused'],
  [
    'SE-09 the end of an unknown session',
    ':',
    '/api/v1/sessions/k3VtQ0m2mE9cW1xR7yLZ5aPd -X DELETE',
    'session_unknown',
  ],
])('refuses %s', async (_, change, call, code) => {
  const script = `${setup}\n${change}\n(api $GATEHOUSE${call} || true)`
  expect(await bash(script)).toMatchObject([{ code }])
  expect(await bash(`${setup}\napi $GATEHOUSE/api/v1/session`)).toHaveLength(1)
})
