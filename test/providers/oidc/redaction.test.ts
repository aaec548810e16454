import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, refusal } from '../../../providers/oidc/endpoint/response.ts'

/** Says in error_description what it got: the Authorization header, its parts, and the body. */
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const [scheme, credential = ''] = (request.headers.authorization ?? '').split(' ')
  const parts = scheme === 'Basic' ? Buffer.from(credential, 'base64').toString() : ''
  const got = [credential, parts, ...new URLSearchParams(Buffer.concat(chunks).toString()).values()].join(' ')
  response.writeHead(400, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: 'invalid_request', error_description: `got ${got} at 12 o'clock` }))
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const basic = (secret: string) => `Basic ${Buffer.from(`id:${secret}`).toString('base64')}`

it.each<[string, RequestInit]>([
  ['an opaque access token', { headers: { authorization: 'Bearer canary-1' } }],
  ['a secret in the Authorization header', { method: 'POST', headers: { authorization: basic('canary%2F1') } }],
  [
    'a secret and a code in the body',
    { method: 'POST', body: new URLSearchParams({ client_secret: 'canary/1', code: 'canary-2', scope: 'openid' }) },
  ],
])('LK-01: keeps %s out of messages when the upstream quotes the request', async (_, init) => {
  const { message } = refusal(await call(fetch, 'the endpoint', url, init), 'the endpoint')
  expect(message).toMatch(/\[secret\].* at 12 o'clock/)
  expect(message).not.toContain('canary')
})
