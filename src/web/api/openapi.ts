/** The OpenAPI document at `/api/v1/openapi.json`, and the page `/api`. */
import { type ErrorCode, errorTable } from '../../errors.ts'
import { sessionCookieName } from '../../http/cookies.ts'
import { errorTexts } from '../../http/error-texts.ts'
import { sendPage } from '../../http/respond.ts'
import { sendPublicJson } from '../buttons/buttons.ts'
import type { Call } from '../shell.ts'
import { appCredentialRoutes } from './app-credentials.ts'
import { appRoutes } from './apps.ts'
import { callingAppRoutes } from './calling-app.ts'
import { consentRoutes } from './consents.ts'
import { callerTexts, credentialTexts, openApiDocument } from './openapi-document.ts'
import { type ApiGroup, type ApiOperation, openApiPage } from './openapi-page.tsx'
import {
  type ApiRoute,
  apiRoute,
  type Caller,
  type Credential,
  credentialsOfCaller,
  errorsOf,
  templateOf,
} from './route.ts'
import { schemas } from './schemas.ts'
import { exchangeRoute } from './session-exchange.ts'
import { sessionRoutes } from './sessions.ts'

const documentRoute = apiRoute({
  id: 'getOpenApi',
  method: 'get',
  path: '/api/v1/openapi.json',
  caller: 'anyone',
  summary: 'Get this description as OpenAPI',
  responses: {
    200: { description: 'An OpenAPI 3.1 document.', schema: schemas.OpenApiDocument, example: { openapi: '3.1.1' } },
  },
  respond: sendOpenApi,
})

export const apiRoutes: readonly ApiRoute[] = [
  // the exchange before `/sessions/:id`, which its path matches too
  ...[exchangeRoute, ...sessionRoutes, ...consentRoutes],
  ...[...appRoutes, ...appCredentialRoutes, ...callingAppRoutes],
  documentRoute,
]

/** The document of each deployment in the process never changes. */
const documents = new WeakMap<URL, string>()

async function sendOpenApi(call: Call): Promise<void> {
  const { publicUrl, cookie } = call.shell
  const text =
    documents.get(publicUrl) ?? JSON.stringify(openApiDocument(apiRoutes, publicUrl, sessionCookieName(cookie)))
  documents.set(publicUrl, text)
  sendPublicJson(call, text)
}

export async function showApiPage({ shell: { publicUrl }, response }: Call): Promise<void> {
  const failures = Object.entries(errorTable).map(([code, { status, fixer }]) => ({
    ...{ code, status, fixer },
    title: errorTexts[code as ErrorCode].title,
  }))
  const groups = Object.entries(titles).map(([caller, title]) => groupOf(caller as Caller, title, publicUrl.origin))
  sendPage(response, 200, openApiPage({ groups, failures, documentHref: documentRoute.path }))
}

const titles: Readonly<Record<Caller, string>> = {
  anyone: 'Anyone',
  session: 'A signed-in user',
  developer: 'A developer',
  app: "An app's server",
}

const credentialNames: Readonly<Record<Credential, string>> = {
  sessionToken: 'session token',
  sessionCookie: 'session cookie',
  appSecret: 'client secret',
  appKey: 'app key',
}

function groupOf(caller: Caller, title: string, origin: string): ApiGroup {
  return {
    name: caller,
    title,
    text: callerTexts[caller],
    credentials: credentialsOfCaller[caller].map((each) => ({
      name: credentialNames[each],
      text: credentialTexts[each],
    })),
    operations: apiRoutes.filter((route) => route.caller === caller).map((route) => operationOf(route, origin)),
  }
}

function operationOf(route: ApiRoute, origin: string): ApiOperation {
  const { id, method, path, summary, description, caller, params, responses } = route
  const answers = Object.entries(responses).map(
    ([status, { description, example }]) =>
      `${status} ${description}${example === undefined ? '' : `\n\n${pretty(example)}`}`,
  )
  return {
    ...{ id, summary, description },
    method: method.toUpperCase(),
    path: templateOf(path),
    credentials: credentialsOfCaller[caller].map((credential) => credentialNames[credential]),
    parameters: Object.entries(params?.shape ?? {}).map(([name, schema]) => ({ name, text: schema.description ?? '' })),
    request: requestSample(route, origin),
    answer: answers.join('\n\n'),
    failures: errorsOf(route),
  }
}

const sampleAuthorization: Readonly<Partial<Record<Caller, string>>> = {
  session: 'Bearer $SESSION_TOKEN',
  developer: 'Bearer $SESSION_TOKEN',
  app: 'Secret $CLIENT_SECRET',
}

/** A command line to try. */
function requestSample({ method, path, caller, body }: ApiRoute, origin: string): string {
  const authorization = sampleAuthorization[caller]
  const lines = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${origin}${templateOf(path)}`,
    ...(authorization === undefined ? [] : [`  -H "Authorization: ${authorization}"`]),
    ...(body === undefined ? [] : ["  -H 'Content-Type: application/json'", `  -d '${pretty(body.example)}'`]),
  ]
  return lines.join(' \\\n')
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2)
