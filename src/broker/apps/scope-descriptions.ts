/** Descriptions of scopes, for the consent page and `/account`. */
import type { Api } from '../../app/app.ts'
import { identityScopeNames, identityScopes } from '../../app/scopes.ts'

export interface ScopeDescription {
  readonly scope: string
  /** Ends "It will …" or "It may …". */
  readonly sentence: string
}

const sentences: ReadonlyMap<string, string> = new Map(
  Object.entries(identityScopes).map(([scope, { sentence }]) => [scope, sentence]),
)

/** Descriptions in the order of the page. A scope without one is shown by its name. */
export function describeScopes(scopes: readonly string[], apis: readonly Api[]): readonly ScopeDescription[] {
  const place = (scope: string) =>
    sentences.has(scope) ? identityScopeNames.indexOf(scope) : identityScopeNames.length
  return [...new Set(scopes)]
    .toSorted((one, other) => place(one) - place(other))
    .map((scope) => ({ scope, sentence: sentences.get(scope) ?? describeApiScope(scope, apis) ?? scope }))
}

function describeApiScope(scope: string, apis: readonly Api[]): string | undefined {
  const api = apis.find(({ scopes }) => Object.hasOwn(scopes, scope))
  return api === undefined ? undefined : `${api.scopes[scope]} (${api.name})`
}
