import { expect, it } from 'vitest'
import { type KeyFetch, mergeFetches, openKeyFetches } from '../../../src/broker/keys/key-fetches.ts'
import { openBroker } from '../../support/gatehouse/broker.ts'

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 29) + minutes * 60_000)
const fetch = (network: string, minutes: number, agent = 'jose'): KeyFetch => ({ agent, network, lastAt: at(minutes) })

it('keeps the latest fetch of each client, the latest first', () => {
  expect(mergeFetches([fetch('a', 1), fetch('b', 2)], [fetch('a', 3), fetch('b', 1)])).toEqual([
    fetch('a', 3),
    fetch('b', 2),
  ])
})

it('keeps at most 200 clients, and 5 of one network, so that no network evicts all others', () => {
  const many = Array.from({ length: 300 }, (_, number) => fetch(`n${number}`, number))
  expect(mergeFetches(many, [])).toHaveLength(200)
  const agents = Array.from({ length: 300 }, (_, number) => fetch('a', number, `agent ${number}`))
  expect(mergeFetches(agents, [fetch('b', 0)]).map(({ network }) => network)).toEqual([...Array(5).fill('a'), 'b'])
})

it('shares the fetches that each process noted with all processes, also with later ones', async () => {
  const { parts } = await openBroker({ tenants: [] })
  const [one, other] = [openKeyFetches(parts), openKeyFetches(parts)]
  one.note('jose', '192.0.2.1')
  other.note(undefined, '192.0.2.2')
  await one.share()
  await other.share()
  const networks = async (fetches: typeof one) => (await fetches.all()).map(({ network }) => network).toSorted()
  expect(await networks(one)).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(await networks(openKeyFetches(parts))).toEqual(['192.0.2.1', '192.0.2.2'])
})

it('notes a client at most once a minute, with at most 160 characters of its User-Agent', async () => {
  const { parts, pass } = await openBroker({ tenants: [] })
  const fetches = openKeyFetches(parts)
  fetches.note('x'.repeat(5000), '192.0.2.1')
  const [first] = await fetches.all()
  expect(first?.agent).toHaveLength(160)
  pass(59)
  fetches.note('x'.repeat(5000), '192.0.2.1')
  expect(await fetches.all()).toEqual([first])
  pass(2)
  fetches.note('x'.repeat(5000), '192.0.2.1')
  expect((await fetches.all())[0]?.lastAt).not.toEqual(first?.lastAt)
})

it('deletes fetches older than 90 days, though newer ones renew the record', async () => {
  const { parts, pass } = await openBroker({ tenants: [] })
  const daySeconds = 86_400
  const [old, other] = [openKeyFetches(parts), openKeyFetches(parts)]
  old.note('jose', '192.0.2.1')
  await old.share()
  pass(60 * daySeconds)
  other.note('jose', '192.0.2.2')
  await other.share()
  pass(31 * daySeconds)
  for (const fetches of [old, other, openKeyFetches(parts)])
    expect((await fetches.all()).map(({ network }) => network)).toEqual(['192.0.2.2'])
  await other.share()
  const stored = await parts.artifacts.find('KeyFetches', 'deployment')
  expect(JSON.stringify(stored?.content)).not.toContain('192.0.2.1')
})
