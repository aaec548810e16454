/** What one request has read already, so that it reads nothing twice: the provider's parts each look for what they need. */
import { Provider } from 'oidc-provider'
import type { Artifact } from '../../broker/ports/artifacts.ts'
import type { Session } from '../../broker/session/session.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'

export interface RequestReads {
  /** The live session behind the cookie, or behind the token that was presented. */
  session: Session | undefined
  /** Session token of the browser's cookie. */
  sessionToken: string | undefined
  /** Grants on their way: who reads a code or a token needs its grant next. */
  readonly grants: Map<string, Promise<Artifact | null>>
}

const reads = new HiddenProperty<object, RequestReads>()

/** Of the request that is being answered. Outside of one nothing is remembered. */
export function readsOfRequest(): RequestReads {
  const request = Provider.ctx?.req
  const notFoundAsUndefined = request === undefined ? undefined : reads.get(request)
  if (notFoundAsUndefined !== undefined) return notFoundAsUndefined
  const fresh: RequestReads = { session: undefined, sessionToken: undefined, grants: new Map() }
  if (request !== undefined) reads.set(request, fresh)
  return fresh
}
