import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connectionsOf } from '../../src/broker/connections.ts'
import { defineProvider } from '../../src/provider/provider.ts'
import { testContext } from '../contract/context.ts'
import { connectionSettings, stubProvider, tenantOf } from '../support/gatehouse/broker.ts'

const opened: string[] = []
const tenants = [
  tenantOf([connectionSettings({ id: 'a' }), connectionSettings({ id: 'b' })]),
  tenantOf([], { id: 'none' }),
]
const strange = tenantOf([connectionSettings({ id: 'x', kind: 'unheard-of' })], { id: 'strange' })
const counting = defineProvider({
  ...stubProvider(),
  config: z.unknown(),
  open: (config, context) => {
    opened.push(`${context.tenant}/${context.connection}`)
    return stubProvider().open(config, context)
  },
})
const connections = connectionsOf(
  new Map([...tenants, strange].map((tenant) => [tenant.id, tenant])),
  [counting],
  (tenant, { id }) => testContext({ tenant: tenant.id, connection: id }),
)

describe('connections', () => {
  it('open once, at first use', () => {
    expect(opened).toEqual([])
    expect(connections.get('acme', 'b')).toBe(connections.get('acme', 'b'))
    expect(opened).toEqual(['acme/b'])
    expect(connections.all(connections.tenant('acme')).map(({ settings }) => settings.id)).toEqual(['a', 'b'])
    expect(opened).toEqual(['acme/b', 'acme/a'])
  })

  it.each([
    ['acme', 'c'],
    ['acme', ''],
    ['acme', '__proto__'],
    ['none', 'a'],
    ['evil', 'a'],
    ['ACME', 'a'],
    ['constructor', 'a'],
    ['x'.repeat(100_000), 'a'],
    ['acme', 'x'.repeat(100_000)],
  ])('CF-03 reject %s/%s with a short message', (tenant, connection) => {
    expect(() => connections.get(tenant, connection)).toThrow(expect.objectContaining({ code: 'connection_unknown' }))
    expect(() => connections.get(tenant, connection)).toThrow(/^no (tenant|connection) .{1,100}$/)
  })

  it('report a kind without a provider as a server error', () => {
    expect(() => connections.get('strange', 'x')).toThrow('no provider of kind unheard-of')
  })

  it('support passwords only if one of them does', () => {
    expect(connections.passwordConnection(connections.tenant('acme'))).toBeNull()
    expect(connections.passwordConnection(connections.tenant('none'))).toBeNull()
  })
})
