/**
 * Notifies open admin pages of changes. One timer serves all pages of a process, and
 * reads nothing while none is open.
 */
import { type LiveUser, placeFor } from './live-places.ts'
import type { Fingerprint, LiveScope } from './scope.ts'

export interface LiveTimes {
  readonly tickMs: number
  /** Proxies cut silent connections. */
  readonly heartbeatMs: number
  /** How often each administrator is checked again. */
  readonly recheckMs: number
  /** The browser connects again afterwards. */
  readonly lifetimeMs: number
}

const usualTimes: LiveTimes = { tickMs: 5000, heartbeatMs: 15_000, recheckMs: 30_000, lifetimeMs: 3_600_000 }
const changed = 'event: change\ndata:\n\n'
const full = 'event: full\ndata:\n\n'

export interface LiveClient {
  readonly scope: LiveScope
  readonly user: LiveUser
  send(text: string): void
  close(): void
  /** False once the administrator may not read it any more. */
  isPermitted(): Promise<boolean>
}

export interface LiveOptions {
  /** A part differs if something in the scope has changed. */
  readonly fingerprint: (scope: LiveScope) => Promise<Fingerprint>
  readonly times?: Partial<LiveTimes> | undefined
}

export interface LiveClients {
  /**
   * Returns how to remove it. Its first change comes once the state is known that later changes
   * are compared with. Null if the process has too many, or is stopping.
   */
  add(client: LiveClient): (() => void) | null
  count(): number
  /** Ends all. */
  close(): void
}

interface Watched {
  readonly scope: LiveScope
  known: Fingerprint
  /** Settles once `known` is read for the first time. */
  first: Promise<void>
}

interface Followed {
  readonly client: LiveClient
  readonly user: LiveUser
  readonly key: string
  readonly endsAt: number
  checkAt: number
  heartbeatAt: number
}

const keyOf = ({ tenant, seesDeployment }: LiveScope) => JSON.stringify([tenant, seesDeployment])

export function openLiveClients({ fingerprint, times }: LiveOptions): LiveClients {
  const { tickMs, heartbeatMs, recheckMs, lifetimeMs } = { ...usualTimes, ...times }
  const clients = new Set<Followed>()
  const watched = new Map<string, Watched>()
  let timer: NodeJS.Timeout | undefined
  let isTicking = false
  let isClosed = false

  function add(client: LiveClient): (() => void) | null {
    const { scope, user } = client
    const place = isClosed ? null : placeFor([...clients], user)
    if (place === null) return null
    if (place.replaces !== undefined) {
      place.replaces.client.send(full)
      disconnect(place.replaces)
    }
    const time = performance.now()
    const followed = {
      client,
      user,
      key: keyOf(scope),
      endsAt: time + lifetimeMs,
      checkAt: time + recheckMs,
      heartbeatAt: time + heartbeatMs,
    }
    clients.add(followed)
    void observe(scope).then(() => clients.has(followed) && client.send(changed))
    timer ??= setInterval(() => void tick(), tickMs).unref()
    return () => remove(followed)
  }

  function remove(followed: Followed): void {
    clients.delete(followed)
    if (![...clients].some(({ key }) => key === followed.key)) watched.delete(followed.key)
    if (clients.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function observe(scope: LiveScope): Promise<void> {
    const before = watched.get(keyOf(scope))
    if (before !== undefined) return before.first
    const one: Watched = { scope, known: [], first: Promise.resolve() }
    watched.set(keyOf(scope), one)
    one.first = compare(one).then(() => undefined)
    return one.first
  }

  function disconnect(followed: Followed): void {
    remove(followed)
    followed.client.close()
  }

  async function tick(): Promise<void> {
    if (isTicking) return
    isTicking = true
    try {
      for (const followed of clients) keepAlive(followed)
      await Promise.all([...clients].filter(isCheckDue).map(recheck))
      await Promise.all([...watched.values()].map(sendChanges))
    } finally {
      isTicking = false
    }
  }

  function keepAlive(followed: Followed): void {
    const time = performance.now()
    if (time >= followed.endsAt) return disconnect(followed)
    if (time < followed.heartbeatAt) return
    followed.heartbeatAt = time + heartbeatMs
    followed.client.send(':\n\n')
  }

  const isCheckDue = ({ checkAt }: Followed) => performance.now() >= checkAt

  async function recheck(followed: Followed): Promise<void> {
    followed.checkAt = performance.now() + recheckMs
    if (!(await followed.client.isPermitted().catch(() => false))) disconnect(followed)
  }

  async function sendChanges(one: Watched): Promise<void> {
    if (!(await compare(one))) return
    for (const { client, key } of clients) if (key === keyOf(one.scope)) client.send(changed)
  }

  /** A part that is not known now keeps its value. True if a known one changed. */
  async function compare(one: Watched): Promise<boolean> {
    const now = await fingerprint(one.scope).catch((): Fingerprint => [])
    const before = one.known
    one.known = Array.from({ length: Math.max(now.length, before.length) }, (_, part) => now[part] ?? before[part])
    return one.known.some((text, part) => before[part] !== undefined && before[part] !== text)
  }

  function close(): void {
    isClosed = true
    for (const followed of clients) disconnect(followed)
  }

  return { add, count: () => clients.size, close }
}
