import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { listen } from '../../../src/web/server/server.ts'

it('a port in use is reported with the fix', async () => {
  const first = createServer().listen(0, '127.0.0.1')
  await once(first, 'listening')
  const { port } = first.address() as AddressInfo
  await expect(listen(createServer(), { host: '127.0.0.1', port })).rejects.toThrow(
    `127.0.0.1:${port} is in use by another process: stop that one, or choose another listen.port`,
  )
  await new Promise((closed) => first.close(closed))
})

it('an address of another machine is reported', async () => {
  await expect(listen(createServer(), { host: '192.0.2.1', port: 4000 })).rejects.toThrow(
    'this machine has no address 192.0.2.1:4000: choose another listen.host',
  )
})

it('X5: an unresolvable host is reported', async () => {
  await expect(listen(createServer(), { host: 'no-such-host.invalid', port: 4000 })).rejects.toThrow(
    /^no-such-host\.invalid:4000 cannot be resolved.*: choose/,
  )
})
