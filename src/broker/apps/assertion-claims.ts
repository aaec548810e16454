/**
 * Time and uniqueness claims of an app's JWT, for our API (authenticate-app.ts) and the token
 * endpoint (oidc/storage/clients.ts). `iat` is optional (RFC 7523 3); one in the future means a
 * wrong clock.
 */
export interface AssertionFault {
  readonly name: 'exp' | 'iat' | 'jti'
  readonly expected: string
  readonly got: string
}

interface Claims {
  readonly exp?: unknown
  readonly iat?: unknown
  readonly jti?: unknown
}

const maxLifetimeSeconds = 600
export const toleranceSeconds = 30
const maxJtiLength = 128

export function assertionFault({ exp, iat, jti }: Claims, now: Date): AssertionFault | undefined {
  const seconds = Math.floor(now.getTime() / 1000)
  const isNear = typeof exp === 'number' && exp <= seconds + maxLifetimeSeconds + toleranceSeconds
  if (!isNear) return { name: 'exp', expected: 'a time at most 10 minutes ahead', got: timeShown(exp) }
  const isMade = iat === undefined || (typeof iat === 'number' && iat <= seconds + toleranceSeconds)
  if (!isMade) return { name: 'iat', expected: `no later than ${timeShown(seconds)}`, got: timeShown(iat) }
  const isId = typeof jti === 'string' && jti !== '' && jti.length <= maxJtiLength
  if (isId) return undefined
  const got = jti === undefined ? 'none' : 'no such text'
  return { name: 'jti', expected: `an ID of at most ${maxJtiLength} characters`, got }
}

export function timeShown(seconds: unknown): string {
  if (seconds === undefined) return 'none'
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN)
  return Number.isNaN(date.getTime()) ? 'no time' : date.toISOString()
}
