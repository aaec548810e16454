/** Generates the OpenAPI 3.1 document from the routes, the schemas and the error table. */
import { z } from 'zod'
import { type ErrorCode, errorTable } from '../../../errors.ts'
import { errorTexts } from '../../../http/error-texts.ts'
import { type ApiRoute, callers, credentials, credentialsOf, descriptionOf, errorsOf, templateOf } from '../route.ts'
import { schemas } from '../schemas.ts'

/** Errors of every request. */
const commonErrors = ['request_invalid', 'request_too_large', 'store_unavailable', 'internal'] as const

/** Calls about one subject: a tag of the document, and a page. */
export interface ApiSection {
  /** ID in the path of the section's page. */
  readonly id: string
  readonly title: string
  readonly text: string
  readonly routes: readonly ApiRoute[]
}

/** @param cookieName of the session cookie */
export function openApiDocument(sections: readonly ApiSection[], publicUrl: URL, cookieName: string) {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Gatehouse',
      version: '1',
      description: 'Sessions, users and apps. Responses may gain members without notice; documented members stay.',
    },
    servers: [{ url: publicUrl.origin }],
    tags: sections.map(({ title, text }) => ({ name: title, description: text })),
    paths: pathsOf(sections),
    components: { schemas: componentSchemas(), securitySchemes: securitySchemes(cookieName) },
  }
}

function securitySchemes(cookieName: string) {
  const schemes = Object.entries(credentials).map(([name, { scheme, text }]) => [
    name,
    { ...scheme, ...(name === 'sessionCookie' && { name: cookieName }), description: text },
  ])
  return Object.fromEntries(schemes)
}

function pathsOf(sections: readonly ApiSection[]): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { title, routes } of sections)
    for (const route of routes) {
      const path = templateOf(route.path)
      paths[path] = { ...paths[path], [route.method]: operationOf(route, title) }
    }
  return paths
}

function operationOf(route: ApiRoute, tag: string) {
  const { id, caller, permission, summary, params, query, body, answer } = route
  const description = [descriptionOf(route), callers[caller].text].filter((text) => text !== undefined).join(' ')
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(permission !== 'none' && { 'x-permission': permission }),
    description,
    security: credentialsOf(route).map((credential) => ({ [credential]: [] })),
    ...((params ?? query) !== undefined && {
      parameters: [...parametersOf('path', params), ...parametersOf('query', query)],
    }),
    ...(body !== undefined && {
      // an absent body is read as {}
      requestBody: { required: !body.schema.safeParse({}).success, content: contentOf(body.schema, body.example) },
    }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.schema !== undefined && { content: contentOf(answer.schema, answer.example) }),
        ...(answer.mediaTypes !== undefined && { content: fileContent(answer.mediaTypes) }),
      },
      ...problemResponses([...errorsOf(route), ...commonErrors]),
    },
  }
}

function parametersOf(place: 'path' | 'query', parameters: z.ZodObject | undefined) {
  return Object.entries(parameters?.shape ?? {}).map(([name, shape]) => {
    const { $schema: _, description, ...schema } = z.toJSONSchema(shape, { io: 'input' })
    const required = place === 'path' || !shape.safeParse(undefined).success
    return { name, in: place, required, description, schema }
  })
}

const schemaNames = new Map<z.ZodType, string>(Object.entries(schemas).map(([name, schema]) => [schema, name]))

function contentOf(schema: z.ZodType, example: unknown) {
  const name = schemaNames.get(schema)
  if (name === undefined) throw new Error('a route uses a schema that schemas.ts does not name')
  return {
    'application/json': {
      schema: { $ref: `#/components/schemas/${name}` },
      ...(example !== undefined && { example }),
    },
  }
}

const fileContent = (mediaTypes: readonly string[]) =>
  Object.fromEntries(mediaTypes.map((type) => [type, { schema: { type: 'string' } }]))

/** Several codes may share a status: its description names all of them. */
function problemResponses(codes: readonly ErrorCode[]): Record<string, unknown> {
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

/** Schemas of the document, also the source of the SDK's types (scripts/schemas.ts). */
export function componentSchemas(): Record<string, z.core.JSONSchema.BaseSchema> {
  const registry = z.registry<{ readonly id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  // as input, so that responses stay open: they may gain members
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' }).schemas
  return Object.fromEntries(Object.entries(made).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]))
}
