/** The registry of apps, and the rules of the addresses they may have. */
import { describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { wrongReturnAddress } from '../../../src/app/redirect-uri.ts'
import { appKeys } from '../../../src/broker/apps/jwks.ts'
import { appRegistry } from '../../../src/broker/apps/registry.ts'
import { clock } from '../../support/gatehouse/broker.ts'

function appOf(id: string, changes: Partial<App> = {}): App {
  return {
    id,
    name: id,
    kind: 'web',
    logoUri: undefined,
    redirectUris: ['https://a.test/'],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: undefined,
    tenants: 'all',
    scopes: ['openid'],
    firstParty: false,
    owner: undefined,
    secrets: [],
    keys: [],
    createdAt: new Date(0),
    revision: 0,
    ...changes,
  }
}

/** A store that counts how often it is asked. */
function storeOf(stored: Map<string, App>) {
  const asked = { find: 0, findBySecret: 0 }
  const find = async (id: string) => {
    asked.find += 1
    return stored.get(id) ?? null
  }
  const findBySecret = async () => {
    asked.findBySecret += 1
    return null
  }
  return { asked, stored: { find, findBySecret } }
}

const users = { find: async () => null }

describe('the app registry', () => {
  it('finds declared apps first, without a store read', async () => {
    const { asked, stored } = storeOf(new Map([['shop', appOf('shop', { name: 'Impostor' })]]))
    const registry = appRegistry({ declared: [appOf('shop')], stored, users, now: clock().now })
    expect((await registry.find('shop'))?.name).toBe('shop')
    expect(asked.find).toBe(0)
  })

  it('reads an app once in two seconds, and again after a change', async () => {
    const apps = new Map([['a', appOf('a')]])
    const { asked, stored } = storeOf(apps)
    const { now, pass: advance } = clock()
    const registry = appRegistry({ declared: [], stored, users, now })
    await Promise.all(Array.from({ length: 50 }, () => registry.find('a')))
    expect(asked.find).toBe(1)
    apps.set('a', appOf('a', { name: 'changed' }))
    expect((await registry.find('a'))?.name).toBe('a')
    registry.forget('a')
    expect((await registry.find('a'))?.name).toBe('changed')
    apps.delete('a')
    advance(2)
    expect(await registry.find('a')).toBeNull()
  })

  it('reads the current app past its copy, which it renews', async () => {
    const apps = new Map([['a', appOf('a')]])
    const { asked, stored } = storeOf(apps)
    const registry = appRegistry({ declared: [appOf('shop')], stored, users, now: clock().now })
    await registry.find('a')
    apps.set('a', appOf('a', { name: 'changed' }))
    expect((await registry.current('a'))?.name).toBe('changed')
    expect((await registry.find('a'))?.name).toBe('changed')
    apps.set('a', appOf('a', { disabledAt: new Date(0) }))
    expect(await registry.current('a')).toBeNull()
    expect(asked.find).toBe(3)
    expect((await registry.current('shop'))?.name).toBe('shop')
    expect(await registry.current('x'.repeat(1000))).toBeNull()
    expect(asked.find).toBe(3)
  })

  it('caches neither unknown IDs nor failures', async () => {
    const apps = new Map([['a', appOf('a')]])
    const { asked, stored } = storeOf(apps)
    const registry = appRegistry({ declared: [], stored, users, now: clock().now })
    await registry.find('a')
    for (let index = 0; index < 3000; index += 1) await registry.find(`nobody-${index}`)
    asked.find = 0
    await registry.find('a')
    expect(asked.find).toBe(0)
    expect(await registry.find('x'.repeat(1000)), 'too long to be one').toBeNull()
    expect(asked.find).toBe(0)
    let failing = true
    const find = async () => (failing ? Promise.reject(new Error('down')) : appOf('b'))
    const flapping = appRegistry({ declared: [], stored: { ...stored, find }, users, now: clock().now })
    await expect(flapping.find('b')).rejects.toThrow('down')
    failing = false
    expect((await flapping.find('b'))?.id).toBe('b')
  })

  it('finds declared apps by secret, and reads the store only for well-formed secrets', async () => {
    const secret = { id: '1', sealed: '', hash: 'h', createdAt: new Date(0), expiresAt: undefined }
    const { asked, stored } = storeOf(new Map())
    const registry = appRegistry({ declared: [appOf('shop', { secrets: [secret] })], stored, users, now: clock().now })
    expect((await registry.findBySecret('h', false))?.id).toBe('shop')
    expect(await registry.findBySecret('other', false)).toBeNull()
    expect(asked.findBySecret).toBe(0)
    await registry.findBySecret('other', true)
    expect(asked.findBySecret).toBe(1)
  })
})

describe('a published JWKS', () => {
  it('skips private, symmetric, encryption and malformed keys', async () => {
    const good = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'good' }
    const keys = [
      good,
      { ...good, kid: 'd', d: 'AAAA' },
      { kty: 'oct', k: 'AAAA' },
      { ...good, use: 'enc' },
      {},
      { kty: 7 },
    ]
    const source = { kind: 'jwks', url: 'https://a.test/jwks' } as const
    const app = { keys: [{ id: 'set', name: '', source, createdAt: new Date(0) }] }
    const known = appKeys({ fetch: async () => Response.json({ keys }), now: clock().now, onProblem: () => undefined })
    expect((await known.of(app)).map(({ jwk }) => jwk.kid)).toEqual(['good'])
  })

  it.each([
    ['no JSON', () => new Response('<html>')],
    ['no set', () => Response.json([])],
    ['an error', () => new Response('', { status: 500 })],
  ])('are empty when the URL answers with %s, which is logged', async (_, answer) => {
    const stated: string[] = []
    const known = appKeys({
      fetch: async () => answer(),
      now: clock().now,
      onProblem: (sentence) => stated.push(sentence),
    })
    const source = { kind: 'jwks', url: 'https://a.test/jwks' } as const
    expect(await known.of({ keys: [{ id: 'set', name: '', source, createdAt: new Date(0) }] })).toEqual([])
    expect(stated).toEqual(['the keys of an app cannot be had from a.test'])
  })

  it('is not fetched again for each unknown key ID', async () => {
    let calls = 0
    const { now, pass: advance } = clock()
    const fetch = async () => {
      calls += 1
      return Response.json({ keys: [] })
    }
    const known = appKeys({ fetch, now, onProblem: () => undefined })
    const source = { kind: 'jwks', url: 'https://a.test/jwks' } as const
    const app = { keys: [{ id: 'set', name: '', source, createdAt: new Date(0) }] }
    for (let index = 0; index < 100; index += 1) await known.of(app, `invented-${index}`)
    expect(calls).toBe(1)
    advance(31)
    await known.of(app, 'new')
    expect(calls).toBe(2)
  })
})

describe('a redirect URI', () => {
  it.each([
    ['https://app.acme.test/cb', 'web'],
    ['https://app.acme.test', 'web'],
    ['https://app.acme.test:8443/cb?tenant=a&x=y@z', 'single-page'],
    ['http://localhost:3000/cb', 'web'],
    ['http://127.0.0.1/cb', 'native'],
    ['http://[::1]:4000/cb', 'native'],
    ['com.acme.app:/callback', 'native'],
    ['com.acme.app://callback', 'native'],
  ] as const)('may be %s for a %s app', (text, kind) => {
    expect(wrongReturnAddress(text, kind)).toBeUndefined()
  })

  it.each([
    '',
    ' ',
    'https:',
    'https://',
    'https:///app.test/',
    'https:app.test/cb',
    'https:/app.test/cb',
    '//app.test/cb',
    '/cb',
    'https://user@app.test/',
    'https://user:pw@app.test/',
    'https://@app.test/',
    'https://app.test%40evil.test/',
    'https://app.test:443/',
    'https://APP.test/',
    'HTTPS://app.test/',
    'https://app.test./../',
    'https://0x7f.1/cb',
    'https://app.test/a/..',
    'https://app.test/./a',
    'https://app.test/%2E%2e/a',
    'https://app.test/a%2fb',
    'https://app.test/a%5cb',
    'https://app.test/\u0000',
    'https://app.test/\n',
    'https://app.test/\t',
    'https://app.test/ä',
    'https://app.test/%0d%0a',
    'https://app.test/#',
    'https://app.test/cb#x',
    'https://app.test/*',
    'https://app.test\\cb',
    'https://app.test/100%',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://app.test/x',
    'vbscript:x',
    'about:blank',
    'com.acme.app:/cb',
    'http://10.0.0.1/',
    'http://localhost.evil.test/',
    'http://127.0.0.1.evil.test/',
    'ws://app.test/',
  ])('may not be %j for a web app', (text) => {
    expect(wrongReturnAddress(text, 'web')).toBeDefined()
  })

  it.each([
    'acme:/cb',
    'javascript.x:alert(1)',
    'com.acme.app:cb',
    'com.acme.app:/a/../b',
    'com..app:/cb',
    '1com.acme:/cb',
    'http://app.test/cb',
  ])('may not be %j for a native app', (text) => {
    expect(wrongReturnAddress(text, 'native')).toBeDefined()
  })
})
