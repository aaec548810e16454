/** Settings of an OpenID connection: client authentication, algorithms and new sign-ins. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { importJWK, type JWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { oidc } from '../../providers/oidc/generic.ts'
import { testRecorder } from '../contract/context.ts'
import {
  type Behavior,
  clientId,
  clientSecret,
  type OpenIdProvider,
  startOpenIdProvider,
} from '../support/servers/openid-provider.ts'
import { connectionOpener, type OpenConnection, type OpenedConnection } from './open-connection.ts'

let upstream: OpenIdProvider
let open: OpenConnection
beforeAll(async () => {
  upstream = await startOpenIdProvider()
  open = connectionOpener(upstream)
})
afterAll(() => upstream.close())

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
    let issuer = ''
    const assertion = async (jwt: string) => {
      return (await jwtVerify(jwt, createPublicKey(keys.RS256), { audience: issuer })).protectedHeader.kid === 'mine'
    }
    const clientKey = { privateKey: pem('RS256'), kid: 'mine', alg: 'PS256', audience: 'issuer' }
    const { row, signIn } = open({ accepts: [], assertion }, { clientSecret: undefined, clientKey })
    issuer = `${upstream.url}/${row}`
    await expect(signIn()).resolves.toBeDefined()
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
  ])('rejects the configuration %j', (config, path) => {
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

  async function logoutBy(alg: 'RS256' | 'ES256', { row, connection }: OpenedConnection) {
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
