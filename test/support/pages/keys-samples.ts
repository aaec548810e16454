/** The pages about keys in all states; `retell` replaces what clients send. */
import { retirePage, rotatePage } from '../../../src/web/admin/keys/confirm-pages.tsx'
import type { KeyState } from '../../../src/web/admin/keys/key-states.ts'
import { keysPage } from '../../../src/web/admin/keys/keys-page.tsx'
import { sampleAdministrator } from './admin-samples.ts'
import { now } from './samples.ts'

const days = (count: number) => new Date(now.getTime() + count * 86_400_000)

function keyOf(algorithm: KeyState['algorithm'], status: KeyState['status'], start: number): KeyState {
  const id = `${algorithm}${status}DCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs`.slice(0, 43)
  return {
    ...{ id, algorithm, status, createdAt: days(start), changesAt: days(start + 90) },
    activatedAt: status === 'next' ? undefined : days(start + 7),
    retiredAt: status === 'retired' ? days(start + 40) : undefined,
  }
}

export function keysPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const by = sampleAdministrator('operator', retell('Ada Lovelace'))
  const active = keyOf('RS256', 'active', -30)
  const next = keyOf('RS256', 'next', -0.5)
  const retired = keyOf('ES256', 'retired', -60)
  const fetches = [
    { agent: retell('jose/6.1.0'), network: '203.0.113.7', lastAt: days(-0.1) },
    { agent: retell('python-requests/2.32'), network: '2001:db8:85a3:8d3::/64', lastAt: days(-3) },
    { agent: retell('no User-Agent'), network: '198.51.100.20', lastAt: days(-50) },
  ]
  const page = {
    by,
    notice: undefined,
    keys: [active, next, retired],
    rotatableAt: days(0.5),
    fetches,
    ringKeys: 2,
    now,
  }
  return {
    keys: keysPage(page),
    'keys-new': keysPage({
      ...page,
      keys: [active],
      rotatableAt: undefined,
      fetches: [],
      ringKeys: 1,
      notice: 'Done.',
    }),
    'keys-rotate': rotatePage({ by, rotatableAt: days(-1), now }),
    'keys-rotate-early': rotatePage({ by, rotatableAt: days(0.5), now }),
    'keys-retire-active': retirePage({ by, key: active, rotatableAt: days(0.5), now }),
    'keys-retire-next': retirePage({ by, key: next, rotatableAt: days(0.5), now }),
    'keys-remove': retirePage({ by, key: retired, rotatableAt: days(0.5), now }),
  }
}
