export interface AuditEvent {
  readonly at: Date
  readonly tenant: string
  /** Such as `session.ended`, `password.changed`, `user.created`, `identity.linked`. */
  readonly action: string
  /** Id of the user who did it. */
  readonly actor: string
  /** An id, never a secret. */
  readonly target: string
  readonly details: Readonly<Record<string, string>>
}

export interface Audit {
  add(event: AuditEvent): Promise<void>
  /** Newest first. */
  recent(filter: { readonly tenant: string; readonly limit: number }): Promise<readonly AuditEvent[]>
}
