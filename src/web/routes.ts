/** The route table. app.ts registers its rows in this order. */
import { redirect } from '../http/respond.ts'
import type { Provider } from '../provider/provider.ts'
import { accountRoutes } from './account/routes.ts'
import { handleApiRoute } from './api/handle-route.ts'
import { apiRoutes, showApiPage } from './api/openapi/openapi.ts'
import { answerPreflight, exchangePath } from './api/sessions/cross-origin.ts'
import { buttonRoutes } from './buttons/routes.ts'
import { consentRoutes } from './consent/routes.ts'
import { developerRoutes } from './developer/routes.ts'
import { healthz, readyz } from './health.ts'
import { logoutRoutes } from './logout/routes.ts'
import { getRoute, type WebRoute } from './route.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { signUpRoutes } from './sign-up/routes.ts'
import { logoHandler, sendAsset } from './static.ts'

/** @param providers whose logos are served */
export function routes(providers: readonly Provider[]): readonly WebRoute[] {
  return [
    getRoute('/', 'anyone', async ({ response }) => redirect(response, '/account')),
    ...signInRoutes,
    ...signUpRoutes,
    ...logoutRoutes,
    ...consentRoutes,
    ...accountRoutes,
    ...developerRoutes,
    ...buttonRoutes,
    ...apiRoutes.map(
      (route): WebRoute => ({
        method: route.method,
        path: route.path,
        caller: 'api',
        handler: handleApiRoute(route),
      }),
    ),
    { method: 'options', path: exchangePath, caller: 'anyone', handler: answerPreflight },
    getRoute('/api', 'anyone', showApiPage),
    getRoute('/favicon.ico', 'anyone', async ({ response }) => void response.status(204).end()),
    getRoute('/healthz', 'anyone', healthz),
    getRoute('/readyz', 'anyone', readyz),
    getRoute('/static/logos/:file', 'anyone', logoHandler(providers)),
    getRoute('/static/:file', 'anyone', sendAsset),
  ]
}
