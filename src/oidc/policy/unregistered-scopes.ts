/**
 * Scopes an app asks for and may not. They are refused by name, with those it is registered for: an app whose sign-in went well has what
 * it asked for. But for `offline_access`, which is left out where it cannot be had, as OpenID Connect Core 11 says (the library does it).
 */
import { errors } from 'oidc-provider'
import { type Api, type App, mayAskFor } from '../../app/app.ts'
import { identityScopeNames } from '../../app/scopes.ts'

export interface RequestedScopes {
  readonly scopes: readonly string[]
  /** APIs it names; undefined where its scopes say which it means. */
  readonly resources: readonly string[] | undefined
  /** In its own name (client credentials). */
  readonly forItself: boolean
}

type AskingApp = Pick<App, 'id' | 'owner' | 'firstParty' | 'scopes'>

/** Throws `invalid_scope`. */
export function refuseUnregisteredScopes(app: AskingApp, apis: readonly Api[], asked: RequestedScopes): void {
  const possible = app.scopes.filter((scope) =>
    asked.forItself ? !identityScopeNames.includes(scope) : mayRequest(app, apis, scope),
  )
  const unregistered = asked.scopes.find((scope) => !possible.includes(scope))
  if (unregistered !== undefined)
    throw refusal(
      possible,
      unregistered,
      asked.forItself ? ' (in its own name)' : refusalReason(app, apis, unregistered),
    )
  const { resources } = asked
  if (resources === undefined) return
  const elsewhere = asked.scopes.find((scope) => isScopeOfOtherApi(scope, apis, resources))
  if (elsewhere !== undefined) throw refusal(possible, elsewhere, `, which is of an API that resource does not name`)
}

const apisWith = (apis: readonly Api[], scope: string) => apis.filter(({ scopes }) => Object.hasOwn(scopes, scope))

function mayRequest(app: AskingApp, apis: readonly Api[], scope: string): boolean {
  const having = apisWith(apis, scope)
  return having.length === 0 || having.some((api) => mayAskFor(app, api))
}

function refusalReason(app: AskingApp, apis: readonly Api[], scope: string): string {
  const names = apisWith(apis, scope).map(({ id }) => id)
  return mayRequest(app, apis, scope)
    ? ''
    : `, which ${names.join(' and ')} does not let this app request (askableBy in gatehouse.yaml)`
}

function isScopeOfOtherApi(scope: string, apis: readonly Api[], resources: readonly string[]): boolean {
  const having = apisWith(apis, scope)
  return having.length > 0 && having.every(({ id }) => !resources.includes(id))
}

function refusal(possible: readonly string[], got: string, why: string): errors.InvalidScope {
  const expected = possible.length === 0 ? 'none: the app is registered for none' : `some of ${possible.join(' ')}`
  return new errors.InvalidScope(`scope: expected ${expected}, got ${got.slice(0, 200)}${why}`, got)
}
