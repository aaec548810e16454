import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { emptyFinishedContexts } from '../../../src/oidc/endpoint/empty-context.ts'

const provider = new Provider('http://localhost:1')
emptyFinishedContexts(provider)
let latest: Parameters<Parameters<typeof provider.use>[0]>[0] | undefined
let wait = Promise.resolve()
provider.use(async (ctx, next) => {
  latest = ctx
  await wait
  await next()
})
const answer = provider.callback()
const closed = Promise.withResolvers<void>()
const server = createServer((incoming, response) => {
  response.once('close', closed.resolve)
  void answer(incoming, response)
})

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => server.close())

const urlOf = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`

it('keeps the context of a request while it is handled, although the client has left', async () => {
  const handled = Promise.withResolvers<void>()
  wait = handled.promise
  const aborted = request(urlOf('/.well-known/openid-configuration')).on('error', () => {})
  aborted.end()
  await expect.poll(() => latest?.path).toBe('/.well-known/openid-configuration')
  aborted.destroy()
  await closed.promise
  expect(latest?.req.url).toBe('/.well-known/openid-configuration')
  handled.resolve()
})

it('empties the context of a finished response, so that it keeps no memory', async () => {
  const response = await fetch(urlOf('/.well-known/openid-configuration'))
  expect(await response.json()).toMatchObject({ issuer: 'http://localhost:1' })
  await expect.poll(() => latest?.req).toBeUndefined()
})
