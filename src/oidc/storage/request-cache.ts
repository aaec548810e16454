/** Caches the store reads of a request, so that no module reads twice. */
import { Provider } from 'oidc-provider'
import type { Artifact } from '../../broker/ports/volatile.ts'
import type { Session } from '../../broker/session/session.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'

export interface RequestCache {
  /** The live session of the cookie or of the presented token. */
  session: Session | undefined
  /** Session token of the cookie. */
  sessionToken: string | undefined
  /** Prefetched: after a code or a token, oidc-provider reads its grant. */
  readonly grants: Map<string, Promise<Artifact | null>>
}

const reads = new HiddenProperty<object, RequestCache>()

/** The cache of the current request; outside a request a new, empty one. */
export function requestCache(): RequestCache {
  const request = Provider.ctx?.req
  const known = request && reads.get(request)
  if (known !== undefined) return known
  const fresh: RequestCache = { session: undefined, sessionToken: undefined, grants: new Map() }
  if (request !== undefined) reads.set(request, fresh)
  return fresh
}
