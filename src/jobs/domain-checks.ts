/**
 * Looks now and then whether tenants' domains carry the record that proves them, behind the back of everything else: neither the start nor
 * a login ever waits for the DNS. Findings are kept in the durable store, where other processes find them too.
 */
import {
  checkAfter,
  type DomainProof,
  domainProof,
  isCheckDue,
  provesDomain,
} from '../broker/identity/domain-verification.ts'
import type { DomainCheck, DomainChecks } from '../broker/ports/domain-checks.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { type TxtResolver, txtRecords } from '../outbound/txt-records.ts'
import type { Tenant } from '../tenant.ts'

export interface DomainCheckerParts {
  readonly tenants: readonly Tenant[]
  readonly keyRing: KeyRing
  readonly checks: DomainChecks
  readonly resolver: TxtResolver
  readonly now: () => Date
  /** Told when a domain comes to be proven, and when it is not any more. */
  readonly onChange: (check: DomainCheck) => void
  readonly onProblem: (error: unknown) => void
}

export interface DomainChecker {
  /** What is known of a domain. Asks no DNS; reads the store once in the life of the process. Throws `store_unavailable`. */
  proofOf(tenant: string, domain: string): Promise<DomainProof>
  /** Looks at every domain that is due. */
  checkAll(): Promise<void>
  /** Looks at once and about every minute, until stopped. */
  start(): void
  stop(): void
}

const checkIntervalMs = 60_000
const maxConcurrentQueries = 4

type Place = Pick<DomainCheck, 'tenant' | 'domain'>
const keyOf = ({ tenant, domain }: Place) => `${tenant} ${domain}`
const jitter = () => 0.9 + Math.random() * 0.2

export function startDomainChecker(parts: DomainCheckerParts): DomainChecker {
  const { tenants, keyRing, checks, resolver, now, onChange, onProblem } = parts
  const places = tenants.flatMap(placesOf)
  const known = new Map<string, DomainCheck>()
  let read: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function refresh(): Promise<void> {
    for (const check of await checks.all()) known.set(keyOf(check), check)
  }

  function readOnce(): Promise<void> {
    read ??= refresh().catch((error) => {
      read = undefined
      throw error
    })
    return read
  }

  async function checkOne(place: Place): Promise<void> {
    const records = await txtRecords(resolver, place.domain)
    if (stopped) return
    const isThere = typeof records !== 'string' && provesDomain(keyRing, place.tenant, place.domain, records)
    const outcome = typeof records === 'string' ? 'unanswered' : isThere ? 'proven' : 'missing'
    const before = known.get(keyOf(place))
    const check = checkAfter(place, before, outcome, now())
    known.set(keyOf(place), check)
    if ((before?.provenAt === undefined) !== (check.provenAt === undefined)) onChange(check)
    await checks.put(check).catch(onProblem)
  }

  async function look(): Promise<void> {
    await refresh()
    read = Promise.resolve()
    const due = places.filter((place) => isCheckDue(known.get(keyOf(place)), now(), jitter()))
    const next = due.values() // shared: each of the four takes the next one
    await Promise.all(
      Array.from({ length: maxConcurrentQueries }, async () => {
        for (const place of next) if (!stopped) await checkOne(place)
      }),
    )
  }

  async function scheduleNext(): Promise<void> {
    await look().catch((error) => {
      if (!stopped) onProblem(error)
    })
    if (!stopped) timer = setTimeout(() => void scheduleNext(), checkIntervalMs * jitter()).unref()
  }

  return {
    proofOf: async (tenant, domain) => {
      await readOnce()
      return domainProof(known.get(keyOf({ tenant, domain })), now())
    },
    checkAll: look,
    start: () => {
      if (places.length > 0) void scheduleNext()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      resolver.cancel?.()
    },
  }
}

function placesOf(tenant: Tenant): readonly Place[] {
  const domains = new Set(tenant.connections.flatMap((connection) => connection.domains))
  return [...domains].map((domain) => ({ tenant: tenant.id, domain }))
}
