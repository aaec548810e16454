/** Notes of `gatehouse check` about a valid tenant file. */
import type { App } from '../../app/app.ts'
import { isSameSite } from '../../primitives/same-site.ts'
import type { Provider } from '../../provider/provider.ts'
import { type ConnectionSettings, domainWarning } from '../../tenant.ts'
import { note, type Source, valueAt, valuesAt, warn } from '../source/source.ts'

/** Notes connections whose verified emails do not count (K7). */
export function noteDomains(
  source: Source,
  connections: readonly ConnectionSettings[],
  providers: readonly Provider[],
): void {
  for (const connection of connections) {
    const provesEmails = providers.find(({ kind }) => kind === connection.kind)?.provesEmails
    const warning = domainWarning(connection)
    if (warning !== undefined && !provesEmails) note(source, ['connections', connection.id], warning)
  }
}

/**
 * Notes a change of 0.1.0: groups of a connection count in other connections' sessions only if
 * configured.
 */
export function notePermissions(source: Source, connections: readonly ConnectionSettings[]): void {
  if (connections.length < 2 || valueAt(source, 'sessions', 'groupsFromOtherConnections') !== undefined) return
  const ids = connections.map(({ id }) => id).join(', ')
  note(
    source,
    ['connections'],
    `groups and roles count only in sessions of the connection that supplied them (${ids}), not in those of the others and not in offline access; to let them count longer, set sessions.groupsFromOtherConnections, such as 12h; to keep this, set it to never`,
  )
}

/** Since 0.1.0 a login cannot return to an origin on another site; apps there can sign users in. */
export function warnAboutOtherSites(sources: readonly Source[], publicUrl: URL, apps: readonly App[]): void {
  for (const source of sources.filter((each) => !isCrossSite(each)))
    for (const [path, origin] of otherSites(source, publicUrl)) {
      const there = apps.filter((app) => app.redirectUris.some((uri) => URL.parse(uri)?.origin === origin.origin))
      // pages there may exchange ID tokens: then the origin still has a use
      const report = valuesAt(source, 'connections', '*', 'audiences').length > 0 ? note : warn
      report(source, path, `is on another site than ${publicUrl.origin}: ${suggestionFor(there)}`)
    }
}

/**
 * The cookie for pages on other sites works for some users only, and not at all over plain HTTP.
 */
export function warnAboutCrossSiteCookies(sources: readonly Source[], publicUrl: URL): void {
  for (const source of sources.filter(isCrossSite)) {
    const path = ['sessions', 'crossSite']
    const others = otherSites(source, publicUrl)
    if (others.length === 0) {
      warn(source, path, 'has no effect: no origin in returnOrigins is on another site')
      continue
    }
    const https = publicUrl.protocol === 'https:' ? '' : ' needs an https publicUrl, and'
    const cure = `host the pages on the site of ${publicUrl.hostname} where you can`
    warn(
      source,
      path,
      `the session cookie for pages on other sites${https} may be blocked as a third-party cookie: ${cure}`,
    )
  }
}

const isCrossSite = (source: Source) => valueAt(source, 'sessions', 'crossSite') === true

/** The `returnOrigins` that are on another site, with their paths. */
function otherSites(source: Source, publicUrl: URL) {
  return valuesAt(source, 'returnOrigins', '[]').flatMap(([path, written]) => {
    const origin = typeof written === 'string' ? URL.parse(written) : null
    return origin === null || isSameSite(origin, publicUrl) ? [] : [[path, origin] as const]
  })
}

function suggestionFor(there: readonly App[]): string {
  const now = 'return_to refuses it and brings no codes any more; only pages there that exchange an ID token need it;'
  if (there.length === 0) return `${now} declare the app in gatehouse.yaml and sign users in at /oauth2/auth`
  return `${now} ${there.map(({ id }) => `app ${id}`).join(' and ')} there can sign users in at /oauth2/auth`
}
