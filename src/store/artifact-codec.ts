/** Artifacts of the OpenID provider at rest: sealed, under hashed ids (ids are secrets). */
import type { Artifact, ArtifactContent } from '../broker/ports/volatile.ts'
import { blindKey } from './one-time-codec.ts'
import type { CachedJson } from './sealed-json.ts'

const contextOf = (hash: string) => `artifact ${hash}`
/** Of records that were stored under former names; refresh tokens live for 180 days. */
const formerContextOf = (hash: string) => `artefact ${hash}`

export function artifactHash(model: string, id: string): string {
  return blindKey(model, id)
}

export function sealArtifact({ seal }: CachedJson, hash: string, content: ArtifactContent): Buffer {
  return seal(content, contextOf(hash))
}

/** Null for an invalid record. @param consumedAtMs 0 when it was not consumed */
export function openArtifact(
  { open }: CachedJson,
  hash: string,
  sealed: Buffer,
  consumedAtMs: number,
): Artifact | null {
  const content = open(sealed, contextOf(hash)) ?? withPresentScopes(open(sealed, formerContextOf(hash)))
  if (!isContent(content) || !Number.isSafeInteger(consumedAtMs)) return null
  return { content, consumedAt: consumedAtMs === 0 ? undefined : new Date(consumedAtMs) }
}

function isContent(value: unknown): value is ArtifactContent {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withPresentScopes(content: unknown): unknown {
  if (content === undefined) return undefined
  const rename = (name: unknown) => (name === 'organisation' ? 'organization' : name)
  return JSON.parse(JSON.stringify(content), (key, value) => {
    if (key === 'scope' && typeof value === 'string') return value.split(' ').map(rename).join(' ')
    return key === 'claims' && Array.isArray(value) ? value.map(rename) : value
  })
}
