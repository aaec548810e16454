/** Audit events: actor, action, target, time and origin. Added and read, never changed. */
import type { AuditAction } from '../audit/actions.ts'
import type { Session } from '../session/session.ts'

/** Named fields of what was changed (audit/changed-fields.ts), never a secret. */
export type AuditValues = Readonly<Record<string, AuditValue>>
export type AuditValue =
  | string
  | number
  | boolean
  | null
  | readonly AuditValue[]
  | { readonly [key: string]: AuditValue }

export interface NewAuditEvent {
  readonly at: Date
  readonly tenant: string
  readonly action: AuditAction
  /** A user id, `app:<id>`, `connection:<id>`, `cli` or `system`. */
  readonly actor: string
  /** What was changed: the id of a user or an app, or `connection:<id>`. Never a secret. */
  readonly target: string
  readonly details: Readonly<Record<string, string>>
  readonly before?: AuditValues | undefined
  readonly after?: AuditValues | undefined
}

export interface AuditEvent extends Omit<NewAuditEvent, 'action'> {
  /** Events of one millisecond are sorted by it. */
  readonly id: string
  /** One of `auditActions`, or an action of another release. */
  readonly action: string
  /** IP address of the request. Undefined: no request of a client caused it. */
  readonly address?: string | undefined
  /** User-Agent of the request. */
  readonly agent?: string | undefined
}

/** Position in a list of events, which is sorted by time, then by ID. */
export type AuditPosition = Pick<AuditEvent, 'at' | 'id'>

export interface AuditFilter {
  readonly tenant?: string | undefined
  /** Id of the actor or of the target. */
  readonly user?: string | undefined
  readonly action?: string | undefined
  /** Events of this time or later. */
  readonly since?: Date | undefined
  /** Events before this time. */
  readonly until?: Date | undefined
  /** Position after which the page starts. */
  readonly after?: AuditPosition | undefined
  readonly limit: number
}

export type SessionKey = Pick<Session, 'id' | 'tenant' | 'userId'>

interface AuditReader {
  /** Newest first. */
  recent(filter: AuditFilter): Promise<readonly AuditEvent[]>
  /** Whether an earlier sign-in of the user is stored: one that opened another session. */
  hasEarlierSignIn(session: SessionKey): Promise<boolean>
}

/** Port with which the core records events. Adds the ID, and address and agent of the request. */
export interface Audit extends AuditReader {
  /** Resolves once the event is stored, or queued while the store is unavailable. */
  add(event: NewAuditEvent): Promise<void>
  /** Written behind the response, with others: for sign-ins. Never throws, never waits. */
  addLater(event: NewAuditEvent): void
}

export interface AuditStore extends AuditReader {
  /** Events whose ids are stored already are ignored. */
  addAll(events: readonly AuditEvent[]): Promise<void>
  /** The tenants that have events, also those without a configuration. */
  tenants(): Promise<readonly string[]>
  /** Deletes the oldest events before `date`, at most `limit`. Returns how many were deleted. */
  forgetBefore(tenant: string, date: Date, limit: number): Promise<number>
}
