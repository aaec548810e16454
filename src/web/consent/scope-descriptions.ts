/** Descriptions of scopes for the user, with the values that the app will see. */
import type { Api } from '../../app/app.ts'
import { identityScopes } from '../../app/scopes.ts'
import { profileView } from '../../http/views.ts'
import { attributeNames, type Profile } from '../../profile/profile.ts'

export interface RequestedScope {
  readonly scope: string
  /** Ends "It will …". */
  readonly sentence: string
  /** Values that the app will see now, if they can be shown. */
  readonly values: readonly string[]
}

const order = Object.keys(identityScopes)

export function requestedScopesOf(
  scopes: readonly string[],
  profile: Profile,
  apis: readonly Api[],
): readonly RequestedScope[] {
  const place = (scope: string) => (order.includes(scope) ? order.indexOf(scope) : order.length)
  return scopes
    .toSorted((one, other) => place(one) - place(other))
    .flatMap((scope) => scopeDescriptions(scope, profile, apis))
}

/** A scope that several APIs have gives access to each of them: one entry per API. */
function scopeDescriptions(scope: string, profile: Profile, apis: readonly Api[]): readonly RequestedScope[] {
  const own = Object.entries(identityScopes).find(([name]) => name === scope)?.[1]
  if (own !== undefined) return [{ scope, sentence: own.sentence, values: valuesOf(own.claims, profile) }]
  const having = apis.filter(({ scopes }) => Object.hasOwn(scopes, scope))
  return having.map(({ name, scopes }) => ({ scope, sentence: `${scopes[scope]} (${name})`, values: [] }))
}

const shownNames: readonly string[] = Object.values(attributeNames).filter((name) => name !== attributeNames.pictureUrl)
const maxValues = 8

function valuesOf(claims: readonly string[], profile: Profile): readonly string[] {
  const released: Readonly<Record<string, unknown>> = profileView(profile)
  const values = claims
    .filter((claim) => shownNames.includes(claim))
    .flatMap((claim) => [released[claim]].flat())
    .filter((value) => typeof value === 'string')
  const unique = [...new Set(values)]
  return unique.length <= maxValues ? unique : [...unique.slice(0, maxValues), `and ${unique.length - maxValues} more`]
}
