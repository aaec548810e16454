/** JSON Schemas of the two kinds of files, for editors: completion, descriptions, and most faults while typing. */
import { z } from 'zod'
import type { Provider } from '../provider.ts'
import { commonSchema, sharedCommonSchema } from './connection.ts'
import { deploymentSchema } from './deployment.ts'
import { profileSchema } from './profile.ts'
import { tenantSchema } from './tenant-file.ts'

type Json = Readonly<Record<string, unknown>>

export function tenantJsonSchema(providers: readonly Provider[]): Json {
  return withConnections(tenantSchema, 'Gatehouse tenant', commonSchema, providers, [
    { const: 'shared', description: 'The connection of this id that gatehouse.yaml shares among tenants.' },
  ])
}

export function deploymentJsonSchema(providers: readonly Provider[]): Json {
  return withConnections(deploymentSchema, 'Gatehouse deployment', sharedCommonSchema, providers, [])
}

/** As it is kept in `config/schema/`. */
export function schemaText(schema: Json): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}

function withConnections(
  file: z.ZodType,
  title: string,
  common: z.ZodType,
  providers: readonly Provider[],
  words: readonly Json[],
): Json {
  const { $schema, ...schema } = jsonOf(file)
  const properties = mapOf(schema['properties'])
  const kinds = providers.map(({ kind }) => kind)
  const of = (kind: string): Json => ({ $ref: `#/definitions/${kind}` })
  const named = (kind: string): Json => ({ allOf: [{ required: ['kind'] }, of(kind)] })
  const without = (id: string) => [
    ...words,
    ...kinds.map((kind) => (kind === id ? of(kind) : named(kind))),
    ...(kinds.includes(id) ? [{ type: 'null', description: 'All defaults.' }] : []),
  ]
  const connections = {
    ...mapOf(properties['connections']),
    properties: Object.fromEntries(kinds.map((id) => [id, { anyOf: without(id) }])),
    additionalProperties: { anyOf: [...words, ...kinds.map(named)] },
    propertyNames: { pattern: '^[a-z0-9][a-z0-9-]{0,31}$' },
  }
  const definitions = {
    ...Object.fromEntries(providers.map((provider) => [provider.kind, definitionOf(provider, common)])),
    ...(providers.length > 0 && { profileMapping: mappingDefinition() }),
  }
  return { $schema, title, ...schema, properties: { ...properties, connections }, definitions }
}

/** Once a file: every kind of connection refers to it. */
function mappingDefinition(): Json {
  const { $schema, ...definition } = jsonOf(profileSchema)
  return definition
}

function definitionOf({ kind, brand, config }: Provider, common: z.ZodType): Json {
  const shared = jsonOf(common)
  const own = jsonOf(config)
  const { kind: kindSchema, profile, ...rest } = mapOf(shared['properties'])
  const { description } = mapOf(profile)
  return {
    type: 'object',
    description: `${brand.name}.`,
    properties: {
      kind: { ...mapOf(kindSchema), const: kind },
      ...mapOf(own['properties']),
      ...rest,
      profile: { description, allOf: [{ $ref: '#/definitions/profileMapping' }] },
    },
    required: own['required'] ?? [],
    additionalProperties: false,
  }
}

function jsonOf(schema: z.ZodType): Json {
  return mapOf(fillable(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })))
}

/** Whatever is more than any text may also be written as a `${NAME}` or `file:path` to be filled in. */
function fillable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(fillable)
  const { description, default: otherwise, ...rest } = mapOf(schema)
  const kept = {
    ...(description !== undefined && { description }),
    ...(otherwise !== undefined && { default: otherwise }),
  }
  const isScalar = ['string', 'integer', 'number', 'boolean'].includes(String(rest['type']))
  const isAnyText = rest['type'] === 'string' && !['pattern', 'format', 'enum'].some((word) => word in rest)
  if (isScalar && !isAnyText) return { ...kept, anyOf: [rest, { type: 'string', pattern: '\\$\\{|^file:' }] }
  const inner = Object.entries(rest).map(([key, value]) => {
    if (key === 'properties')
      return [key, Object.fromEntries(Object.entries(mapOf(value)).map(([name, one]) => [name, fillable(one)]))]
    return [key, key === 'items' || key === 'anyOf' ? fillable(value) : value]
  })
  return { ...kept, ...Object.fromEntries(inner) }
}

function mapOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
