/**
 * Records the clients that fetch the published signing keys, so that an operator sees before a
 * rotation which of them lack the next key. Fetches are anonymous: a client is a User-Agent and a
 * network. All processes share one record, into which each merges what it saw.
 */
import { z } from 'zod'
import { truncate } from '../../primitives/untrusted-text.ts'
import type { Ports } from '../ports/core-ports.ts'

export interface KeyFetch {
  readonly agent: string
  /** IPv4 address or IPv6 /64 (`networkOf`). */
  readonly network: string
  readonly lastAt: Date
}

const maxFetches = 200
/** So that one network cannot evict all others. */
const maxAgentsOfNetwork = 5
const maxAgentLength = 160
const keptSeconds = 90 * 86_400
const keptMs = keptSeconds * 1000

export interface KeyFetches {
  note(agent: string | undefined, network: string): void
  /**
   * Shares what was noted since the last call, and deletes fetches older than 90 days. Called by
   * upkeep. Throws `store_unavailable`.
   */
  share(): Promise<void>
  /** Fetches of the last 90 days, latest first. Throws `store_unavailable`. */
  all(): Promise<readonly KeyFetch[]>
}

type KeyFetchPorts = Ports<'artifacts' | 'now'>

const record = { model: 'KeyFetches', id: 'deployment' } as const
const stored = z.object({
  fetches: z.array(
    z.object({ agent: z.string(), network: z.string(), lastAt: z.number().transform((ms) => new Date(ms)) }),
  ),
})

export function openKeyFetches({ artifacts, now }: KeyFetchPorts): KeyFetches {
  let seen: readonly KeyFetch[] = []
  let isShared = true
  /** When the oldest shared fetch is to be deleted; 0 until this process has read the record. */
  let deletionDueMs = 0

  const read = async () => {
    const found = stored.safeParse((await artifacts.find(record.model, record.id))?.content)
    return found.success ? found.data.fetches : []
  }
  const readMerged = async () => {
    seen = withoutOld(seen, now())
    return withoutOld(mergeFetches(await read(), seen), now())
  }

  return {
    note(agent, network) {
      const fetch = { agent: truncate(agent ?? 'no User-Agent', maxAgentLength), network, lastAt: now() }
      if (seen.some((other) => isRecent(other, fetch))) return
      seen = mergeFetches(seen, [fetch])
      isShared = false
    },
    async share() {
      if (isShared && now().getTime() < deletionDueMs) return
      isShared = true
      try {
        const merged = await readMerged()
        const content = { fetches: merged.map((fetch) => ({ ...fetch, lastAt: fetch.lastAt.getTime() })) }
        await artifacts.put({ ...record, content, seconds: keptSeconds })
        deletionDueMs = (merged.at(-1)?.lastAt ?? now()).getTime() + keptMs
      } catch (error) {
        isShared = false
        throw error
      }
    },
    all: readMerged,
  }
}

/** The record outlives its fetches: each `put` renews it for 90 days. */
const withoutOld = (fetches: readonly KeyFetch[], now: Date) =>
  fetches.filter(({ lastAt }) => now.getTime() - lastAt.getTime() < keptMs)

/** Notes of one client are at least this far apart. */
const noteMs = 60_000

const isRecent = (noted: KeyFetch, { agent, network, lastAt }: KeyFetch) =>
  noted.agent === agent && noted.network === network && lastAt.getTime() - noted.lastAt.getTime() < noteMs

/** The latest fetch of each client, the latest first. Pure. */
export function mergeFetches(one: readonly KeyFetch[], other: readonly KeyFetch[]): readonly KeyFetch[] {
  const sorted = [...one, ...other].toSorted((left, right) => right.lastAt.getTime() - left.lastAt.getTime())
  const agentsOf = new Map<string, Set<string>>()
  const latest = sorted.filter(({ agent, network }) => {
    const agents = agentsOf.get(network) ?? new Set()
    if (agents.has(agent) || agents.size >= maxAgentsOfNetwork) return false
    agentsOf.set(network, agents.add(agent))
    return true
  })
  return latest.slice(0, maxFetches)
}
