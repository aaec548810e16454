/** The route table. app.ts registers its rows in this order. */
import { redirect } from '../http/respond.ts'
import type { Provider } from '../provider/provider.ts'
import { accountRoutes } from './account/routes.ts'
import { answerPreflight, exchangePath } from './api/cross-origin.ts'
import { handleApiRoute } from './api/handle-route.ts'
import { apiRoutes, showApiPage } from './api/openapi.ts'
import { buttonRoutes } from './buttons/routes.ts'
import { consentRoutes } from './consent/routes.ts'
import { developerRoutes } from './developer/routes.ts'
import { healthz, readyz } from './health.ts'
import { logoutRoutes } from './logout/routes.ts'
import type { WebRoute } from './route.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { signUpRoutes } from './sign-up/routes.ts'
import { logoHandler, sendAsset } from './static.ts'

/** @param providers whose logos are served */
export function routes(providers: readonly Provider[]): readonly WebRoute[] {
  return [
    { method: 'get', path: '/', caller: 'anyone', handler: async (_, __, response) => redirect(response, '/account') },
    ...[...signInRoutes, ...signUpRoutes, ...logoutRoutes, ...consentRoutes],
    ...[...accountRoutes, ...developerRoutes, ...buttonRoutes],
    ...apiRoutes.map(
      (route): WebRoute => ({
        ...{ method: route.method, path: route.path, caller: 'api', handler: handleApiRoute(route) },
      }),
    ),
    { method: 'options', path: exchangePath, caller: 'anyone', handler: answerPreflight },
    { method: 'get', path: '/api', caller: 'anyone', handler: showApiPage },
    {
      method: 'get',
      path: '/favicon.ico',
      caller: 'anyone',
      handler: async (_, __, response) => void response.status(204).end(),
    },
    { method: 'get', path: '/healthz', caller: 'anyone', handler: healthz },
    { method: 'get', path: '/readyz', caller: 'anyone', handler: readyz },
    { method: 'get', path: '/static/logos/:file', caller: 'anyone', handler: logoHandler(providers) },
    { method: 'get', path: '/static/:file', caller: 'anyone', handler: sendAsset },
  ]
}
