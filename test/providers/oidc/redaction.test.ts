import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withoutCredentials } from '../../../providers/oidc/endpoint/redaction.ts'
import { call, type EndpointRequest, refusal } from '../../../providers/oidc/endpoint/response.ts'

/**
 * Says in error_description what it got: the Authorization header, its parts, and the body. Its
 * error is the code.
 */
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const [scheme, credential = ''] = (request.headers.authorization ?? '').split(' ')
  const parts = scheme === 'Basic' ? Buffer.from(credential, 'base64').toString() : ''
  const form = new URLSearchParams(Buffer.concat(chunks).toString())
  const got = [credential, parts, ...form.values()].join(' ')
  const error = form.get('code') ?? 'invalid_request'
  response.writeHead(400, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error, error_description: `got ${got} at 12 o'clock` }))
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const basic = (secret: string) => `Basic ${Buffer.from(`id:${secret}`).toString('base64')}`

it.each<[string, EndpointRequest]>([
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

it.each([
  ['as sent', "s3cr3t!'()*~ é"],
  ['percent-encoded', encodeURIComponent("s3cr3t!'()*~ é")],
  ['form-encoded', new URLSearchParams({ v: "s3cr3t!'()*~ é" }).toString().slice(2)],
  ['with every reserved character percent-encoded', 's3cr3t%21%27%28%29%2A~%20%C3%A9'],
  ['percent-encoded in lower case', 's3cr3t%21%27%28%29%2a%7e%20%c3%a9'],
])('LK-01: removes a secret that the upstream quotes %s', (_, quoted) => {
  const secret = "s3cr3t!'()*~ é"
  const requests = [
    { body: new URLSearchParams({ client_secret: secret }) },
    { headers: { authorization: basic(secret) } },
    { headers: { authorization: basic(encodeURIComponent(secret)) } },
  ]
  for (const request of requests)
    expect(withoutCredentials(`client_secret=${quoted}&scope=openid`, request)).toBe(
      'client_secret=[secret]&scope=openid',
    )
})

it('LK-01 takes no long time for a code and an answer that an upstream chose, and removes the code', () => {
  const code = `${'-'.repeat(4000)}b`
  const body = new URLSearchParams({ code })
  const before = process.cpuUsage()
  for (const text of ['-'.repeat(1_000_000), '%2D'.repeat(300_000)]) withoutCredentials(text, { body })
  const { user } = process.cpuUsage(before)
  expect(user / 1000).toBeLessThan(1000)
  expect(withoutCredentials(`the code ${code} is unknown`, { body })).toBe('the code [secret] is unknown')
})

it('LK-01 removes a code in capitals that is sent back as the error', async () => {
  const body = new URLSearchParams({ code: 'KXQPZMWVRTNBHG' })
  const { message } = refusal(
    await call(fetch, 'the token endpoint', url, { method: 'POST', body }),
    'the token endpoint',
  )
  expect(message.toLowerCase()).not.toContain('kxqp')
})
