/**
 * Records of the OpenID provider (codes, tokens, grants, interactions, …) by model name. Ids are
 * stored as hashes, contents sealed.
 */
export interface Artifacts {
  /** Inserts or replaces. `grant`: it goes with the others of this grant (`revokeGrant`). */
  put(model: string, id: string, content: ArtifactContent, seconds: number, grant?: string): Promise<void>
  /** False if one exists. */
  putNew(model: string, id: string, content: ArtifactContent, seconds: number, grant?: string): Promise<boolean>
  find(model: string, id: string): Promise<Artifact | null>
  /** True for exactly one caller; false afterwards, and for an unknown record. */
  consume(model: string, id: string, at: Date): Promise<boolean>
  remove(model: string, id: string): Promise<void>
  /** Removes all records of this grant, and for an hour those that are put later. */
  revokeGrant(grant: string): Promise<void>
}

export type ArtifactContent = Readonly<Record<string, unknown>>

export interface Artifact {
  readonly content: ArtifactContent
  readonly consumedAt: Date | undefined
}
