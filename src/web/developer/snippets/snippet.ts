/** A developer's first program: complete files, filled in with what their app was given. */
import type { Api, App } from '../../../app/app.ts'
import type { Snippet } from './facts.ts'
import { nativeApp } from './native-app.ts'
import { serviceApp } from './service-app.ts'
import { singlePageApp } from './single-page-app.ts'
import { webApp } from './web-app.ts'

const programs = { web: webApp, 'single-page': singlePageApp, native: nativeApp, service: serviceApp } as const

export function snippetOf(app: App, publicUrl: URL, apis: readonly Api[]): Snippet {
  return programs[app.kind]({
    app,
    issuer: publicUrl.origin,
    isHttp: publicUrl.protocol === 'http:',
    scope: app.scopes.filter((scope) => scope !== 'offline_access').join(' '),
    wanted: apis
      .map(({ id, scopes }) => ({ id, scopes: app.scopes.filter((scope) => Object.hasOwn(scopes, scope)) }))
      .filter(({ scopes }) => scopes.length > 0),
  })
}
