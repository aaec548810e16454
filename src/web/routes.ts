/** The route table. app.ts registers its rows in this order. */
import { queryPart } from '../http/destination.ts'
import { redirect } from '../http/respond.ts'
import type { Provider } from '../provider/provider.ts'
import { developerSettingsRoutes } from './account/developer-settings/routes.ts'
import { factorRoutes } from './account/factors/routes.ts'
import { passwordRoutes } from './account/password/routes.ts'
import { accountRoutes } from './account/routes.ts'
import { adminRoutes } from './admin/routes.ts'
import { handleApiRoute } from './api/handle-route.ts'
import { headlessPreflight } from './api/headless/cors.ts'
import { apiRoutes } from './api/openapi/openapi.ts'
import { apiReferenceRoutes } from './api/reference/routes.ts'
import { answerPreflight, exchangePath } from './api/sessions/cross-origin.ts'
import { buttonRoutes } from './buttons/routes.ts'
import { consentRoutes } from './consent/routes.ts'
import { developerRoutes } from './developer/routes.ts'
import { logoutRoutes } from './logout/routes.ts'
import { passkeyRoutes } from './passkeys/routes.ts'
import { recoveryRoutes } from './recovery/routes.ts'
import { publicRoute, type WebRoute } from './route.ts'
import { docsRoutes } from './server/docs.ts'
import { healthz, readyz } from './server/health.ts'
import { signInRoutes } from './sign-in/routes.ts'
import { signUpRoutes } from './sign-up/routes.ts'
import { logoHandler, sendAsset, sendDefaultIcon, sendIcon } from './static.ts'

/** @param providers whose logos are served */
export function routes(providers: readonly Provider[]): readonly WebRoute[] {
  return [
    ...signInRoutes,
    publicRoute('/', async ({ response }) => redirect(response, '/account')),
    ...signUpRoutes,
    ...passkeyRoutes,
    ...logoutRoutes,
    ...consentRoutes,
    ...accountRoutes,
    ...passwordRoutes,
    ...factorRoutes,
    ...recoveryRoutes,
    ...developerSettingsRoutes,
    ...developerRoutes,
    ...adminRoutes,
    ...buttonRoutes,
    ...apiRoutes.map(
      (route): WebRoute => ({
        method: route.method,
        path: route.path,
        caller: route.fromReturnOrigins === true ? 'headless' : 'api',
        permission: route.permission,
        handler: handleApiRoute(route),
      }),
    ),
    ...headlessPreflights(),
    { method: 'options', path: exchangePath, caller: 'anyone', permission: 'none', handler: answerPreflight },
    ...apiReferenceRoutes,
    publicRoute('/device', async ({ request, response }) =>
      redirect(response, `/oauth2/device${queryPart(request.originalUrl)}`),
    ),
    publicRoute('/favicon.ico', sendDefaultIcon),
    ...docsRoutes,
    publicRoute('/healthz', healthz),
    publicRoute('/readyz', readyz),
    publicRoute('/static/logos/:file', logoHandler(providers)),
    publicRoute('/static/icons/:file', sendIcon),
    publicRoute('/static/:file', sendAsset),
  ]
}

function headlessPreflights(): readonly WebRoute[] {
  const byPath = Map.groupBy(
    apiRoutes.filter(({ fromReturnOrigins }) => fromReturnOrigins === true),
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
