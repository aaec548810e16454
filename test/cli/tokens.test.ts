import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { tokenApi } from '../support/gatehouse/api-tokens.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { portal, portalYaml, tokenFor } from '../support/gatehouse/connections.ts'
import { secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings: portalYaml })
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const { check, created } = tokenApi(() => server)
const gatehouse = (...words: readonly string[]) => runGatehouse(...words, '--config', server.folder)

async function find(text: string, ...options: readonly string[]) {
  const file = join(server.folder, 'pasted.txt')
  await writeFile(file, text)
  return gatehouse('tokens', 'find', file, ...options)
}

describe('gatehouse tokens find', () => {
  it('finds credentials in pasted text and names their owners, without printing them', async () => {
    const session = await tokenFor(server, 'ada@mail.test')
    const { token, apiToken } = await created(session, { name: 'ci' })
    const pasted = `export TOKEN="${token}"\ncurl -H 'Authorization: Bearer ${session}'\n${token} again\n`
    const { code, out } = await find(pasted)
    expect(code).toBe(0)
    const [first, second, ...more] = out.trim().split('\n')
    expect(first).toMatch(/^line 1: gth_a_\w{3}… is a live API token \(ci\), owner acme\/\S+ ada@mail\.test$/)
    expect(second).toMatch(/^line 2: gth_s_\w{3}… is a live session token \(.+\), owner acme\/\S+ ada@mail\.test$/)
    expect(more).toEqual([])
    expect(out).not.toContain(token)
    const [json] = JSON.parse((await find(pasted, '--json')).out)
    expect(json).toMatchObject({ kind: 'API token', id: apiToken.id, state: 'live', owner: { tenant: 'acme' } })
  })

  it('says when there is none: no credential, a mistyped one, one within a longer word', async () => {
    const { token } = await created(await tokenFor(server, 'bob@mail.test'))
    const mistyped = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`
    for (const text of ['nothing here', mistyped, `x${token}`, `${token}x`, portal.secret.slice(0, 20)])
      expect(await find(text)).toMatchObject({ code: 0, out: 'found no credential of this deployment\n' })
  })
})

describe('gatehouse tokens revoke', () => {
  it('revokes the API tokens of one user, then of all users of the tenant', async () => {
    const [ada, eve] = [await tokenFor(server, 'carol@mail.test'), await tokenFor(server, 'eve@mail.test')]
    const [hers, others] = [await created(ada), await created(eve)]
    const one = await gatehouse('tokens', 'revoke', '--tenant', 'acme', '--user', 'carol@mail.test')
    expect([one.code, one.out]).toEqual([
      0,
      expect.stringMatching(/^API tokens of \S+ \(\S+@\S+\) of acme revoked: 1\n$/),
    ])
    await expect.poll(async () => (await check(hers.token)).status, { timeout: 3000 }).toBe(401)
    expect((await check(others.token)).status).toBe(200)
    expect((await check(ada)).status).toBe(200)
    const all = await gatehouse('tokens', 'revoke', '--tenant', 'acme')
    expect(all.out).toMatch(/^API tokens of all users of acme revoked: \d+\n$/)
    await expect.poll(async () => (await check(others.token)).status, { timeout: 3000 }).toBe(401)
    const [event] = await server.core.parts.audit.recent({ tenant: 'acme', action: 'tokens.revoked', limit: 1 })
    expect(event).toMatchObject({ actor: 'cli', target: 'acme' })
  })

  it.each([
    ['no tenant', [], 'name a tenant'],
    ['an unknown user', ['--tenant', 'acme', '--user', 'nobody@mail.test'], 'has no user nobody@mail.test'],
  ])('is refused with %s', async (_, words, sentence) => {
    expect(await gatehouse('tokens', 'revoke', ...words)).toMatchObject({
      code: 1,
      error: expect.stringContaining(sentence),
    })
  })
})
