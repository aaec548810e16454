/**
 * What the OpenID provider keeps between its requests (codes, tokens, grants, interactions, pushed requests, assertion ids), by the
 * name of its model. Ids are secrets: they are stored as hashes, contents sealed.
 */
export interface Artifacts {
  /** Inserts or replaces. `grant`: it goes with the others of this grant (`revokeGrant`). */
  put(model: string, id: string, content: ArtifactContent, seconds: number, grant?: string): Promise<void>
  /** Inserts only when there is none: false when there is one already. */
  putNew(model: string, id: string, content: ArtifactContent, seconds: number, grant?: string): Promise<boolean>
  find(model: string, id: string): Promise<Artifact | null>
  /** Marks it as consumed. True exactly once, however many ask at once; false afterwards and when there is none. */
  consume(model: string, id: string, at: Date): Promise<boolean>
  remove(model: string, id: string): Promise<void>
  /** Removes everything put with this grant, what is put at this very moment included. For the next hour nothing stays that is put with it. */
  revokeGrant(grant: string): Promise<void>
}

/** JSON values. */
export type ArtifactContent = Readonly<Record<string, unknown>>

export interface Artifact {
  readonly content: ArtifactContent
  readonly consumedAt: Date | undefined
}
