/** Audit events: who did what, when, and from where. Added and read, never changed. */
import type { AuditAction } from '../audit-actions.ts'

/** Named fields of what was changed (audit-fields.ts), never a secret. */
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

export interface AuditFilter {
  readonly tenant?: string | undefined
  readonly limit: number
}

/** What the core records events with: it adds the id, and address and agent of the request. */
export interface Audit {
  /** Resolves once the event is stored, or queued while the store is unavailable. */
  add(event: NewAuditEvent): Promise<void>
  /** Newest first. */
  recent(filter: AuditFilter): Promise<readonly AuditEvent[]>
}

export interface AuditStore {
  add(event: AuditEvent): Promise<void>
  /** Newest first. */
  recent(filter: AuditFilter): Promise<readonly AuditEvent[]>
}
