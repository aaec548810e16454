/** Warnings about `returnOrigins` that a login cannot return to, since 0.1.0. */
import type { App } from '../../app/app.ts'
import { isSameSite } from '../../primitives/same-site.ts'
import { isMap, note, type Source, warn } from '../source/source.ts'

/** Says what changed for an origin on another site, and which apps there can sign users in. */
export function warnAboutOtherSites(sources: readonly Source[], publicUrl: URL, apps: readonly App[]): void {
  for (const source of sources) {
    const given = isMap(source.value) ? source.value['returnOrigins'] : undefined
    if (!Array.isArray(given)) continue
    for (const [index, each] of given.entries()) {
      const origin = typeof each === 'string' ? URL.parse(each) : null
      if (origin === null || isSameSite(origin, publicUrl)) continue
      const there = apps.filter((app) => app.redirectUris.some((uri) => URL.parse(uri)?.origin === origin.origin))
      const report = acceptsIdTokens(source.value) ? note : warn
      report(source, ['returnOrigins', index], `is on another site than ${publicUrl.origin}: ${suggestionFor(there)}`)
    }
  }
}

/** Pages at these origins may exchange ID tokens: then the origin still has a use. */
function acceptsIdTokens(tenant: unknown): boolean {
  const connections = isMap(tenant) ? tenant['connections'] : undefined
  return isMap(connections) && Object.values(connections).some((each) => isMap(each) && each['audiences'] !== undefined)
}

function suggestionFor(there: readonly App[]): string {
  const now = 'return_to refuses it and brings no codes any more; only pages there that exchange an ID token need it;'
  if (there.length === 0) return `${now} declare the app in gatehouse.yaml and sign users in at /oauth2/auth`
  return `${now} ${there.map(({ id }) => `app ${id}`).join(' and ')} there can sign users in at /oauth2/auth`
}
