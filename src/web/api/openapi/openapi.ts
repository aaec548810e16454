/** The calls of the API by section, and their description at `/api/v1/openapi.json`. */
import { sessionCookieName } from '../../../http/cookies.ts'
import { sendPublicJson } from '../../buttons/buttons.ts'
import type { Call } from '../../shell.ts'
import { emailCodeRoutes } from '../account/email-code.ts'
import { identityRoutes } from '../account/identities.ts'
import { mailedCodeRoutes } from '../account/mailed-codes.ts'
import { ownAccountRoutes } from '../account/own-account.ts'
import { passwordRoute } from '../account/password.ts'
import { appsApiRoutes } from '../admin/apps/routes.ts'
import { auditApiRoutes } from '../admin/audit/routes.ts'
import { configurationApiRoutes } from '../admin/configuration/routes.ts'
import { connectionsApiRoutes } from '../admin/connections/routes.ts'
import { keysApiRoutes } from '../admin/keys/routes.ts'
import { overviewApiRoutes } from '../admin/overview/routes.ts'
import { signInsApiRoutes } from '../admin/sign-ins/routes.ts'
import { userAccessRoutes } from '../admin/users/access.ts'
import { userFactorRoutes } from '../admin/users/authenticators.ts'
import { usersApiRoutes } from '../admin/users/routes.ts'
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
import { passkeyRoutes, passkeySignInRoutes } from '../factors/passkeys.ts'
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
import { type ApiSection, openApiDocument } from './openapi-document.ts'

export const documentPath = '/api/v1/openapi.json'

const documentRoute = apiRoute('getOpenApi', 'get', documentPath, {
  caller: 'anyone',
  permission: 'none',
  summary: 'Get this description as OpenAPI',
  answer: answer(200, 'An OpenAPI 3.1 document.', schemas.OpenApiDocument, { openapi: '3.1.1' }),
  respond: sendOpenApi,
})

/** Sections in the order of the document, the pages and the route table. */
export const apiSections: readonly ApiSection[] = [
  {
    id: 'sign-in',
    title: 'Sign-in',
    text: 'Sign users in from your own pages or programs.',
    // before `/sessions/:id`, which their paths match too
    routes: [exchangeRoute, ...emailCodeRoutes, ...passkeySignInRoutes, secondFactorRoute, stepUpRoute],
  },
  {
    id: 'sessions',
    title: 'Sessions',
    text: 'Open, check, list and end sessions.',
    routes: sessionRoutes,
  },
  {
    id: 'sign-up',
    title: 'Sign-up and password reset',
    text: 'Each emails a code, checks it, then sets the password.',
    routes: mailedCodeRoutes,
  },
  {
    id: 'user',
    title: 'The user',
    text: 'Read and change the signed-in user, and the apps that have access.',
    routes: [userRoute, ...ownAccountRoutes, ...consentRoutes],
  },
  {
    id: 'sign-in-methods',
    title: 'Sign-in methods',
    text: 'Link and unlink sign-in methods, and change the password.',
    routes: [passwordRoute, ...identityRoutes],
  },
  {
    id: 'second-factors',
    title: 'Second factors',
    text: 'Authenticator apps, passkeys, recovery codes and remembered browsers of the user.',
    routes: [...passkeyRoutes, ...authenticatorRoutes, ...deviceRoutes],
  },
  {
    id: 'tokens',
    title: 'API tokens',
    text: 'API tokens of the user, and reports of leaked credentials.',
    // the first before `/tokens/:id`, which its path matches too
    routes: [reportedRoute, ...tokenRoutes],
  },
  {
    id: 'service-accounts',
    title: 'Service accounts',
    text: 'Users of programs, and their API tokens.',
    routes: serviceAccountRoutes,
  },
  {
    id: 'apps',
    title: "A developer's apps",
    text: 'Register and change apps.',
    routes: appRoutes,
  },
  {
    id: 'app-credentials',
    title: 'Secrets and keys',
    text: "Client secrets and keys of apps, and the developer's own client secrets.",
    routes: [...appCredentialRoutes, ...developerSecretRoutes],
  },
  {
    id: 'app',
    title: 'The calling app',
    text: "An app's server reads and changes the app itself.",
    routes: [...ownAppRoutes, statisticsRoute],
  },
  {
    id: 'app-users',
    title: 'Users of the calling app',
    text: "An app's server checks tokens, and reads the users who gave the app consent.",
    routes: appUserRoutes,
  },
  {
    id: 'roles',
    title: 'Roles and audit',
    text: 'Roles of users, and the audit events of the tenant.',
    routes: [...roleRoutes, auditRoute, ...auditApiRoutes],
  },
  {
    id: 'admin-users',
    title: 'Administration: users',
    text: 'Search, block and delete users, and reset their passwords and second factors.',
    routes: [...usersApiRoutes, ...userFactorRoutes],
  },
  {
    id: 'admin-access',
    title: 'Administration: access of users',
    text: 'End sessions of a user, and revoke their API tokens and consents.',
    routes: userAccessRoutes,
  },
  {
    id: 'admin-sign-ins',
    title: 'Administration: sign-ins',
    text: 'Search sign-ins and their traces.',
    routes: signInsApiRoutes,
  },
  {
    id: 'admin-connections',
    title: 'Administration: connections',
    text: 'States, probes and setup links of connections.',
    routes: connectionsApiRoutes,
  },
  {
    id: 'admin-apps',
    title: 'Administration: apps',
    text: "Search, disable and enable the apps of the tenant's developers.",
    routes: appsApiRoutes,
  },
  {
    id: 'deployment',
    title: 'Administration: deployment',
    text: 'The overview, the configuration, the signing keys and this description.',
    routes: [...overviewApiRoutes, ...configurationApiRoutes, ...keysApiRoutes, documentRoute],
  },
]

export const apiRoutes: readonly ApiRoute[] = apiSections.flatMap(({ routes }) => routes)

/** The document of each deployment in the process never changes. */
const documents = new WeakMap<URL, string>()

async function sendOpenApi(call: Call): Promise<void> {
  const { publicUrl, cookie } = call.shell
  const make = () => JSON.stringify(openApiDocument(apiSections, publicUrl, sessionCookieName(cookie)))
  const text = documents.get(publicUrl) ?? make()
  documents.set(publicUrl, text)
  sendPublicJson(call, text)
}
