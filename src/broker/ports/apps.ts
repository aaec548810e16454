import type { App } from '../../app/app.ts'

/** Apps registered by developers; those of gatehouse.yaml are not in here. */
export interface Apps {
  find(id: string): Promise<App | null>
  /** The app that has a client secret of this hash, expired or not. */
  findBySecret(hash: string): Promise<App | null>
  /** Newest first. */
  all(): Promise<readonly App[]>
  /** Newest first. */
  ownedBy(tenant: string, userId: string): Promise<readonly App[]>
  /** False when the id is taken. */
  create(app: App): Promise<boolean>
  /** Stores `app` with the next revision, if the stored one has `app.revision`; false otherwise. */
  update(app: App): Promise<boolean>
  remove(id: string): Promise<boolean>
  /** Remembers when a secret or a key of an app was last used. */
  recordUse(appId: string, credentialId: string, at: Date): Promise<void>
  /** Credential id → last use. */
  usesOf(appId: string): Promise<ReadonlyMap<string, Date>>
}
