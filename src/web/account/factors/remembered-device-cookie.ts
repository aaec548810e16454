/**
 * The cookie with the secrets of remembered devices. Several users may share a browser: each has a
 * secret of their own, made after their own second factor (MF-04).
 */
import type { Response } from 'express'
import { z } from 'zod'
import type { UserKey } from '../../../broker/session/session.ts'
import { secretHash } from '../../../crypto/token.ts'
import type { CookieKeys } from '../../../http/cookies.ts'
import { sealedCookie } from '../../../http/sealed-cookie.ts'

/** The longest that a tenant may remember devices; the store knows when each one ends. */
const keptMs = 365 * 86_400_000
const cookie = sealedCookie({ name: 'gatehouse_remembered', keptMs })

const maxUsers = 5
const contentForm = z.array(z.object({ user: z.string(), secret: z.string() })).max(maxUsers)
const nameOf = ({ tenant, userId }: UserKey) => secretHash(`${tenant}\n${userId}`).slice(0, 22)

function read(keys: CookieKeys, header: string | undefined): z.output<typeof contentForm> {
  const content = cookie.read(keys, header)
  if (content === undefined) return []
  try {
    return contentForm.parse(JSON.parse(content))
  } catch {
    return [] // sealed by another version of ours
  }
}

/**
 * Secret for `isRemembered`. Undefined if this browser has none of the user.
 * @param header `Cookie`
 */
export function readDeviceSecret(keys: CookieKeys, header: string | undefined, user: UserKey): string | undefined {
  return read(keys, header).find((each) => each.user === nameOf(user))?.secret
}

/** @param secret from `rememberDevice` */
export function writeDeviceSecret(
  keys: CookieKeys,
  { header, response }: { readonly header: string | undefined; readonly response: Response },
  user: UserKey,
  secret: string,
): void {
  const others = read(keys, header).filter((each) => each.user !== nameOf(user))
  const content = [{ user: nameOf(user), secret }, ...others].slice(0, maxUsers)
  cookie.write(keys, response, JSON.stringify(content))
}
