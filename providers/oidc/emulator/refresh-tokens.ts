/**
 * Refresh tokens of an emulated brand: each is replaced at its use; a second use ends all of them.
 */
import { randomBytes } from 'node:crypto'

interface Grant<T> {
  readonly signIn: T
  isEnded: boolean
}

interface Issued<T> {
  readonly grant: Grant<T>
  isUsed: boolean
}

export interface Refreshed<T> {
  readonly signIn: T
  readonly refreshToken: string
}

export function refreshTokens<T>() {
  const issued = new Map<string, Issued<T>>()

  function add(grant: Grant<T>): string {
    const token = randomBytes(24).toString('base64url')
    issued.set(token, { grant, isUsed: false })
    return token
  }

  return {
    /** The first one of a sign-in. */
    issue: (signIn: T): string => add({ signIn, isEnded: false }),
    /** Undefined for an unknown, ended or used one. */
    use(token: string, rotates: boolean): Refreshed<T> | undefined {
      const found = issued.get(token)
      if (found === undefined || found.grant.isEnded) return undefined
      if (found.isUsed) {
        found.grant.isEnded = true
        return undefined
      }
      if (!rotates) return { signIn: found.grant.signIn, refreshToken: token }
      found.isUsed = true
      return { signIn: found.grant.signIn, refreshToken: add(found.grant) }
    },
  }
}
