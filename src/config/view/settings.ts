/** The settings of a file with their lines, and the defaults of what is not written. Pure. */
import type { ConfigurationSetting } from '../../primitives/configuration-file.ts'
import { type Path, pathText } from '../source/fault.ts'
import { isMap, type Source } from '../source/source.ts'
import { maskOf, withoutUserinfo } from './mask.ts'

type Json = Readonly<Record<string, unknown>>

const maxShown = 500

/** @param source read without filling: values are as written */
export function settingsOf(source: Pick<Source, 'value' | 'placeOf'>, schema: Json): readonly ConfigurationSetting[] {
  const definitions = mapOf(schema['definitions'])

  function below(value: unknown, path: Path, node: Json): readonly ConfigurationSetting[] {
    if (isConnection(path)) return ofConnection(value, path)
    if (Array.isArray(value)) {
      const items = mapOf(node['items'])
      return value.length === 0
        ? [written('[]', path)]
        : value.flatMap((item, index) => below(item, [...path, index], items))
    }
    return isMap(value) ? ofMap(value, path, node) : [leaf(value, path, isSecret(node))]
  }

  function ofMap(value: Json, path: Path, node: Json): readonly ConfigurationSetting[] {
    const properties = mapOf(node['properties'])
    const own = Object.entries(value)
      .map(([key, child]) => ({ key, child, place: source.placeOf([...path, key]) }))
      .toSorted((one, other) => one.place.line - other.place.line || one.place.column - other.place.column)
    return [
      ...own.flatMap(({ key, child }) => below(child, [...path, key], schemaOf(node, key))),
      ...Object.entries(properties)
        .filter(([key]) => !Object.hasOwn(value, key))
        .flatMap(([key, property]) => defaultsOf(mapOf(property), [...path, key])),
    ]
  }

  /** Settings of a connection by its kind, which is its ID by default. */
  function ofConnection(value: unknown, path: Path): readonly ConfigurationSetting[] {
    if (value !== null && !isMap(value)) return [leaf(value, path, false)]
    const settings = value ?? {}
    const definition = mapOf(definitions[String(settings['kind'] ?? path.at(-1))])
    const { kind: _, ...properties } = mapOf(definition['properties'])
    const found = ofMap(settings, path, { ...definition, properties })
    return found.length === 0 ? [written('all defaults', path)] : found
  }

  function defaultsOf(node: Json, path: Path): readonly ConfigurationSetting[] {
    const { default: otherwise } = node
    if (isMap(otherwise) || (otherwise === undefined && node['properties'] !== undefined))
      return Object.entries(mapOf(node['properties'])).flatMap(([key, property]) =>
        defaultsOf(mapOf(property), [...path, key]),
      )
    if (otherwise === undefined) return []
    return [{ path: pathText(path), value: textOf(otherwise), origin: 'default', line: undefined }]
  }

  function leaf(value: unknown, path: Path, secret: boolean): ConfigurationSetting {
    const mask = maskOf(value, path, secret)
    return mask === undefined ? written(textOf(value), path) : { ...written(mask, path), origin: 'masked' }
  }

  function written(value: string, path: Path): ConfigurationSetting {
    return { path: pathText(path), value, origin: 'written', line: source.placeOf(path).line }
  }

  return source.value === undefined ? [] : below(source.value, [], schema)
}

const isConnection = (path: Path) => path.length === 2 && path[0] === 'connections'

function schemaOf(node: Json, key: string): Json {
  const properties = mapOf(node['properties'])
  return mapOf(Object.hasOwn(properties, key) ? properties[key] : node['additionalProperties'])
}

/** Marked by `writeOnly`, also where a schema allows alternatives. */
function isSecret(node: Json): boolean {
  const { anyOf } = node
  return node['writeOnly'] === true || (Array.isArray(anyOf) && anyOf.some((one) => isSecret(mapOf(one))))
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? withoutUserinfo(value) : JSON.stringify(value)
  return text.length > maxShown ? `${text.slice(0, maxShown).toWellFormed()}…` : text
}

const mapOf = (value: unknown): Json => (isMap(value) ? value : {})
