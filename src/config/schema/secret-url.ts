/** A URL that may hold a password; no message quotes it. */

import { Secret, secretText } from '../../crypto/secret.ts'
import { readPostgresUrl } from '../../primitives/postgres-url.ts'
import { readRedisUrl } from '../../primitives/redis-url.ts'
import { badEscape, needsEncoding } from '../../primitives/store-url.ts'

export class SecretUrl extends Secret {
  /** As `user:password@` or as `?password=`, which the clients of Redis and PostgreSQL read too. */
  get holdsPassword(): boolean {
    const [, authority = '', query = ''] = /^\w[\w+-]*:\/\/([^/?]*)[^?]*(?:\?(.*))?$/s.exec(this.reveal()) ?? []
    const login = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0))
    return /:./.test(login) || [...new URLSearchParams(query).keys()].some((key) => /pass/i.test(key))
  }
}

/** A store's URL; messages never quote it. */
function storeUrl(read: (text: string) => { readonly ok: true } | { readonly ok: false; readonly wrong: string }) {
  return secretText
    .superRefine((secret, context) => {
      const found = read(secret.reveal())
      if (!found.ok) context.addIssue({ code: 'custom', message: found.wrong })
    })
    .transform((secret) => new SecretUrl(secret.reveal().trim()))
}

export const postgresUrl = storeUrl(readPostgresUrl)
export const redisUrl = storeUrl(readRedisUrl)

/** Describes how a password that is not percent-encoded breaks the URL, without quoting it. */
function wrongCredentials(text: string): string | undefined {
  const [, authority = '', rest = ''] = /^[a-z]+:\/\/([^/?#]*)(.*)$/is.exec(text.trim()) ?? []
  if (rest.includes('@') && !authority.includes('@')) return needsEncoding
  const login = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0))
  return /%(?![0-9a-f]{2})/i.test(login) ? badEscape : undefined
}

export function secretUrl(...schemes: readonly string[]) {
  const isUrl = (secret: Secret) => {
    const text = secret.reveal().trim()
    return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)) && new URL(text).hostname !== ''
  }
  return secretText
    .superRefine((secret, context) => {
      const message = wrongCredentials(secret.reveal())
      if (message !== undefined) context.addIssue({ code: 'custom', message, continue: false })
    })
    .refine(isUrl, `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`)
    .transform((secret) => new SecretUrl(secret.reveal().trim()))
}
