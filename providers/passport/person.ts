/** Reads the profile that a strategy's verify callback gets. */
import type { Claims } from '../oidc/claims/claims.ts'
import { isJsonObject, presentMembers } from '../oidc/endpoint/optional.ts'

/**
 * The claims of a user. Undefined if there is none.
 * @param read reads the upstream's answer. Default: Passport's normalized profile
 */
export function claimsOf(person: unknown, read?: (answer: Claims) => Claims): Claims | undefined {
  if (!isJsonObject(person)) return undefined
  const { accessToken: _, refreshToken: __, ...own } = person // some add them
  const raw = isJsonObject(own['_json']) ? own['_json'] : own
  return read === undefined ? standardClaims(person, raw) : read(raw)
}

/** https://www.passportjs.org/reference/normalized-profile/, before the upstream's own. */
function standardClaims(person: Claims, raw: Claims): Claims {
  const { id, displayName, username, name, emails, photos } = person
  const { value: email = raw['email'], verified } = primary(emails)
  const { givenName, familyName, middleName } = isJsonObject(name) ? name : {}
  return presentMembers({
    ...raw,
    sub: subjectOf(id) ?? raw['sub'],
    name: displayName ?? raw['name'],
    preferred_username: username ?? raw['preferred_username'],
    given_name: givenName ?? raw['given_name'],
    family_name: familyName ?? raw['family_name'],
    middle_name: middleName ?? raw['middle_name'],
    picture: primary(photos)['value'] ?? raw['picture'],
    email,
    email_verified: verified ?? (email === raw['email'] ? raw['email_verified'] : undefined),
  })
}

/** Strategies write `String(null)` for an upstream that names no user (CVE-2026-82968). */
function subjectOf(id: unknown): unknown {
  const text = Number.isSafeInteger(id) ? String(id) : id
  return typeof text === 'string' && /^(null|undefined|NaN|\[object .*)$/.test(text) ? undefined : text
}

function primary(entries: unknown): Readonly<Record<string, unknown>> {
  const list = Array.isArray(entries) ? entries.filter(isJsonObject) : []
  return list.find((entry) => entry['primary'] === true) ?? list[0] ?? {}
}
