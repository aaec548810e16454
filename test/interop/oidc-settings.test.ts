/** What a connection's settings and an upstream's habits do to the requests, the trace and the identity: one connection, no browser. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { importJWK, type JWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oidc } from '../../providers/oidc/generic.ts'
import type { Connection, Login } from '../../src/provider/provider.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import {
  type Behavior,
  clientId,
  clientSecret,
  type OpenIdProvider,
  startOpenIdProvider,
} from '../support/servers/openid-provider.ts'

let upstream: OpenIdProvider
beforeAll(async () => {
  upstream = await startOpenIdProvider()
})
afterAll(() => upstream.close())

let count = 0

interface Opened {
  readonly row: string
  readonly connection: Connection
  readonly checks: readonly { readonly name: string; readonly got?: string }[]
  signIn(start?: { readonly reauthenticate?: boolean }): Promise<Login>
  begin(start?: { readonly reauthenticate?: boolean }): Promise<URLSearchParams>
}

function open(behavior: Behavior = {}, config: object = {}, now = () => new Date()): Opened {
  count += 1
  const row = `setting-${count}`
  upstream.use(row, behavior)
  const plain = { issuer: `${upstream.url}/${row}`, clientId, clientSecret, ...config }
  const connection = oidc.open(oidc.config.parse(plain), testContext({ now }))
  const record = testRecorder()
  const begun = async (start: object = {}) => {
    const challenge = await connection.begin({ state: 'state', record, ...start })
    if (challenge.step !== 'redirect') throw new Error('expected a redirect')
    return challenge
  }
  return {
    row,
    connection,
    checks: record.checks,
    begin: async (start) => (await begun(start)).url.searchParams,
    async signIn(start) {
      const { url, memo } = await begun(start)
      const answer = await fetch(url, { redirect: 'manual' })
      const { searchParams: parameters } = new URL(answer.headers.get('location') ?? '')
      return connection.complete({ parameters, memo, state: 'state', record })
    },
  }
}

const last = (row: string, endpoint: string) =>
  upstream.requests.findLast((request) => request.row === row && request.endpoint === endpoint)

describe('C1: client authentication', () => {
  const keys = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    EdDSA: generateKeyPairSync('ed25519').privateKey,
  }
  const pem = (name: keyof typeof keys) => String(keys[name].export({ type: 'pkcs8', format: 'pem' }))

  it.each(['ES256', 'RS256', 'EdDSA'] as const)('signs a client assertion with a key for %s', async (alg) => {
    const asserted: { kid?: string | undefined; aud?: unknown }[] = []
    const assertion = async (jwt: string) => {
      const { payload, protectedHeader } = await jwtVerify(jwt, createPublicKey(keys[alg]), {
        issuer: clientId,
        subject: clientId,
      })
      asserted.push({ kid: protectedHeader.kid, aud: payload.aud })
      return protectedHeader.alg === alg && payload.jti !== undefined
    }
    const { row, connection, signIn } = open(
      { accepts: [], assertion },
      { clientSecret: undefined, clientKey: { privateKey: pem(alg) } },
    )
    await expect(signIn()).resolves.toBeDefined()
    const published = (await connection.metadata?.clientKeys?.())?.keys ?? []
    expect(published).toMatchObject([{ alg, use: 'sig', kid: asserted[0]?.kid }])
    expect(JSON.stringify(published)).not.toContain('"d"')
    expect(asserted[0]?.aud).toBe(`${upstream.url}/${row}/token`)
    await expect(importJWK(published[0] as JWK, alg)).resolves.toBeDefined()
  })

  it('uses the issuer as audience and the key of the connection', async () => {
    const assertion = async (jwt: string) => {
      const issuer = `${upstream.url}/setting-${count}`
      return (await jwtVerify(jwt, createPublicKey(keys.RS256), { audience: issuer })).protectedHeader.kid === 'mine'
    }
    const clientKey = { privateKey: pem('RS256'), kid: 'mine', alg: 'PS256', audience: 'issuer' }
    await expect(
      open({ accepts: [], assertion }, { clientSecret: undefined, clientKey }).signIn(),
    ).resolves.toBeDefined()
  })

  it('K1: uses the last working method, so that a code is sent once', async () => {
    const { row, signIn } = open({ accepts: ['post'] })
    await signIn()
    const before = upstream.requests.length
    await signIn()
    const sent = upstream.requests
      .slice(before)
      .filter((request) => request.row === row && request.endpoint === 'token')
    expect(sent.map(({ authorization }) => authorization)).toEqual([undefined])
  })

  it('tries only the configured method and sends the secret once per request', async () => {
    const { row, signIn } = open({ accepts: ['basic'] }, { clientAuthentication: 'client_secret_post' })
    await expect(signIn()).rejects.toMatchObject({ message: expect.stringContaining('to client_secret_post: ') })
    expect(upstream.requests.filter((request) => request.row === row && request.endpoint === 'token')).toHaveLength(1)
    const both = open({ accepts: ['basic'] })
    await both.signIn()
    expect(last(both.row, 'token')?.form).not.toHaveProperty('client_secret')
  })

  it.each([
    [{ clientSecret: undefined }, 'clientSecret'],
    [{ clientAuthentication: 'private_key_jwt' }, 'clientAuthentication'],
    [{ clientAuthentication: 'none' }, 'clientSecret'],
    [{ clientAuthentication: 'client_secret_post', basicEncoding: 'none' }, 'basicEncoding'],
    [{ clientKey: { privateKey: 'no key' } }, 'clientKey'],
    [{ clientKey: { privateKey: pem('ES256'), alg: 'RS256' } }, 'clientKey'],
    [{ clientAuthentication: 'client_secret_basic', clientKey: { privateKey: pem('ES256') } }, 'clientKey'],
    [{ idTokenSignedResponseAlg: 'HS256', clientSecret: 'short' }, 'idTokenSignedResponseAlg'],
    [{ idTokenSignedResponseAlg: 'HS256', audiences: ['app'] }, 'audiences'],
    [{ idTokenSignedResponseAlg: 'none' }, 'idTokenSignedResponseAlg'],
    [{ discoveryUrl: 'http://idp.example/x' }, 'discoveryUrl'],
  ])('refuses the configuration %j', (config, path) => {
    const { error } = oidc.config.safeParse({ issuer: 'https://idp.example', clientId, clientSecret, ...config })
    expect(error?.issues.map((issue) => issue.path[0])).toEqual([path])
  })
})

describe('C2: one signature algorithm per client', () => {
  const both = (): Behavior => ({
    discovery: (document) => ({ ...document, id_token_signing_alg_values_supported: ['RS256', 'ES256'] }),
    keys: () => ({ keys: Object.values(upstream.jwks) }),
  })
  const event = { 'http://schemas.openid.net/event/backchannel-logout': {} }

  async function logoutBy(alg: 'RS256' | 'ES256', { row, connection }: Opened) {
    const iat = Math.floor(Date.now() / 1000)
    const claims = { aud: clientId, sub: `user-${row}`, iat, exp: iat + 60, jti: `${row} ${alg}`, events: event }
    const parameters = new URLSearchParams({ logout_token: await upstream.sign(row, claims, alg) })
    const url = new URL('https://gatehouse.test/')
    const plain = { endpoint: 'backchannel-logout', url, parameters, body: undefined, bearer: undefined } as const
    return connection.logout?.receive?.({ ...plain, record: testRecorder() })
  }

  it('rejects logout tokens with another algorithm than the ID tokens', async () => {
    const opened = open(both())
    await opened.signIn()
    await expect(logoutBy('ES256', opened)).rejects.toMatchObject({ check: { name: 'alg', expected: 'RS256' } })
    await expect(logoutBy('RS256', opened)).resolves.toBeDefined()
  })

  it('follows the configured algorithm before the first login', async () => {
    const opened = open(both(), { idTokenSignedResponseAlg: 'RS256' })
    await expect(logoutBy('ES256', opened)).rejects.toMatchObject({ check: { name: 'alg' } })
  })

  it('P6: accepts another ID token algorithm as soon as discovery lists it', async () => {
    const opened = open()
    await opened.signIn()
    upstream.use(opened.row, { alg: 'ES256' })
    await expect(opened.signIn()).resolves.toBeDefined()
    await expect(logoutBy('RS256', opened)).rejects.toMatchObject({ check: { name: 'alg', expected: 'ES256' } })
  })

  it('P6: reads discovery at most once a minute for an unlisted algorithm', async () => {
    const opened = open()
    await opened.signIn()
    upstream.use(opened.row, {
      alg: 'ES256',
      discovery: (document) => ({ ...document, id_token_signing_alg_values_supported: ['RS256'] }),
    })
    const asked = () =>
      upstream.requests.filter(({ row, endpoint }) => row === opened.row && endpoint.startsWith('.well-known')).length
    const before = asked()
    for (let n = 0; n < 5; n += 1) await expect(opened.signIn()).rejects.toMatchObject({ check: { name: 'alg' } })
    expect(asked() - before).toBe(1)
  })
})

describe('P3: the health probe', () => {
  const credentials = async (behavior: Behavior) => {
    const { status, checks } = await open(behavior).connection.health(AbortSignal.timeout(20_000))
    return { status, check: checks.at(-1) }
  }

  it.each(['invalid_request', 'unsupported_grant_type', 'invalid_scope', 'access_denied'])(
    'is inconclusive, and not down, when the upstream answers %s',
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

  it.each(['invalid_client', 'unauthorized_client'])('is down when the upstream answers %s', async (error) => {
    expect(await credentials({ unknownCode: { error } })).toMatchObject({ status: 'down', check: { ok: false } })
  })

  it('is up if only the code is rejected', async () => {
    expect(await credentials({})).toMatchObject({ status: 'up', check: { ok: true } })
  })
})

describe('P4: a new sign-in', () => {
  const lists = (claims: readonly string[]): Behavior => ({
    discovery: (document) => ({ ...document, claims_supported: claims }),
  })

  it.each([
    ['nothing is known', {}, {}, null],
    ['discovery lists auth_time', lists(['sub', 'auth_time']), {}, '0'],
    ['the upstream always tells it', {}, { providesAuthTime: true }, '0'],
    ['a setting says so', {}, { sendMaxAge: true }, '0'],
    ['a setting says no', lists(['auth_time']), { sendMaxAge: false }, null],
  ] as const)('sends max_age=0 or not when %s', async (_, behavior, config, expected) => {
    const parameters = await open(behavior, config).begin({ reauthenticate: true })
    expect([parameters.get('prompt'), parameters.get('max_age')]).toEqual(['login', expected])
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
    '%j says that the groups are left out, and the trace says so',
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

describe('E2: a discovery document at another URL', () => {
  it('is read from discoveryUrl with its query', async () => {
    const { signIn } = open(
      {},
      { discoveryUrl: `${upstream.url}/setting-${count + 1}/.well-known/openid-configuration?p=B2C_1_signin` },
    )
    await expect(signIn()).resolves.toBeDefined()
  })

  it('must name the configured issuer', async () => {
    upstream.use('elsewhere', {})
    const { begin } = open({}, { discoveryUrl: `${upstream.url}/elsewhere/.well-known/openid-configuration` })
    await expect(begin()).rejects.toMatchObject({ check: { name: 'issuer of the discovery document' } })
  })
})
