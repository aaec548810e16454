/** Validates real responses against the OpenAPI document, strictly. */
import { z } from 'zod'

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

interface DescribedOperation {
  readonly description: string
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >
}

/** What is wrong with an answer, in lines; none when it is as withDescriptions. */
export function responseErrors(
  document: Described,
  asked: { readonly method: string; readonly path: string },
  answer: { readonly status: number; readonly type: string; readonly body: string },
): readonly string[] {
  const where = `${asked.method} ${asked.path} ${answer.status}`
  const response = document.paths[asked.path]?.[asked.method]?.responses[answer.status]
  if (response === undefined) return [`${where} is not withDescriptions`]
  const type = answer.type.split(';')[0] ?? ''
  if (response.content === undefined)
    return answer.body === '' ? [] : [`${where} has content that is not withDescriptions`]
  const content = response.content[type]
  if (content === undefined) return [`${where} is of type ${type}`]
  const value: unknown = type.endsWith('json') ? JSON.parse(answer.body) : answer.body
  return schemaErrors(document, content.schema, value).map((fault) => `${where}: ${fault}`)
}

export function schemaErrors(document: Described, schema: unknown, value: unknown): readonly string[] {
  const strict = closed(resolved(schema, document.components.schemas))
  const parsed = z.fromJSONSchema(z.json().parse(strict) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value)
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

/** The schema with what it refers to in its place. */
function resolved(schema: unknown, schemas: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, schemas))
  if (typeof schema !== 'object' || schema === null) return schema
  if ('$ref' in schema && typeof schema.$ref === 'string') {
    const name = schema.$ref.replace('#/components/schemas/', '')
    if (schemas[name] === undefined) throw new Error(`${schema.$ref} leads nowhere`)
    return resolved(schemas[name], schemas)
  }
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, resolved(part, schemas)]))
}

/** Forbids properties that the document does not name; the document itself allows them. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]))
  const named = 'properties' in schema && !('additionalProperties' in schema)
  return named ? { ...parts, additionalProperties: false } : parts
}
