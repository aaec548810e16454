/** Organizations of GitHub as groups: denied, many, and by name or id. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type GitHubEmulator, startGitHubEmulator } from '../../providers/github/emulator.ts'
import { github } from '../../providers/github/github.ts'
import { mergeProfile } from '../../src/profile/merge.ts'
import { browse } from '../contract/browse.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import { callback, state, urlOf } from '../support/providers/passport-brand.ts'

const client = { clientId: 'Ov23liCanary', clientSecret: 'canary-client-secret' }
const organizations = [
  { login: 'acme', id: 1 },
  { login: 'compilers', id: 2 },
]
const ada = { sub: '7', name: 'Ada', user: { id: 7, login: 'ada' }, emails: [], organizations }

describe('organizations of GitHub', () => {
  let emulator: GitHubEmulator
  beforeAll(async () => {
    emulator = await startGitHubEmulator({ clients: [{ ...client, redirectUris: [callback] }], people: [ada] })
  })
  afterEach(() => emulator.reset())
  afterAll(() => emulator.close())

  const begin = async (config: object = {}) => {
    const options = { ...client, baseUrl: emulator.url, apiUrl: emulator.apiUrl, ...config }
    const connection = github.open(github.config.parse(options), testContext())
    const record = testRecorder()
    const challenge = await connection.begin({ state, record })
    const { searchParams: parameters } = await browse(urlOf(challenge), callback, { as: ada.sub })
    return { record, finish: () => connection.complete({ parameters, memo: challenge.memo, state, record }) }
  }

  it('ID-07 removes the groups of a user who denied access to organizations, and notes it in the trace', async () => {
    const login = await begin()
    emulator.fault('noOrganizations')
    const { identity } = await login.finish()
    expect(identity.profile.groups).toEqual([])
    expect(login.record.checks.find(({ name }) => name === 'organizations')).toMatchObject({
      ok: true,
      got: 'status 403: access was denied, which counts as none',
    })
    const before = { groups: ['acme'], sources: { groups: 'github' } }
    expect(mergeProfile(before, identity.profile, { connection: 'github' }).groups).toEqual([])
  })

  it.each([
    [100, 1, 100],
    [250, 3, 250],
    [1000, 10, 1000],
    [1001, 10, 1000],
  ])('reads %i organizations in %i pages, and takes %i as groups', async (count, pages, taken) => {
    const login = await begin()
    emulator.fault('manyOrganizations', count)
    const { identity } = await login.finish()
    const names = Array.from({ length: taken }, (_, n) => `organization-${n + 1}`)
    expect([identity.profile.groups, identity.groupsOmitted]).toEqual([names, undefined])
    expect(emulator.counters.organizations).toBe(pages)
    const overage = login.record.checks.find(({ name }) => name === 'organizations')
    expect(overage?.got).toBe(count > taken ? 'more than 1000 (overage): the others are left out' : undefined)
  })

  it('names organizations by ID where the tenant wants it, because logins can be taken by others', async () => {
    const { identity } = await (await begin({ groupNames: 'id' })).finish()
    expect(identity.profile.groups).toEqual(['1', '2'])
  })

  it('refuses organizations that are no list', async () => {
    const login = await begin()
    emulator.fault('answer', { organizations: '{"login":"acme","id":1}' })
    await expect(login.finish()).rejects.toMatchObject({ code: 'upstream_invalid' })
  })
})
