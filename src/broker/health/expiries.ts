/** Expiries of connections, and the alerts that are due. Pure. */
import type { Fixer } from '../../errors.ts'
import { formatDate } from '../../primitives/time-expression.ts'
import type { ExpiryKind, Published } from '../../provider/published.ts'
import type { Tenant } from '../../tenant.ts'
import { type ConnectionKey, placeOf } from '../connections.ts'
import type { ExpiryAlertKey, PublishedState } from '../ports/published-states.ts'
import { fileChange } from '../sign-ins/fixes.ts'

export interface ConnectionExpiry extends ConnectionKey {
  readonly kind: ExpiryKind | 'client secret'
  readonly name: string
  readonly expiresAt: Date
}

/** Alerts are sent this many days before. */
export const alertDays = [60, 30, 14, 7, 1] as const

const dayMs = 86_400_000

export const daysUntil = (time: Date, now: Date) => Math.floor((time.getTime() - now.getTime()) / dayMs)

/**
 * Expiries of configured connections: client secrets first, then what their upstreams published.
 */
export function expiriesOf(tenants: readonly Tenant[], states: readonly PublishedState[]): readonly ConnectionExpiry[] {
  const published = new Map(states.map((state) => [placeOf(state), state]))
  return tenants.flatMap((tenant) =>
    tenant.connections.flatMap(({ id, secretExpires }): ConnectionExpiry[] => {
      const place = { tenant: tenant.id, connection: id }
      const secret = { ...place, kind: 'client secret' as const, name: 'client secret' }
      return [
        ...(secretExpires === undefined ? [] : [{ ...secret, expiresAt: secretExpires }]),
        ...(published.get(placeOf(place))?.expiries ?? []).map((expiry) => ({ ...place, ...expiry })),
      ]
    }),
  )
}

/**
 * The alert of the smallest number of days that is reached; undefined before 60 and after the end.
 */
export function dueAlert(expiry: ConnectionExpiry, now: Date): ExpiryAlertKey | undefined {
  const { tenant, connection, kind, name, expiresAt } = expiry
  const left = expiresAt.getTime() - now.getTime()
  if (left <= 0) return undefined
  const days = alertDays.findLast((each) => left <= each * dayMs)
  return days === undefined ? undefined : { tenant, connection, subject: `${kind} ${name}`, expiresAt, days }
}

export interface ExpiryProblem {
  /** Such as "The client secret expires in 7 days, on 1 Mar 2027". */
  readonly title: string
  readonly fix: string
  readonly fixer: Fixer
  readonly daysLeft: number
}

/** Undefined if it ends in more than 60 days. */
export function expiryProblem(expiry: ConnectionExpiry, now: Date): ExpiryProblem | undefined {
  const daysLeft = daysUntil(expiry.expiresAt, now)
  if (daysLeft >= alertDays[0]) return undefined
  const { subject, fix, fixer } = expiryTexts[expiry.kind]
  return { title: `${subject} ${whenText(expiry.expiresAt, now)}`, fix, fixer, daysLeft }
}

/** Text such as "expires in 7 days, on 1 Mar 2027". */
export function whenText(expiresAt: Date, now: Date): string {
  const day = formatDate(expiresAt)
  const days = daysUntil(expiresAt, now)
  if (expiresAt <= now) return `expired on ${day}`
  if (days === 0) return `expires within a day, on ${day}`
  return `expires in ${days} ${days === 1 ? 'day' : 'days'}, on ${day}`
}

interface ExpiryText {
  readonly subject: string
  readonly fix: string
  readonly fixer: Fixer
  /** Consequence of no action. */
  readonly otherwise: string
}

export const expiryTexts: Readonly<Record<ConnectionExpiry['kind'], ExpiryText>> = {
  'client secret': {
    subject: 'The client secret',
    fix: `Create a new client secret at the identity provider, write it as clientSecret of the connection, and set secretExpires to its date. ${fileChange}`,
    fixer: 'operator',
    otherwise: 'After that, the identity provider refuses every sign-in of this connection.',
  },
  certificate: {
    subject: "The identity provider's signing certificate",
    fix: `Ask the administrator of the identity provider for the next certificate. With metadataUrl, Gatehouse takes it from there; otherwise add it to certificates of the connection beside the old one. ${fileChange}`,
    fixer: 'tenant admin',
    otherwise:
      'The identity provider then signs with another certificate, and Gatehouse refuses its answers until it knows that one.',
  },
  'our certificate': {
    subject: "Gatehouse's certificate of the connection",
    fix: `Make a new certificate with the same key, write it as certificate of the connection, and give it to the identity provider. ${fileChange}`,
    fixer: 'operator',
    otherwise: 'After that, the identity provider may refuse signed requests and stop encrypting for Gatehouse.',
  },
  metadata: {
    subject: "The identity provider's metadata",
    fix: `Get a new copy of the metadata from the identity provider, or set metadataUrl so that Gatehouse fetches it. ${fileChange}`,
    fixer: 'tenant admin',
    otherwise: 'After that, every sign-in of this connection is refused.',
  },
}

export type ChangedKind = 'keys' | 'certificates' | 'endpoints'

export interface PublishedChange {
  readonly kind: ChangedKind
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const changedKinds = ['keys', 'certificates', 'endpoints'] as const

/**
 * Replaced keys, certificates and endpoints. A first copy, and one not fetched yet, are no changes.
 */
export function changesBetween(before: Published | null, after: Published): readonly PublishedChange[] {
  return changedKinds.flatMap((kind) => {
    const [old, next] = [before?.[kind], after[kind]]
    return old === undefined || next === undefined || isSame(old, next) ? [] : [{ kind, before: old, after: next }]
  })
}

/** The new state: what is not fetched yet stays as it was. */
export function mergedState(before: PublishedState | null, after: PublishedState): PublishedState {
  const merged = Object.fromEntries(changedKinds.map((kind) => [kind, after[kind] ?? before?.[kind]]))
  return { ...after, ...merged }
}

/** Whether storing would change nothing but the time. */
export function isSameState(one: PublishedState | null, other: PublishedState): boolean {
  return one !== null && contentOf(one) === contentOf(other)
}

function contentOf({ expiries, keys, certificates, endpoints }: Published): string {
  return JSON.stringify([expiries, keys, certificates, endpoints])
}

const isSame = (one: readonly string[], other: readonly string[]) => one.join('\n') === other.join('\n')
