import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { certifiedKey } from '../../providers/saml/emulator/certificate.ts'
import { type GuardedFetch, type GuardedFetchOptions, guardedFetch } from '../../src/outbound/guarded-fetch.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serve(
  listener: RequestListener,
): Promise<{ url: string; port: number; connections: () => number; seen: string[] }> {
  const seen: string[] = []
  let connections = 0
  const server: Server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, connections: () => connections, seen }
}

function guard(options: GuardedFetchOptions = { allowPrivate: ['127.0.0.1', 'localhost'] }): GuardedFetch['fetch'] {
  const guarded = guardedFetch(options)
  open.push(guarded.close)
  return guarded.fetch
}

const unreachable = { code: 'upstream_unreachable' }
const invalid = { code: 'upstream_invalid' }

describe('the guarded fetch', () => {
  it('sends method, headers and body and returns status, headers and body', async () => {
    const { url } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () =>
        response
          .writeHead(201, { 'x-a': '1' })
          .end(`${request.headers['x-b']} ${request.headers['content-type']} ${body}`),
      )
    })
    const response = await guard()(url, {
      method: 'POST',
      headers: { 'x-b': '2' },
      body: new URLSearchParams({ c: '3 4' }),
    })
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([
      201,
      '1',
      '2 application/x-www-form-urlencoded;charset=UTF-8 c=3+4',
    ])
  })

  it('keeps connections alive for the next requests', async () => {
    const { url, connections } = await serve((_, response) => response.end('ok'))
    const fetch = guard()
    for (let n = 0; n < 6; n += 1) await fetch(url)
    expect(connections()).toBeLessThan(4)
  })

  const spellings = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::1]',
    '0.0.0.0',
    '[::]',
    '１２７.0.0.1',
    'localhost',
    'LOCALHOST',
  ]
  it.each(spellings)('CF-01 does not call http or https on %s', async (host) => {
    const { port, seen } = await serve((_, response) => response.end('inside'))
    const fetch = guard({})
    for (const scheme of ['http', 'https'])
      await expect(fetch(`${scheme}://${host}:${port}/`)).rejects.toMatchObject(unreachable)
    expect(seen).toEqual([])
  })

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'https://[fd00:ec2::254]/',
    'http://8.8.8.8/',
    'https://me:pw@8.8.8.8/',
  ])('CF-01 refuses %s at once', async (url) => {
    await expect(guard()(url)).rejects.toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('is not called'),
    })
  })

  it.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'data:text/plain,hello', 'ftp://127.0.0.1/'])(
    'CF-01 refuses %s',
    async (url) => {
      await expect(guard()(url)).rejects.toMatchObject(unreachable)
    },
  )

  it('CF-01+ reaches a private host the operator allows by name or by range', async () => {
    const { port } = await serve((_, response) => response.end('ok'))
    for (const [allowed, host] of [
      ['localhost', 'localhost'],
      ['127.0.0.0/8', 'localhost'],
      ['127.0.0.0/8', '127.0.0.1'],
    ])
      expect((await guard({ allowPrivate: [allowed!] })(`http://${host}:${port}/`)).status).toBe(200)
  })

  it.each([301, 302, 303, 307, 308])('CF-01 does not follow a %d', async (status) => {
    const target = await serve((_, response) => response.end('inside'))
    const { url } = await serve((_, response) => response.writeHead(status, { location: target.url }).end())
    await expect(guard()(url, { redirect: 'follow' })).rejects.toMatchObject(invalid)
    expect(target.seen).toEqual([])
  })

  it('RP-40 stops reading a body that is too long, with or without content-length', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/announced') response.writeHead(200, { 'content-length': 20_000_000 })
      const chunk = Buffer.alloc(100_000)
      const more = () => {
        while (!response.destroyed && response.write(chunk)) {}
      }
      response.on('drain', more)
      more()
    })
    for (const path of ['/announced', '/streamed']) await expect(guard()(url + path)).rejects.toMatchObject(invalid)
  })

  it('RP-40 FT-16…18 times out on a server that hangs before or within its response, or sends slowly', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/hang') return
      response.writeHead(200).write('a')
      if (request.url === '/drip')
        open.push(
          clearInterval.bind(
            undefined,
            setInterval(() => response.write('a'), 20),
          ),
        )
    })
    const fetch = guard({ allowPrivate: ['127.0.0.1'], timeoutMs: 200 })
    for (const path of ['/hang', '/stall', '/drip']) await expect(fetch(url + path)).rejects.toMatchObject(unreachable)
  })

  it('FT-15 FT-19 FT-24 reports a reset, a truncated body, a closed port and an unknown name as unreachable', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/reset') return request.socket.destroy()
      response.writeHead(200, { 'content-length': 10 }).write('abc', () => request.socket.destroy())
    })
    const fetch = guard()
    for (const address of [`${url}/reset`, `${url}/truncated`, 'http://127.0.0.1:9/', 'https://nobody.invalid/'])
      await expect(fetch(address)).rejects.toMatchObject(unreachable)
  })

  it.each([
    ['nobody vouches for', {}],
    ['has ended', { from: new Date('2020-01-01'), until: new Date('2021-01-01') }],
  ])('FT-23 reports a server whose certificate %s as unreachable and sends it nothing', async (_, dates) => {
    const { privateKey, certificate } = await certifiedKey('localhost', dates)
    const asked: string[] = []
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    const server = createTlsServer({ key, cert: certificate }, (request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    open.push(() => server.close())
    const { port } = server.address() as AddressInfo
    await expect(guard()(`https://localhost:${port}/secret`)).rejects.toMatchObject(unreachable)
    expect(asked).toEqual([])
  })

  it('stops when its caller aborts', async () => {
    const { url } = await serve(() => undefined)
    await expect(guard()(url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject(unreachable)
  })

  it('LK-01 omits the query from its messages', async () => {
    const failure = await guard()('http://127.0.0.1:9/path?code=canary').catch((error: Error) => error.message)
    expect(failure).toContain('http://127.0.0.1:9/path')
    expect(failure).not.toContain('canary')
  })
})
