/**
 * Limits a stored code, token or grant to the scopes that its app has now. The stored value is
 * unchanged: it regains scopes that the app gets back.
 */
import type { App } from '../../app/app.ts'
import { claimsOfScopes } from '../../app/scopes.ts'
import type { ArtifactContent } from '../../broker/ports/volatile.ts'
import { computedOnce } from '../../primitives/computed-once.ts'

/** Narrows `scope` of a code or token; identity scopes, claims and API scopes of a grant. */
export function narrowScopes(content: ArtifactContent, app: Pick<App, 'scopes'>): ArtifactContent {
  const { scope, openid, resources } = content
  if (typeof scope === 'string' && openid === undefined && resources === undefined && isWhole(scope, app))
    return content
  return {
    ...content,
    ...(typeof scope === 'string' && narrowToken(scope, app)),
    ...(isRecord(openid) && { openid: narrowIdentityScopes(openid, app) }),
    ...(isRecord(resources) && {
      resources: Object.fromEntries(
        Object.entries(resources).map(([api, scopes]) => [api, intersectScopes(scopes, app)]),
      ),
    }),
  }
}

/** The common case. */
function isWhole(scope: string, { scopes }: Pick<App, 'scopes'>): boolean {
  return scope.split(' ').every((each) => scopes.includes(each))
}

/** Narrows a token's scopes. One without `offline_access` expires with its session. */
function narrowToken(scope: string, app: Pick<App, 'scopes'>): ArtifactContent {
  const left = intersectScopes(scope, app)
  const wasOffline = scope.split(' ').includes('offline_access')
  return { scope: left, ...(wasOffline && !app.scopes.includes('offline_access') && { expiresWithSession: true }) }
}

function narrowIdentityScopes(openid: Members, app: Pick<App, 'scopes'>): Members {
  const { scope, claims } = openid
  const left = claimsOf(app.scopes)
  return {
    ...openid,
    ...(typeof scope === 'string' && { scope: intersectScopes(scope, app) }),
    ...(Array.isArray(claims) && { claims: claims.filter((claim) => left.has(claim)) }),
  }
}

const claimsOf = computedOnce((scopes: App['scopes']) => claimsOfScopes(['openid', ...scopes]))

function intersectScopes(scope: unknown, { scopes }: Pick<App, 'scopes'>): string {
  return typeof scope === 'string'
    ? scope
        .split(' ')
        .filter((each) => scopes.includes(each))
        .join(' ')
    : ''
}

type Members = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
