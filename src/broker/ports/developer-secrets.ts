/** The client secrets of developers, besides those of their apps. */
import type { ClientSecret } from '../../app/app.ts'
import type { UserKey } from '../session/session.ts'

export interface DeveloperSecret extends ClientSecret {
  /** Time of the last use, to the minute. */
  readonly lastUsedAt: Date | undefined
}

export interface DeveloperSecretSet {
  /** Revision for optimistic locking: 0 until the user's first secret. */
  readonly revision: number
  /** Newest first. */
  readonly secrets: readonly DeveloperSecret[]
}

export interface DeveloperSecrets {
  ofUser(tenant: string, userId: string): Promise<DeveloperSecretSet>
  /** Finds the owner, also by an expired secret. */
  findByHash(hash: string): Promise<{ readonly owner: UserKey; readonly secret: DeveloperSecret } | null>
  /** Stores these with the next revision, if the stored one is `revision`; false otherwise. */
  replace(owner: UserKey, revision: number, secrets: readonly ClientSecret[]): Promise<boolean>
  /** An earlier use than the stored one is ignored. */
  recordUse(hash: string, at: Date): Promise<void>
}
