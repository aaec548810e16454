export interface AuditEvent {
  readonly at: Date
  readonly tenant: string
  /** What happened, such as `session.ended`, `password.changed`, `user.created`, `identity.linked`. */
  readonly action: string
  /** User id of who did it. */
  readonly actor: string
  /** What it was done to: an id, never a secret. */
  readonly target: string
  readonly details: Readonly<Record<string, string>>
}

export interface Audit {
  add(event: AuditEvent): Promise<void>
  /** Newest first. */
  recent(filter: { readonly tenant: string; readonly limit: number }): Promise<readonly AuditEvent[]>
}
