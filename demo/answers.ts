/** The responses of Gatehouse that the demo app uses. */

export interface SignedIn {
  readonly name: string | undefined
  readonly email: string | undefined
  readonly emailVerified: boolean
  readonly connection: string
  readonly expiresAt: Date
  readonly lastSeenAt: Date
  /** Idle expiry. */
  readonly idleExpiresAt: Date
}

/** The session token from `POST /api/v1/sessions/exchange`. */
export function readExchange(json: unknown): string {
  const token = textAt(json, 'token')
  if (token === undefined) throw new Error('the exchange answered without a token')
  return token
}

/** The user from `GET /api/v1/session`. */
export function readSession(json: unknown): SignedIn {
  return {
    name: textAt(json, 'profile', 'name'),
    email: textAt(json, 'profile', 'email'),
    emailVerified: at(json, 'profile', 'email_verified') === true,
    connection: textAt(json, 'authenticated', 'connection') ?? 'unknown',
    expiresAt: new Date(textAt(json, 'expiresAt') ?? Number.NaN),
    lastSeenAt: new Date(textAt(json, 'lastSeenAt') ?? Number.NaN),
    idleExpiresAt: new Date(textAt(json, 'idleExpiresAt') ?? Number.NaN),
  }
}

function textAt(json: unknown, ...path: readonly string[]): string | undefined {
  const value = at(json, ...path)
  return typeof value === 'string' ? value : undefined
}

function at(json: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
    json,
  )
}
