/** The description of `/api/v1`: a document for programs, and the page `/api` for people. */
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { type ErrorCode, errorTable } from '../../errors.ts'
import { sessionCookieName } from '../../http/cookies.ts'
import { errorTexts } from '../../http/error-texts.ts'
import { sendPage } from '../../http/respond.ts'
import { publicHeaders } from '../buttons/buttons.ts'
import type { Shell } from '../shell.ts'
import { credentialNames, credentialWords, groupWords, openApiDocument, templateOf } from './openapi/document.ts'
import type { Group, Operation } from './openapi/operation.ts'
import { operations } from './openapi/operations.ts'
import { type ApiGroup, type ApiOperation, openApiPage } from './openapi-page.tsx'

const documentPath = '/api/v1/openapi.json'

/** One text for each deployment in the process: it never changes while it runs. */
const documents = new WeakMap<URL, { readonly text: string; readonly tag: string }>()

export async function showOpenApi(shell: Shell, request: Request, response: Response): Promise<void> {
  const { text, tag } = documentOf(shell)
  const headers = { ...publicHeaders, 'content-type': 'application/json', 'cache-control': 'public, max-age=300' }
  response.set({ ...headers, etag: tag })
  if (request.fresh) return void response.status(304).end()
  response.send(text)
}

function documentOf({ publicUrl, cookie }: Shell) {
  const known = documents.get(publicUrl)
  if (known !== undefined) return known
  const text = JSON.stringify(openApiDocument({ publicUrl, cookieName: sessionCookieName(cookie) }))
  const made = { text, tag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"` }
  documents.set(publicUrl, made)
  return made
}

export async function showApiPage(shell: Shell, _request: Request, response: Response): Promise<void> {
  const failures = Object.entries(errorTable).map(([code, { status, fixer }]) => ({
    ...{ code, status, fixer },
    title: errorTexts[code as ErrorCode].title,
  }))
  const groups = groupsOf(shell.publicUrl.origin)
  sendPage(response, 200, openApiPage({ groups, failures, documentHref: documentPath }))
}

const titles: Readonly<Record<Group, string>> = {
  anyone: 'Anyone',
  person: 'A signed-in person',
  developer: 'A developer',
  app: "An app's server",
}

function groupsOf(origin: string): readonly ApiGroup[] {
  return (['anyone', 'person', 'developer', 'app'] as const)
    .map((name) => groupOf(name, origin))
    .filter((group) => group.operations.length > 0)
}

function groupOf(name: Group, origin: string): ApiGroup {
  const own = operations.filter(({ group }) => group === name)
  const credentials = [...new Set(own.flatMap((operation) => operation.credentials))]
  return {
    name,
    title: titles[name],
    text: groupWords[name],
    credentials: credentials.map((each) => ({ name: credentialNames[each], text: credentialWords[each] })),
    operations: own.map((operation) => operationOf(operation, origin)),
  }
}

function operationOf(operation: Operation, origin: string): ApiOperation {
  const { id, method, path, summary, description, credentials, parameters = {}, answer, errors } = operation
  return {
    id,
    method: method.toUpperCase(),
    path: templateOf(path),
    summary,
    description,
    credentials: credentials.map((credential) => credentialNames[credential]),
    parameters: Object.entries(parameters).map(([name, text]) => ({ name, text })),
    request: requestSample(operation, origin),
    answer: `${answer.status} ${answer.description}${answer.example === undefined ? '' : `\n\n${pretty(answer.example)}`}`,
    failures: errors,
  }
}

const sampleHeaders = {
  sessionToken: 'Bearer $SESSION_TOKEN',
  sessionCookie: 'Bearer $SESSION_TOKEN',
  appSecret: 'Secret $CLIENT_SECRET',
  appKey: 'Bearer $SIGNED_JWT',
} as const

/** As a command line, because everybody can try that. */
function requestSample({ method, path, credentials, body }: Operation, origin: string): string {
  const [credential] = credentials
  const lines = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${origin}${templateOf(path)}`,
    ...(credential === undefined ? [] : [`  -H "Authorization: ${sampleHeaders[credential]}"`]),
    ...(body === undefined ? [] : ["  -H 'Content-Type: application/json'", `  -d '${pretty(body.example)}'`]),
  ]
  return lines.join(' \\\n')
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2)
