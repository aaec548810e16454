import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LiveClient, openLiveClients } from '../../../../src/web/admin/live/live-clients.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const change = 'event: change\ndata:\n\n'

let users = 0
function clientOf(tenant?: string, isPermitted: () => Promise<boolean> = async () => true) {
  const sent: string[] = []
  users += 1
  const client: LiveClient = {
    scope: { tenant, seesDeployment: tenant === undefined },
    user: { tenant: 'acme', userId: `operator-${users}`, isOperator: true },
    send: (text) => void sent.push(text),
    close: () => void sent.push('closed'),
    isPermitted,
  }
  return { client, sent }
}

describe('open admin pages', () => {
  it('get one event per change, and only for their tenant', async () => {
    const states = new Map<string | undefined, string>([
      ['acme', '1'],
      ['beta', '1'],
      [undefined, '1'],
    ])
    const live = openLiveClients({ fingerprint: async ({ tenant }) => [states.get(tenant)] })
    const [acme, beta, all] = [clientOf('acme'), clientOf('beta'), clientOf()]
    for (const { client } of [acme, beta, all]) live.add(client)
    await vi.advanceTimersByTimeAsync(1)
    states.set('acme', '2').set(undefined, '2')
    await vi.advanceTimersByTimeAsync(9000)
    expect([acme.sent, beta.sent, all.sent]).toEqual([[change, change], [change], [change, change]])
  })

  it('get an event right after they connect, because they may have missed changes', async () => {
    let answer = () => {}
    const first = new Promise<void>((known) => {
      answer = known
    })
    const live = openLiveClients({ fingerprint: () => first.then(() => ['1']) })
    const [one, other] = [clientOf('acme'), clientOf('acme')]
    for (const { client } of [one, other]) live.add(client)
    await vi.advanceTimersByTimeAsync(1)
    expect([one.sent, other.sent]).toEqual([[], []])
    answer()
    await vi.advanceTimersByTimeAsync(1)
    expect([one.sent, other.sent]).toEqual([[change], [change]])
    live.close()
  })

  it('of one tenant get events of the deployment only if they show it', async () => {
    let state = '1'
    const live = openLiveClients({ fingerprint: async ({ seesDeployment }) => [seesDeployment ? state : 'same'] })
    const [operator, admin] = [clientOf('acme'), clientOf('acme')]
    live.add({ ...operator.client, scope: { tenant: 'acme', seesDeployment: true } })
    live.add(admin.client)
    await vi.advanceTimersByTimeAsync(1)
    state = '2'
    await vi.advanceTimersByTimeAsync(5000)
    expect([operator.sent, admin.sent]).toEqual([[change, change], [change]])
  })

  it.each([
    ['is not known for a while', [['1'], [undefined], ['1'], ['1']], 0],
    ['cannot be read for a while', [['1'], null, ['1'], ['1']], 0],
    ['changed while it was not known', [['1'], [undefined], ['2'], ['2']], 1],
    ['is known late', [[undefined], [undefined], ['1'], ['1']], 0],
  ])('hear only of a real change if a part %s', async (_, states, changes) => {
    const fingerprint = async () => states.shift() ?? Promise.reject(new Error('no answer'))
    const live = openLiveClients({ fingerprint })
    const { client, sent } = clientOf()
    live.add(client)
    await vi.advanceTimersByTimeAsync(14_900)
    expect(states).toHaveLength(1)
    expect(sent.filter((text) => text === change)).toHaveLength(1 + changes)
    live.close()
  })

  it('cost nothing while there are none', async () => {
    const fingerprint = vi.fn(async () => ['same'])
    const live = openLiveClients({ fingerprint })
    await vi.advanceTimersByTimeAsync(60_000)
    const remove = live.add(clientOf().client)
    await vi.advanceTimersByTimeAsync(5000)
    remove?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([fingerprint.mock.calls.length, live.count(), vi.getTimerCount()]).toEqual([2, 0, 0])
  })

  it('share one reading of the state of their tenant', async () => {
    const fingerprint = vi.fn(async () => ['same'])
    const live = openLiveClients({ fingerprint })
    for (let count = 0; count < 50; count++) live.add(clientOf('acme').client)
    await vi.advanceTimersByTimeAsync(5000)
    const scope = { tenant: 'acme', seesDeployment: false }
    expect(fingerprint.mock.calls).toEqual([[scope], [scope]])
  })

  it('are at most five per user: the oldest is closed with an event', async () => {
    const live = openLiveClients({ fingerprint: async () => ['same'] })
    const { user } = clientOf().client
    const six = Array.from({ length: 6 }, () => clientOf())
    for (const { client } of six) expect(live.add({ ...client, user })).not.toBeNull()
    expect(six.map(({ sent }) => sent)).toEqual([['event: full\ndata:\n\n', 'closed'], [], [], [], [], []])
    expect(live.count()).toBe(5)
    live.close()
  })

  it('are at most 50; after one closes, another may open', () => {
    const live = openLiveClients({ fingerprint: async () => ['same'] })
    const removals = Array.from({ length: 50 }, () => live.add(clientOf().client))
    expect(live.add(clientOf().client)).toBeNull()
    removals[7]?.()
    expect(live.add(clientOf().client)).not.toBeNull()
    expect(live.count()).toBe(50)
    live.close()
  })

  it('get a comment every 15 seconds, so that proxies keep them open', async () => {
    const live = openLiveClients({ fingerprint: async () => ['same'] })
    const { client, sent } = clientOf()
    live.add(client)
    await vi.advanceTimersByTimeAsync(46_000)
    expect(sent).toEqual([change, ':\n\n', ':\n\n', ':\n\n'])
  })

  it.each([
    ['has no permission any more', async () => false],
    ['cannot be checked', async () => Promise.reject(new Error('no answer'))],
  ])('AD-01 end within a minute for an administrator who %s', async (_, isPermitted) => {
    const live = openLiveClients({ fingerprint: async () => ['same'] })
    const { client, sent } = clientOf('acme', isPermitted)
    live.add(client)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([sent.at(-1), live.count()]).toEqual(['closed', 0])
  })

  it('end after an hour', async () => {
    const live = openLiveClients({ fingerprint: async () => ['same'] })
    const { client, sent } = clientOf()
    live.add(client)
    await vi.advanceTimersByTimeAsync(3_599_000)
    expect(sent).not.toContain('closed')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sent.at(-1)).toBe('closed')
  })

  it('end when the process stops, which then accepts none', () => {
    const live = openLiveClients({ fingerprint: async () => ['same'] })
    const { client, sent } = clientOf()
    live.add(client)
    live.close()
    expect([sent, live.count(), live.add(clientOf().client)]).toEqual([['closed'], 0, null])
  })
})
