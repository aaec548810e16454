/**
 * Checks the DNS records that verify tenants' domains, in the background: no start and no login
 * waits for DNS. Results are in the durable store, shared by all processes.
 */
import pLimit from 'p-limit'
import {
  checkAfter,
  type DomainProof,
  domainProof,
  isCheckDue,
  provesDomain,
} from '../broker/identity/domain-verification.ts'
import type { DomainCheck, DomainChecks } from '../broker/ports/durable.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { type TxtResolver, txtRecords } from '../outbound/txt-records.ts'
import type { Tenant } from '../tenant.ts'

export interface DomainCheckerOptions {
  readonly tenants: readonly Tenant[]
  readonly keyRing: KeyRing
  readonly checks: DomainChecks
  readonly resolver: TxtResolver
  readonly now: () => Date
  /** Called when a domain becomes verified or unverified. */
  readonly onChange: (check: DomainCheck) => void
  readonly onProblem: (error: unknown) => void
}

export interface DomainChecker {
  /** The last result, without DNS queries. Reads the store once. Throws `store_unavailable`. */
  proofOf(tenant: string, domain: string): Promise<DomainProof>
  /** Checks every domain that is due. */
  checkAll(): Promise<void>
  /** Checks now and then about every minute. */
  start(): void
  stop(): void
}

const checkIntervalMs = 60_000
const maxConcurrentQueries = 4

type Place = Pick<DomainCheck, 'tenant' | 'domain'>
const keyOf = ({ tenant, domain }: Place) => `${tenant} ${domain}`
const jitter = () => 0.9 + Math.random() * 0.2

export function createDomainChecker(options: DomainCheckerOptions): DomainChecker {
  const { keyRing, checks, resolver, now, onChange, onProblem } = options
  const places = options.tenants.flatMap(placesOf)
  const known = new Map<string, DomainCheck>()
  const limit = pLimit(maxConcurrentQueries)
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
    if (stopped) return
    const records = await txtRecords(resolver, place.domain)
    if (stopped) return
    const isProven = typeof records !== 'string' && provesDomain(keyRing, place.tenant, place.domain, records)
    const outcome = typeof records === 'string' ? 'unanswered' : isProven ? 'proven' : 'missing'
    const before = known.get(keyOf(place))
    const check = checkAfter(place, before, outcome, now())
    known.set(keyOf(place), check)
    if ((before?.provenAt === undefined) !== (check.provenAt === undefined)) onChange(check)
    await checks.put(check).catch(onProblem)
  }

  async function checkAll(): Promise<void> {
    await refresh()
    read = Promise.resolve()
    const due = places.filter((place) => isCheckDue(known.get(keyOf(place)), now(), jitter()))
    await Promise.all(due.map((place) => limit(() => checkOne(place))))
  }

  async function checkRepeatedly(): Promise<void> {
    await checkAll().catch((error) => {
      if (!stopped) onProblem(error)
    })
    if (!stopped) timer = setTimeout(() => void checkRepeatedly(), checkIntervalMs * jitter()).unref()
  }

  return {
    proofOf: async (tenant, domain) => {
      await readOnce()
      return domainProof(known.get(keyOf({ tenant, domain })), now())
    },
    checkAll,
    start: () => {
      if (places.length > 0) void checkRepeatedly()
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
