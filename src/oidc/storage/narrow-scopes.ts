/**
 * What was given holds only as far as the app may still ask for it: an app that lost scopes, or is gone, has no more by its old tokens.
 * Done wherever something of an app is read; what is stored stays, and is worth its whole again when the app gets its scopes back.
 */
import type { App } from '../../app/app.ts'
import { claimsOfScopes } from '../../app/scopes.ts'
import type { ArtifactContent } from '../../broker/ports/artifacts.ts'

/** Of a code or token: its `scope`; of a grant: what it holds of ours, by scope and by claim, and of each API. */
export function narrowScopes(content: ArtifactContent, app: Pick<App, 'scopes'>): ArtifactContent {
  const { scope, openid, resources } = content
  if (typeof scope === 'string' && openid === undefined && resources === undefined && isWhole(scope, app))
    return content
  return {
    ...content,
    ...(typeof scope === 'string' && narrowToken(scope, app)),
    ...(isRecord(openid) && { openid: narrowIdentityScopes(openid, app) }),
    ...(isRecord(resources) && { resources: mapped(resources, (scopes) => intersectScopes(scopes, app)) }),
  }
}

/** Nothing of it was taken from the app: by far most often so. */
function isWhole(scope: string, { scopes }: Pick<App, 'scopes'>): boolean {
  return scope.split(' ').every((each) => scopes.includes(each))
}

/** Without offline access it is worth what the session is. */
function narrowToken(scope: string, app: Pick<App, 'scopes'>): ArtifactContent {
  const left = intersectScopes(scope, app)
  const wasOffline = scope.split(' ').includes('offline_access')
  return { scope: left, ...(wasOffline && !app.scopes.includes('offline_access') && { expiresWithSession: true }) }
}

function narrowIdentityScopes(openid: Members, app: Pick<App, 'scopes'>): Members {
  const { scope, claims } = openid
  const left = claimsOf(app)
  return {
    ...openid,
    ...(typeof scope === 'string' && { scope: intersectScopes(scope, app) }),
    ...(Array.isArray(claims) && { claims: claims.filter((claimLogouts) => left.has(claimLogouts)) }),
  }
}

const claims = new WeakMap<App['scopes'], ReadonlySet<string>>()

/** Found once for each revision of an app. */
function claimsOf({ scopes }: Pick<App, 'scopes'>): ReadonlySet<string> {
  const notFoundAsUndefined = claims.get(scopes) ?? claimsOfScopes(['openid', ...scopes])
  claims.set(scopes, notFoundAsUndefined)
  return notFoundAsUndefined
}

function intersectScopes(scope: unknown, { scopes }: Pick<App, 'scopes'>): string {
  return typeof scope === 'string'
    ? scope
        .split(' ')
        .filter((each) => scopes.includes(each))
        .join(' ')
    : ''
}

type Members = Readonly<Record<string, unknown>>

function mapped(members: Members, change: (value: unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]))
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
