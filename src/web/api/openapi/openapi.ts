/** The OpenAPI document at `/api/v1/openapi.json`, and the page `/api`. */
import { sessionCookieName } from '../../../http/cookies.ts'
import { sendPage } from '../../../http/respond.ts'
import { sendPublicJson } from '../../buttons/buttons.ts'
import type { Call } from '../../shell.ts'
import { identityRoutes } from '../account/identities.ts'
import { mailedCodeRoutes } from '../account/mailed-codes.ts'
import { passwordRoute } from '../account/password.ts'
import { appUserRoutes } from '../apps/app/app-users.ts'
import { ownAppRoutes } from '../apps/app/own-app.ts'
import { statisticsRoute } from '../apps/app/statistics.ts'
import { appCredentialRoutes } from '../apps/app-credentials.ts'
import { appRoutes } from '../apps/apps.ts'
import { developerSecretRoutes } from '../apps/developer-secrets.ts'
import { auditRoute } from '../audit.ts'
import { consentRoutes } from '../consents.ts'
import { roleRoutes } from '../roles/roles.ts'
import { type ApiRoute, answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { exchangeRoute } from '../sessions/session-exchange.ts'
import { sessionRoutes } from '../sessions/sessions.ts'
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
  ...sessionRoutes,
  userRoute,
  ...mailedCodeRoutes,
  ...tokenRoutes,
  ...serviceAccountRoutes,
  passwordRoute,
  ...identityRoutes,
  ...consentRoutes,
  ...appRoutes,
  ...appCredentialRoutes,
  ...developerSecretRoutes,
  ...roleRoutes,
  ...ownAppRoutes,
  ...appUserRoutes,
  statisticsRoute,
  auditRoute,
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

export async function showApiPage({ shell: { publicUrl }, response }: Call): Promise<void> {
  sendPage(response, 200, openApiPage(apiRoutes, publicUrl.origin, documentRoute.path))
}
