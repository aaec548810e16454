import type { App } from '../../app/app.ts'

/** Apps registered by developers, without those of gatehouse.yaml. */
export interface Apps {
  find(id: string): Promise<App | null>
  findBySecret(hash: string): Promise<App | null>
  /** Newest first. */
  all(): Promise<readonly App[]>
  /** Newest first. */
  ownedBy(tenant: string, userId: string): Promise<readonly App[]>
  /** False if the id is taken. */
  create(app: App): Promise<boolean>
  /** Stores `app` with the next revision, if the stored one has `app.revision`; false otherwise. */
  update(app: App): Promise<boolean>
  remove(id: string): Promise<boolean>
  recordUse(appId: string, credentialId: string, at: Date): Promise<void>
  /** Credential id → last use. */
  usesOf(appId: string): Promise<ReadonlyMap<string, Date>>
}
