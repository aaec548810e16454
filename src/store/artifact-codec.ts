/** Artifacts of the OpenID provider at rest: sealed, under hashed ids (ids are secrets). */
import { z } from 'zod'
import type { Artifact, NewArtifact } from '../broker/ports/volatile.ts'
import { blindKey } from './keys.ts'
import { recordKind, type Sealer } from './sealed-json.ts'

const content = z.record(z.string(), z.unknown())
const storedArtifact = recordKind('artifact', content)
/** Kind of records stored under a former name; refresh tokens live for 180 days. */
const formerArtifact = recordKind('artefact', z.preprocess(withPresentScopes, content))

export const artifactHash = (model: string, id: string): string => blindKey(model, id)

export function sealArtifact(sealer: Sealer, { model, id, content, seconds }: NewArtifact) {
  const hash = artifactHash(model, id)
  return { hash, sealed: storedArtifact.seal(sealer, content, hash), seconds: Math.max(1, Math.ceil(seconds)) }
}

/** Null for an invalid record. @param consumedAtMs 0 when it was not consumed */
export function openArtifact(
  sealer: Sealer,
  hash: string,
  sealed: Buffer | null,
  consumedAtMs: number,
): Artifact | null {
  const content = storedArtifact.open(sealer, sealed, hash) ?? formerArtifact.open(sealer, sealed, hash)
  if (content === null || !Number.isSafeInteger(consumedAtMs)) return null
  return { content, consumedAt: consumedAtMs === 0 ? undefined : new Date(consumedAtMs) }
}

function withPresentScopes(content: unknown): unknown {
  if (content === undefined || content === null) return content
  const rename = (name: unknown) => (name === 'organisation' ? 'organization' : name)
  return JSON.parse(JSON.stringify(content), (key, value) => {
    if (key === 'scope' && typeof value === 'string') return value.split(' ').map(rename).join(' ')
    return key === 'claims' && Array.isArray(value) ? value.map(rename) : value
  })
}
