/** Health probe, userinfo, groups overage and discovery of an OpenID connection. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Behavior, type OpenIdProvider, startOpenIdProvider } from '../support/servers/openid-provider.ts'
import { connectionOpener, type OpenConnection } from './open-connection.ts'

let upstream: OpenIdProvider
let open: OpenConnection
beforeAll(async () => {
  upstream = await startOpenIdProvider()
  open = connectionOpener(upstream)
})
afterAll(() => upstream.close())

const last = (row: string, endpoint: string) =>
  upstream.requests.findLast((request) => request.row === row && request.endpoint === endpoint)

describe('P3: the health probe', () => {
  const credentials = async (behavior: Behavior) => {
    const { status, checks } = await open(behavior).connection.health(AbortSignal.timeout(20_000))
    return { status, check: checks.at(-1) }
  }

  it.each(['invalid_request', 'unsupported_grant_type', 'invalid_scope', 'access_denied'])(
    'is inconclusive, not down, if the upstream answers %s',
    async (error) => {
      const { status, check } = await credentials({
        unknownCode: { error, error_description: 'code has a wrong form' },
      })
      expect(status).toBe('up')
      expect(check).toMatchObject({
        ok: true,
        warning: true,
        detail: expect.stringMatching(/^inconclusive: .*wrong form/),
      })
    },
  )

  it('is inconclusive if the upstream answers 400 without an OAuth error', async () => {
    const { status, check } = await credentials({ unknownCode: { message: 'code has a wrong form' } })
    expect(status).toBe('up')
    expect(check).toMatchObject({
      ok: true,
      warning: true,
      detail: expect.stringMatching(/^inconclusive: .*wrong form/),
    })
  })

  it.each(['invalid_client', 'unauthorized_client'])('is down if the upstream answers %s', async (error) => {
    expect(await credentials({ unknownCode: { error } })).toMatchObject({ status: 'down', check: { ok: false } })
  })

  it('is up if only the code is rejected', async () => {
    expect(await credentials({})).toMatchObject({ status: 'up', check: { ok: true } })
  })
})

describe('D2: failing userinfo', () => {
  const down: Behavior = { raw: { userinfo: { status: 503, body: 'no' } } }

  it('falls back to the ID token claims and adds a check to the trace', async () => {
    const { signIn, checks } = open(down)
    expect((await signIn()).identity.profile.email).toBeDefined()
    expect(checks.find(({ name }) => name === 'userinfo')?.got).toMatch(/^those of the ID token alone: .*status 503/)
  })

  it('is not requested with `never`', async () => {
    const { row, signIn } = open(down, { userinfo: 'never' })
    await signIn()
    expect(last(row, 'userinfo')).toBeUndefined()
  })

  it('fails the login with `required`, even without an endpoint', async () => {
    await expect(open(down, { userinfo: 'required' }).signIn()).rejects.toMatchObject({ code: 'upstream_unreachable' })
    const discovery = ({ userinfo_endpoint: _, ...rest }: Record<string, unknown>) => rest
    await expect(open({ discovery }, { userinfo: 'required' }).signIn()).rejects.toMatchObject({
      code: 'upstream_invalid',
    })
  })

  it('is never accepted for another user', async () => {
    const other: Behavior = { userinfo: (claims) => ({ ...claims, sub: 'somebody else' }) }
    await expect(open(other).signIn()).rejects.toMatchObject({ check: { name: 'sub of userinfo' } })
  })
})

describe('R2: groups overage', () => {
  it.each([[{ _claim_names: { groups: 'src1' } }], [{ hasgroups: true }], [{ hasgroups: 'true' }]])(
    '%j reports omitted groups, as the trace says',
    async (extra) => {
      const { signIn, checks } = open({ claims: (claims) => ({ ...claims, ...extra }) })
      expect((await signIn()).identity.groupsOmitted).toBe(true)
      expect(checks.find(({ name }) => name === 'groups')?.got).toContain('too many groups')
    },
  )

  it('is absent if groups are present', async () => {
    const groups = { groups: ['a'], _claim_names: { groups: 'src1' } }
    expect(
      (await open({ claims: (claims) => ({ ...claims, ...groups }) }).signIn()).identity.groupsOmitted,
    ).toBeUndefined()
  })
})

describe('B2: groups that are objects', () => {
  const objects = [{ id: 'g1', display: 'Admins' }]

  it.each([[objects], [JSON.stringify(objects)]])(
    '%j are ignored, and the trace says how to read them',
    async (groups) => {
      const { signIn, checks } = open({ claims: (claims) => ({ ...claims, groups }) })
      const { profile, groupsOmitted } = (await signIn()).identity
      expect([profile.groups, groupsOmitted]).toEqual([undefined, undefined])
      expect(checks.find(({ name }) => name === 'groups')?.got).toContain('groups.*.name')
    },
  )
})

describe('E2: a discovery document at another URL', () => {
  it('is read from discoveryUrl with its query', async () => {
    const path = '.well-known/openid-configuration?p=B2C_1_signin'
    const { signIn } = open({}, (issuer) => ({ discoveryUrl: `${issuer}/${path}` }))
    await expect(signIn()).resolves.toBeDefined()
  })

  it('must name the configured issuer', async () => {
    upstream.use('elsewhere', {})
    const { begin } = open({}, { discoveryUrl: `${upstream.url}/elsewhere/.well-known/openid-configuration` })
    await expect(begin()).rejects.toMatchObject({ check: { name: 'issuer of the discovery document' } })
  })
})
