/** The route table. app.ts registers its rows in this order. */
import { redirect } from '../http/respond.ts'
import type { Provider } from '../provider/provider.ts'
import { developerSettingsRoutes } from './account/developer-settings/routes.ts'
import { accountRoutes } from './account/routes.ts'
import { handleApiRoute } from './api/handle-route.ts'
import { headlessPreflight } from './api/headless/cors.ts'
import { apiRoutes, showApiPage } from './api/openapi/openapi.ts'
import { answerPreflight, exchangePath } from './api/sessions/cross-origin.ts'
import { buttonRoutes } from './buttons/routes.ts'
import { consentRoutes } from './consent/routes.ts'
import { developerRoutes } from './developer/routes.ts'
import { healthz, readyz } from './health.ts'
import { logoutRoutes } from './logout/routes.ts'
import { publicRoute, type WebRoute } from './route.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { signUpRoutes } from './sign-up/routes.ts'
import { logoHandler, sendAsset } from './static.ts'

/** @param providers whose logos are served */
export function routes(providers: readonly Provider[]): readonly WebRoute[] {
  return [
    publicRoute('/', async ({ response }) => redirect(response, '/account')),
    ...signInRoutes,
    ...signUpRoutes,
    ...logoutRoutes,
    ...consentRoutes,
    ...accountRoutes,
    ...developerSettingsRoutes,
    ...developerRoutes,
    ...buttonRoutes,
    ...apiRoutes.map(
      (route): WebRoute => ({
        method: route.method,
        path: route.path,
        caller: route.headless === true ? 'headless' : 'api',
        permission: route.permission,
        handler: handleApiRoute(route),
      }),
    ),
    ...headlessPreflights(),
    { method: 'options', path: exchangePath, caller: 'anyone', permission: 'none', handler: answerPreflight },
    publicRoute('/api', showApiPage),
    publicRoute('/favicon.ico', async ({ response }) => void response.status(204).end()),
    publicRoute('/healthz', healthz),
    publicRoute('/readyz', readyz),
    publicRoute('/static/logos/:file', logoHandler(providers)),
    publicRoute('/static/:file', sendAsset),
  ]
}

function headlessPreflights(): readonly WebRoute[] {
  const byPath = Map.groupBy(
    apiRoutes.filter(({ headless }) => headless === true),
    ({ path }) => path,
  )
  return [...byPath].map(([path, rows]) => ({
    method: 'options',
    path,
    caller: 'anyone',
    permission: 'none',
    handler: headlessPreflight(rows.map(({ method }) => method)),
  }))
}
