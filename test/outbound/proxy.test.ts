/** E1, E8: calls through a forward proxy, and to upstreams with a private CA. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GuardedFetchOptions, guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import { proxies } from '../../src/outbound/proxy.ts'
import { certificate } from '../support/servers/postgres.ts'

const closing: (() => unknown)[] = []
let ca = ''
let upstream = 0
beforeAll(async () => {
  const [cert, key] = certificate(mkdtempSync(join(tmpdir(), 'gatehouse-proxy-')), 'idp', 'idp.corp.example')
  ca = readFileSync(cert, 'utf8')
  const server = createServer({ cert: ca, key: readFileSync(key) }, (request, response) =>
    response.end(`${request.headers.host}`),
  )
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  upstream = (server.address() as AddressInfo).port
  closing.push(() => server.close())
})
afterAll(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Knows one name, and leads it to the upstream. */
async function startProxy(password?: string) {
  const asked: string[] = []
  const server = createHttpServer().on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(String(request.url))
    const expected = password && `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
    if (expected && request.headers['proxy-authorization'] !== expected) return client.end('HTTP/1.1 407 No\r\n\r\n')
    if (!request.url?.startsWith('idp.corp.example:')) return client.end('HTTP/1.1 403 No\r\n\r\n')
    const server = connect(upstream, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      server.pipe(client).pipe(server)
    })
    for (const socket of [server, client]) socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  closing.push(() => server.close())
  return { asked, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function call(url: string, proxy: string, options: GuardedFetchOptions = {}) {
  const proxyFor = proxies({ proxy: 'environment', noProxy: [] }, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy })
  const guarded = guardedFetch({ ca: [ca], proxyResolves: true, proxyFor, ...options })
  closing.push(guarded.close)
  return guarded.fetch(url)
}

describe('a call through a proxy', () => {
  it('E1 E8: reaches an upstream that only the proxy can resolve, and verifies its certificate by the private CA', async () => {
    const proxy = await startProxy()
    const answer = await call('https://idp.corp.example/x', `http://${proxy.address}`)
    expect(await answer.text()).toBe('idp.corp.example')
    expect(proxy.asked).toEqual(['idp.corp.example:443'])
    await expect(call('https://idp.corp.example/x', `http://${proxy.address}`, { ca: [] })).rejects.toThrow(
      /SELF_SIGNED/,
    )
  })

  it('E1: reaches plain http hosts that the operator allows by name', async () => {
    const proxy = await startProxy()
    await expect(
      call('http://other.corp.example/', `http://${proxy.address}`, { allowPrivate: ['other.corp.example'] }),
    ).rejects.toThrow(/it answered 403/)
    expect(proxy.asked).toEqual(['other.corp.example:80'])
  })

  it('E1: sends the user name and password of the proxy URL and reports when they are required', async () => {
    const proxy = await startProxy('s3cret')
    expect((await call('https://idp.corp.example/', `http://me:s3cret@${proxy.address}`)).status).toBe(200)
    const refusal = call('https://idp.corp.example/', `http://me:wrong@${proxy.address}`)
    await expect(refusal).rejects.toThrow(
      /through the proxy 127\.0\.0\.1:\d+: it requires a user name and password \(407\)/,
    )
    await expect(refusal).rejects.not.toThrow(/wrong/)
  })

  it.each([
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00::1]/',
    'http://8.8.8.8/',
    `https://${hostname().toLowerCase()}.localdomain.invalid/`,
  ])('E1: does not send %s to the proxy', async (url) => {
    const proxy = await startProxy()
    await expect(call(url, `http://${proxy.address}`, { proxyResolves: false })).rejects.toThrow(/is not called/)
    expect(proxy.asked).toEqual([])
  })

  it('E1: refuses a name that resolves to a private address before calling the proxy', async () => {
    const proxy = await startProxy()
    await expect(call(`https://${hostname()}/`, `http://${proxy.address}`)).rejects.toMatchObject({
      code: 'upstream_unreachable',
    })
    expect(proxy.asked.filter((asked) => !asked.startsWith('idp'))).toEqual([])
  })

  it('E1: names a proxy that is unreachable', async () => {
    await expect(call('https://idp.corp.example/', 'http://127.0.0.1:1')).rejects.toThrow(
      /through the proxy 127\.0\.0\.1:1: ECONNREFUSED/,
    )
  })
})

describe('the proxy of a call', () => {
  const variables = { HTTPS_PROXY: 'http://secure:3128', HTTP_PROXY: 'plain:3128' }
  const through = (url: string, noProxy: string, proxy = 'environment') =>
    proxies({ proxy, noProxy: [] }, { ...variables, NO_PROXY: noProxy })(new URL(url))?.host

  it.each([
    ['https://idp.example/', '', 'secure:3128'],
    ['http://idp.example/', '', 'plain:3128'],
    ['https://localhost/', '', undefined],
    ['https://127.0.0.9/', '', undefined],
    ['https://[::1]/', '', undefined],
    ['https://idp.example/', 'idp.example', undefined],
    ['https://a.idp.example/', 'idp.example', undefined],
    ['https://a.idp.example/', '.idp.example', undefined],
    ['https://a.idp.example/', '*.idp.example', undefined],
    ['https://notidp.example/', 'idp.example', 'secure:3128'],
    ['https://IDP.example/', ' other , Idp.Example ', undefined],
    ['https://idp.example:8443/', 'idp.example:8443', undefined],
    ['https://idp.example/', 'idp.example:8443', 'secure:3128'],
    ['https://10.1.2.3/', '10.0.0.0/8', undefined],
    ['https://11.1.2.3/', '10.0.0.0/8', 'secure:3128'],
    ['https://[fd00::7]/', 'fd00::/8', undefined],
    ['https://idp.example/', '*', undefined],
  ])('E1: %s with NO_PROXY %j goes through %s', (url, noProxy, expected) => {
    expect(through(url, noProxy)).toBe(expected)
  })

  it('E1: is outbound.proxy, or none', () => {
    expect(through('https://idp.example/', '*', 'http://own:8080')).toBe('own:8080')
    expect(through('https://idp.example/', '', 'off')).toBeUndefined()
  })

  it.each(['socks5://proxy:1080', 'ftp://proxy', 'http://'])('E1: %s is no proxy', (proxy) => {
    expect(() => proxies({ proxy: 'environment', noProxy: [] }, { https_proxy: proxy })).toThrow(
      'HTTPS_PROXY must be the URL of an HTTP proxy, such as http://proxy.example:3128',
    )
  })
})
