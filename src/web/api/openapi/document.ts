/** The OpenAPI 3.1 document of `/api/v1`, made of the operations, the schemas and the table of errors. */
import { z } from 'zod'
import { type ErrorCode, errorTable } from '../../../errors.ts'
import { errorTexts } from '../../../http/error-texts.ts'
import type { Credential, Operation } from './operation.ts'
import { operations } from './operations.ts'
import { type SchemaName, schemas } from './schemas.ts'

export interface DocumentOptions {
  readonly publicUrl: URL
  /** Name of the session cookie. */
  readonly cookieName: string
}

/** What any request may meet. */
export const commonErrors = [
  'request_invalid',
  'request_too_large',
  'store_unavailable',
  'internal',
] as const satisfies readonly ErrorCode[]

export function openApiDocument({ publicUrl, cookieName }: DocumentOptions) {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Gatehouse',
      version: '1',
      description:
        'Sessions, users and apps of this Gatehouse. Fields may be added to answers without notice; what is here stays.',
    },
    servers: [{ url: publicUrl.origin }],
    tags: Object.entries(groupWords).map(([name, description]) => ({ name, description })),
    paths: pathsOf(operations),
    components: { schemas: componentSchemas(), securitySchemes: securitySchemes(cookieName) },
  }
}

export const groupWords = {
  anyone: 'Called by anyone: what proves the caller is in the request itself.',
  person: "Called with a person's session.",
  developer: "Called with a developer's own session, about their apps.",
  app: "Called by an app's server, with its client secret or a token signed by one of its keys.",
} as const satisfies Record<Operation['group'], string>

export const credentialNames: Readonly<Record<Credential, string>> = {
  sessionToken: 'session token',
  sessionCookie: 'session cookie',
  appSecret: 'client secret',
  appKey: 'app key',
}

export const credentialWords: Readonly<Record<Credential, string>> = {
  sessionToken: '`Authorization: Bearer gth_s_…`, a session token.',
  sessionCookie: "Gatehouse's own session cookie, sealed; it writes only from pages of this origin.",
  appSecret: '`Authorization: Secret gth_c_…`, a client secret of the app.',
  appKey:
    '`Authorization: Bearer …`, a JWT signed by a key of the app: `iss` and `sub` the app id, `aud` this issuer or the address called, a `jti` used once, `exp` at most 10 minutes ahead.',
}

function securitySchemes(cookieName: string) {
  return {
    sessionToken: { type: 'http', scheme: 'bearer', description: credentialWords.sessionToken },
    sessionCookie: { type: 'apiKey', in: 'cookie', name: cookieName, description: credentialWords.sessionCookie },
    appSecret: { type: 'apiKey', in: 'header', name: 'Authorization', description: credentialWords.appSecret },
    appKey: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: credentialWords.appKey },
  }
}

function pathsOf(rows: readonly Operation[]): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const row of rows) {
    const path = templateOf(row.path)
    paths[path] = { ...paths[path], [row.method]: operationObject(row) }
  }
  return paths
}

/** `:id` as OpenAPI writes it. */
export const templateOf = (path: string) => path.replace(/:(\w+)/g, '{$1}')

function operationObject(row: Operation) {
  const { id, group, summary, description, credentials, parameters = {}, body, answer, errors } = row
  return {
    operationId: id,
    tags: [group],
    summary,
    ...(description !== undefined && { description }),
    security: credentials.map((credential) => ({ [credential]: [] })),
    ...(Object.keys(parameters).length > 0 && {
      parameters: Object.entries(parameters).map(([name, about]) => ({
        name,
        in: 'path',
        required: true,
        description: about,
        schema: { type: 'string' },
      })),
    }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': contentOf(body.schema, body.example) } },
    }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.schema !== undefined && {
          content: { 'application/json': contentOf(answer.schema, answer.example) },
        }),
      },
      ...refusals([...errors, ...commonErrors]),
    },
  }
}

function contentOf(schema: SchemaName, example: unknown) {
  return { schema: { $ref: `#/components/schemas/${schema}` }, ...(example !== undefined && { example }) }
}

/** By status, as OpenAPI wants it: what several codes share is described by all of them. */
function refusals(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = Map.groupBy(new Set(codes), (code) => errorTable[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, shared]) => [
      status,
      {
        description: shared.map((code) => `\`${code}\`: ${errorTexts[code].title}.`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

function componentSchemas(): Record<string, unknown> {
  const registry = z.registry<{ readonly id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  // of input, so that objects stay open: an answer may grow
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' }).schemas
  return Object.fromEntries(Object.entries(made).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]))
}
