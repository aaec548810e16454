/**
 * The calls of docs/reference/api.md, from the OpenAPI document and the rows that it is made of.
 */

import { z } from 'zod'
import { errorTable } from '../../../src/errors.ts'
import { apiRoutes } from '../../../src/web/api/openapi/openapi.ts'
import { componentSchemas } from '../../../src/web/api/openapi/openapi-document.ts'
import {
  type ApiRoute,
  callers,
  credentials,
  credentialsOf,
  descriptionOf,
  errorsOf,
  templateOf,
} from '../../../src/web/api/route.ts'
import { schemas } from '../../../src/web/api/schemas.ts'
import { anchorOf } from '../anchors.ts'
import { code, prose, sentence, table } from '../parts.ts'
import { asSchema, type Schema, typeText } from './json-schema.ts'

const objects = new Map(Object.entries(componentSchemas()).map(([name, json]) => [name, asSchema(json)] as const))
const names = new Map<z.ZodType, string>(Object.entries(schemas).map(([name, schema]) => [schema, name]))

export function apiCredentials(): string {
  return table(
    ['credential', 'how to send it'],
    Object.values(credentials).map(({ name, text }) => [name, prose(text)]),
  )
}

/** The calls by caller, then the objects that they take and return. */
export function apiOperations(): string {
  const byCaller = Map.groupBy(apiRoutes, ({ caller }) => caller)
  const groups = Object.entries(callers).map(([caller, { title, text }]) => {
    const routes = apiRoutes.filter((route) => route.caller === caller)
    return routes.length === 0 ? '' : `## ${title}\n\n${prose(text)}\n\n${routes.map(operation).join('\n')}`
  })
  if (byCaller.size > groups.length) throw new Error('a caller has no section')
  const types = [...objects].map(([name, schema]) => objectText(name, schema))
  return [...groups, `## Objects\n\n${types.join('\n')}`].filter(Boolean).join('\n')
}

function operation(route: ApiRoute): string {
  const { method, path, summary, permission, params, query, body, answer } = route
  const accepted = credentialsOf(route).map((name) => credentials[name].name)
  const description = descriptionOf(route)
  const parameters = [...parameterRows('path', params), ...parameterRows('query', query)]
  const { status, description: outcome, schema, mediaTypes } = answer
  const content = schema === undefined ? (mediaTypes ?? []).map(code).join(' or ') : linkTo(names.get(schema))
  const lines = [
    ...(permission === 'none' ? [] : [`- Permission: [${code(permission)}](../operations/roles.md)`]),
    `- Credentials: ${accepted.length === 0 ? 'none' : accepted.join(', ')}`,
    ...(body === undefined ? [] : [`- Body: ${linkTo(names.get(body.schema))}`]),
    `- Response ${status}: ${sentence(prose(outcome))}${content === '' ? '' : ` ${content}`}`,
    ...errorLine(route),
  ]
  return [
    `### ${sentence(summary).replace(/\.$/, '')}\n`,
    `\`\`\`http\n${method.toUpperCase()} ${templateOf(path)}\n\`\`\`\n`,
    ...(description === undefined ? [] : [`${prose(description)}\n`]),
    ...(parameters.length === 0 ? [] : [table(['parameter', 'value', 'meaning'], parameters)]),
    `${lines.join('\n')}\n`,
  ].join('\n')
}

function parameterRows(place: 'path' | 'query', parameters: z.ZodObject | undefined) {
  return Object.entries(parameters?.shape ?? {}).map(([name, shape]) => {
    const schema = asSchema(z.toJSONSchema(shape, { io: 'input' }))
    const isRequired = place === 'path' || !shape.safeParse(undefined).success
    return [
      code(name),
      `${typeText(schema, linkOf)}, in the ${place}${isRequired ? '' : ', optional'}`,
      prose(schema.description ?? ''),
    ]
  })
}

function errorLine(route: ApiRoute): readonly string[] {
  const links = [...new Set(errorsOf(route))].map(
    (name) => `[${code(name)}](errors.md#${name}) ${errorTable[name].status}`,
  )
  return links.length === 0 ? [] : [`- Errors: ${links.join(', ')}`]
}

function objectText(name: string, schema: Schema): string {
  const required = new Set(schema.required)
  const rows = Object.entries(schema.properties ?? {}).map(([member, one]) => [
    code(member),
    `${typeText(one, linkOf)}${required.has(member) ? '' : ', optional'}`,
    prose(one.description ?? ''),
  ])
  const text = schema.description === undefined ? '' : `${sentence(prose(schema.description))}\n\n`
  const content =
    rows.length === 0 ? `${sentence(typeText(schema, linkOf))}\n` : table(['member', 'value', 'meaning'], rows)
  return `### ${name} object\n\n${text}${content}`
}

const linkOf = (ref: string) => linkTo(ref.replace('#/components/schemas/', ''))

function linkTo(name: string | undefined): string {
  if (name === undefined || !objects.has(name)) throw new Error(`the API has no object ${name}`)
  return `[${name}](#${anchorOf(`${name} object`)})`
}
