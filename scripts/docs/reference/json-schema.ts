/** Describes JSON Schemas of the configuration and of the API in words. Pure functions. */
import { z } from 'zod'

export interface Schema {
  readonly $ref?: string | undefined
  readonly description?: string | undefined
  readonly default?: unknown
  readonly type?: string | readonly string[] | undefined
  readonly const?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly pattern?: string | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly writeOnly?: boolean | undefined
  readonly anyOf?: readonly Schema[] | undefined
  readonly allOf?: readonly Schema[] | undefined
  readonly items?: Schema | undefined
  readonly properties?: Readonly<Record<string, Schema>> | undefined
  readonly required?: readonly string[] | undefined
  readonly additionalProperties?: boolean | Schema | undefined
}

const recordOf = z.record(z.string(), z.unknown())

/** Reads what `z.toJSONSchema` wrote. */
export const asSchema = (json: unknown): Schema => recordOf.parse(json)

/** As text: `number 0 to 65535`, `list of text`, `a` or `b`. */
export function typeText(schema: Schema, nameOf: (ref: string) => string): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref)
  if (schema.const !== undefined) return codeOf(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(codeOf).join(', ')
  const choices = schema.anyOf?.filter((choice) => !isReference(choice))
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeText(choice, nameOf)))].join(' or ')
  if (schema.allOf?.[0] !== undefined) return typeText(schema.allOf[0], nameOf)
  if (schema.writeOnly === true) return 'secret'
  return plainType(schema, nameOf)
}

function plainType(schema: Schema, nameOf: (ref: string) => string): string {
  switch (schema.type) {
    case 'string':
      return schema.pattern?.endsWith('([smhd])$') ? 'duration' : 'text'
    case 'integer':
    case 'number':
      return rangeText(schema)
    case 'boolean':
      return '`true` or `false`'
    case 'array':
      return `list of ${typeText(schema.items ?? {}, nameOf)}`
    case 'object':
      return 'map'
    case 'null':
      return '`null`'
    default:
      return 'any value'
  }
}

/** `${NAME}` or `file:path`, which any value may be. */
const isReference = ({ type, pattern }: Schema) => type === 'string' && pattern === '\\$\\{|^file:'

function rangeText({ minimum, maximum }: Schema): string {
  const isBounded = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER
  if (isBounded(minimum) && isBounded(maximum)) return `number ${minimum} to ${maximum}`
  return isBounded(minimum) ? `number, at least ${minimum}` : 'number'
}

const codeOf = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``

/** Splits "Default x." or "Required." from the end of a description. */
export function describe({ description = '' }: Schema): { readonly meaning: string; readonly standard: string } {
  const sentences = description.split(/(?<=\.) (?=[A-Z])/)
  const last = sentences.at(-1) ?? ''
  if (!/^(?:Required|Default)\b/.test(last)) return { meaning: description, standard: '' }
  const standard = last
    .replace(/\.$/, '')
    .replace(/^Required/, 'required')
    .replace(/^Default:? (?!none$|never$)([^ ]+)$/, 'default: `$1`')
    .replace(/^Default:? /, 'default: ')
  return { meaning: sentences.slice(0, -1).join(' '), standard }
}
