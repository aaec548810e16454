import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { listen } from '../../../src/web/server/server.ts'
import {
  gatehouse,
  gatehouseFaults,
  load,
  loadedOf,
  tenant,
  tenantFaults,
} from '../../support/gatehouse/config-folder.ts'

async function listenOf(host: string) {
  const text = `${gatehouse}listen: { host: '${host}', port: 0 }\n`
  const { loaded } = await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') })
  return loadedOf(loaded).deployment.listen
}

describe('listen.host', () => {
  it.each(['[::1]', '::1', '127.0.0.1', 'localhost', '0.0.0.0', '::', '[::]'])(
    'X5: %s is accepted by check and listened on',
    async (host) => {
      const server = createServer()
      await listen(server, await listenOf(host))
      server.close()
      await once(server, 'close')
    },
  )

  it.each([
    ['*', 'for every address write 0.0.0.0 or ::'],
    ['http://localhost', 'without scheme and path'],
    ['localhost:4000', 'without port: that is listen.port'],
    ['[::1]:4000', 'without port: that is listen.port'],
    ['[127.0.0.1]', 'must be an address or a host name'],
    ['999.1.1.1', 'must be an address or a host name'],
    ['my host', 'must be an address or a host name'],
  ])('X5: %s is an error', async (host, expected) => {
    expect(await gatehouseFaults(`${gatehouse}listen: { host: '${host}' }\n`)).toEqual([
      expect.stringContaining(expected),
    ])
  })

  it.each([-1, 65_536, 1.5])('X5: the port %d is an error', async (port) => {
    expect(await gatehouseFaults(`${gatehouse}listen: { port: ${port} }\n`)).toHaveLength(1)
  })
})

describe('names of files', () => {
  it.each(['gatehouse.yml', 'Gatehouse.yaml', 'gatehouse.json'])('X6: %s gets a hint', async (name) => {
    const { faults } = await load({ [name]: gatehouse, 'tenants/acme.yaml': tenant('acme') })
    expect(faults[0]).toContain(
      `gatehouse.yaml:1:1: cannot be read: it does not exist; ${name} is there: call it gatehouse.yaml`,
    )
  })

  it.each(['tenants/beta.yml', 'tenants/beta.YAML'])('X6: %s gets a hint', async (name) => {
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': tenant('acme'),
      [name]: tenant('beta'),
    })
    expect(faults).toEqual([`${name}:1:1: is not read: the name of a tenant file ends in .yaml, so rename it`])
  })

  it('X6: get no suggestion if no similar file exists', async () => {
    expect((await tenantFaults(tenant('acme'))).join()).not.toContain('call it')
  })
})
