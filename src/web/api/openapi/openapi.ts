/** The OpenAPI document at `/api/v1/openapi.json`, and the page `/api`. */
import { sessionCookieName } from '../../../http/cookies.ts'
import { sendPage } from '../../../http/respond.ts'
import { viewerOf } from '../../account/open-account.ts'
import { sendPublicJson } from '../../buttons/buttons.ts'
import type { Call } from '../../shell.ts'
import { currentSession } from '../../sign-in/current-session.ts'
import { emailCodeRoutes } from '../account/email-code.ts'
import { identityRoutes } from '../account/identities.ts'
import { mailedCodeRoutes } from '../account/mailed-codes.ts'
import { ownAccountRoutes } from '../account/own-account.ts'
import { passwordRoute } from '../account/password.ts'
import { adminApiRoutes } from '../admin/routes.ts'
import { appUserRoutes } from '../apps/app/app-users.ts'
import { ownAppRoutes } from '../apps/app/own-app.ts'
import { statisticsRoute } from '../apps/app/statistics.ts'
import { appCredentialRoutes } from '../apps/app-credentials.ts'
import { appRoutes } from '../apps/apps.ts'
import { developerSecretRoutes } from '../apps/developer-secrets.ts'
import { auditRoute } from '../audit.ts'
import { consentRoutes } from '../consents.ts'
import { authenticatorRoutes } from '../factors/authenticators.ts'
import { deviceRoutes } from '../factors/devices.ts'
import { passkeyRoutes } from '../factors/passkeys.ts'
import { roleRoutes } from '../roles/roles.ts'
import { type ApiRoute, answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { secondFactorRoute } from '../sessions/second-factor.ts'
import { exchangeRoute } from '../sessions/session-exchange.ts'
import { sessionRoutes } from '../sessions/sessions.ts'
import { stepUpRoute } from '../sessions/step-up.ts'
import { userRoute } from '../sessions/user.ts'
import { reportedRoute } from '../tokens/reported.ts'
import { serviceAccountRoutes } from '../tokens/service-accounts.ts'
import { tokenRoutes } from '../tokens/tokens.ts'
import { openApiDocument } from './openapi-document.ts'
import { openApiPage } from './openapi-page.tsx'

const documentRoute = apiRoute('getOpenApi', 'get', '/api/v1/openapi.json', {
  caller: 'anyone',
  permission: 'none',
  summary: 'Get this description as OpenAPI',
  answer: answer(200, 'An OpenAPI 3.1 document.', schemas.OpenApiDocument, { openapi: '3.1.1' }),
  respond: sendOpenApi,
})

export const apiRoutes: readonly ApiRoute[] = [
  // before `/sessions/:id` and `/tokens/:id`, which their paths match too
  exchangeRoute,
  reportedRoute,
  ...emailCodeRoutes,
  ...passkeyRoutes,
  secondFactorRoute, // ahead of `/sessions/:id`
  stepUpRoute,
  ...sessionRoutes,
  userRoute,
  ...ownAccountRoutes,
  ...mailedCodeRoutes,
  ...tokenRoutes,
  ...serviceAccountRoutes,
  passwordRoute,
  ...identityRoutes,
  ...authenticatorRoutes,
  ...deviceRoutes,
  ...consentRoutes,
  ...appRoutes,
  ...appCredentialRoutes,
  ...developerSecretRoutes,
  ...roleRoutes,
  ...ownAppRoutes,
  ...appUserRoutes,
  statisticsRoute,
  auditRoute,
  ...adminApiRoutes,
  documentRoute,
]

/** The document of each deployment in the process never changes. */
const documents = new WeakMap<URL, string>()

async function sendOpenApi(call: Call): Promise<void> {
  const { publicUrl, cookie } = call.shell
  const make = () => JSON.stringify(openApiDocument(apiRoutes, publicUrl, sessionCookieName(cookie)))
  const text = documents.get(publicUrl) ?? make()
  documents.set(publicUrl, text)
  sendPublicJson(call, text)
}

/** For anyone; a signed-in user sees the header of the site, and their tenant in the examples. */
export async function showApiPage(call: Call): Promise<void> {
  const { shell, response } = call
  // the page itself needs no store
  const session = await currentSession(call).catch(() => null)
  const viewer = session === null ? undefined : await viewerOf(shell, session).catch(() => undefined)
  const html = openApiPage({
    routes: apiRoutes,
    origin: shell.publicUrl.origin,
    documentHref: documentRoute.path,
    tenant: session?.tenant ?? shell.defaultTenant,
    viewer,
  })
  sendPage(response, 200, html)
}
