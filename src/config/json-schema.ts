/** JSON Schemas of both kinds of files, for editors. */
import { z } from 'zod'
import { isSecretSchema } from '../crypto/secret.ts'
import type { Provider } from '../provider/provider.ts'
import { deploymentSchema } from './deployment/deployment.ts'
import { mayBeInterpolated } from './schema/interpolated.ts'
import { commonSchema, sharedCommonSchema } from './tenant/connection.ts'
import { profileSchema } from './tenant/profile.ts'
import { tenantSchema } from './tenant/tenant-file.ts'

type Json = Readonly<Record<string, unknown>>

export function tenantJsonSchema(providers: readonly Provider[]): Json {
  const toJson = (schema: z.ZodType) => jsonOf(schema, (field) => mayBeInterpolated(field, []))
  return withConnections({ file: tenantSchema, title: 'Gatehouse tenant', common: commonSchema, providers, toJson }, [
    { const: 'shared', description: 'The connection of this ID that gatehouse.yaml shares among tenants.' },
  ])
}

export function deploymentJsonSchema(providers: readonly Provider[]): Json {
  const toJson = (schema: z.ZodType) => jsonOf(schema, () => true)
  const title = 'Gatehouse deployment'
  return withConnections({ file: deploymentSchema, title, common: sharedCommonSchema, providers, toJson }, [])
}

/** Text of a schema's file in `config/schema/`. */
export function schemaText(schema: Json): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}

interface FileOptions {
  readonly file: z.ZodType
  readonly title: string
  readonly common: z.ZodType
  readonly providers: readonly Provider[]
  readonly toJson: (schema: z.ZodType) => Json
}

function withConnections({ file, title, common, providers, toJson }: FileOptions, words: readonly Json[]): Json {
  const { $schema, ...schema } = toJson(file)
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
    ...Object.fromEntries(providers.map((provider) => [provider.kind, definitionOf(provider, common, toJson)])),
    ...(providers.length > 0 && { profileMapping: mappingDefinition(toJson) }),
  }
  return { $schema, title, ...schema, properties: { ...properties, connections }, definitions }
}

/** Defined once per file: every kind of connection refers to it. */
function mappingDefinition(toJson: FileOptions['toJson']): Json {
  const { $schema, ...definition } = toJson(profileSchema)
  return definition
}

function definitionOf({ kind, brand, config }: Provider, common: z.ZodType, toJson: FileOptions['toJson']): Json {
  const shared = toJson(common)
  const own = toJson(config)
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

/** Beside a value that has to be written out; not part of the result. */
const writtenOut = 'x-written-out'

function jsonOf(schema: z.ZodType, isFillable: (schema: z.ZodType) => boolean): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      if (!(zodSchema instanceof z.ZodType)) return
      if (!isFillable(zodSchema)) jsonSchema[writtenOut] = true
      if (isSecretSchema(zodSchema)) jsonSchema.writeOnly = true
    },
  })
  const withoutMarkers = (key: string, value: unknown) => (key === writtenOut ? undefined : value)
  return mapOf(JSON.parse(JSON.stringify(fillable(json), withoutMarkers)))
}

/** Allows `${NAME}` and `file:path` wherever a value is not free text. */
function fillable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(fillable)
  const { description, default: otherwise, [writtenOut]: isWrittenOut, ...rest } = mapOf(schema)
  const pattern = {
    ...(description !== undefined && { description }),
    ...(otherwise !== undefined && { default: otherwise }),
  }
  const isScalar = ['string', 'integer', 'number', 'boolean'].includes(String(rest['type']))
  const isAnyText = rest['type'] === 'string' && !['pattern', 'format', 'enum'].some((word) => word in rest)
  if (isWrittenOut !== true && isScalar && !isAnyText)
    return { ...pattern, anyOf: [rest, { type: 'string', pattern: '\\$\\{|^file:' }] }
  const inner = Object.entries(rest).map(([key, value]) => {
    if (key === 'properties')
      return [key, Object.fromEntries(Object.entries(mapOf(value)).map(([name, one]) => [name, fillable(one)]))]
    return [key, key === 'items' || key === 'anyOf' ? fillable(value) : value]
  })
  return { ...pattern, ...Object.fromEntries(inner) }
}

function mapOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
