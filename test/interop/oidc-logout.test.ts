/** Logout tokens of an OpenID upstream, as real ones write them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRecorder } from '../contract/context.ts'
import { clientId, type Members, type OpenIdProvider, startOpenIdProvider } from '../support/servers/openid-provider.ts'
import { connectionOpener, type OpenConnection } from './open-connection.ts'

let upstream: OpenIdProvider
let open: OpenConnection
beforeAll(async () => {
  upstream = await startOpenIdProvider()
  open = connectionOpener(upstream)
})
afterAll(() => upstream.close())

const event = 'http://schemas.openid.net/event/backchannel-logout'

async function logoutBy(claims: Members, change: (token: string) => string = (token) => token) {
  const { row, connection } = open()
  const iat = Math.floor(Date.now() / 1000)
  const plain = { aud: clientId, sub: `user-${row}`, iat, exp: iat + 60, jti: row, events: { [event]: {} } }
  const token = change(await upstream.sign(row, { ...plain, ...claims }))
  const parameters = new URLSearchParams({ logout_token: token })
  const url = new URL('https://gatehouse.test/')
  const notice = { endpoint: 'backchannel-logout', url, parameters, body: undefined, bearer: undefined } as const
  return connection.logout?.receive?.({ ...notice, record: testRecorder() })
}

describe('a logout token', () => {
  it.each<[string, Members]>([
    ['has an event that is an empty list (PHP)', { events: { [event]: [] } }],
    ['has a null sid and nonce', { sid: null, nonce: null }],
    ['has an integer jti', { jti: 4711 }],
    ['has other events beside', { events: { [event]: {}, 'https://idp.example/event': {} } }],
    ['has an audience list', { aud: ['other', clientId] }],
    ['has no exp', { exp: undefined }],
    ['has times with fractions', { iat: Date.now() / 1000 }],
  ])('B2: is accepted if it %s', async (_, claims) => {
    await expect(logoutBy(claims)).resolves.toBeDefined()
  })

  it('B2: is accepted with line breaks around it', async () => {
    await expect(logoutBy({}, (token) => `\r\n${token}\n`)).resolves.toBeDefined()
  })

  it('X3: names the session of an integer sid, as the ID token does', async () => {
    const { signIn } = open({ claims: (claims) => ({ ...claims, sid: 17 }) })
    expect((await signIn()).sid).toBe('17')
    expect(await logoutBy({ sid: 17 })).toMatchObject({ sid: '17' })
  })

  it.each<[string, Members, string]>([
    ['an event that is a list with content', { events: { [event]: ['x'] } }, 'events'],
    ['a list of events', { events: [event] }, 'events'],
    ['a sid with a fraction', { sid: 1.5 }, 'sid'],
    ['an integer sub', { sub: 17 }, 'sub'],
    ['a nonce', { nonce: 'n' }, 'nonce'],
  ])('B2: is refused with %s', async (_, claims, name) => {
    await expect(logoutBy(claims)).rejects.toMatchObject({ check: { name } })
  })
})
