/** Places where a request presents a credential, and those that its tenant allows. */
import type { SessionPolicy } from '../../tenant.ts'

/** `header`: Authorization. `cookie`: ours, encrypted. `query`: `?token=`. */
export type TokenSource = 'header' | 'cookie' | 'query' | PlainCookie

/** A cookie that holds the token itself. */
export interface PlainCookie {
  readonly plainCookie: string
}

/** Called once the tenant is known, which is after the credential was found in the store. */
export function isSourceAllowed(source: TokenSource, { tokenInQuery, tokenCookie }: SessionPolicy): boolean {
  if (source === 'query') return tokenInQuery
  return typeof source === 'string' || source.plainCookie === tokenCookie
}

/** Whether browsers send it on their own, so that a write needs proof of its origin (SE-07). */
export const isCookie = (source: TokenSource) => source === 'cookie' || typeof source === 'object'
