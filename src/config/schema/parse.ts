/** A schema over a part of a YAML file: the parsed value, or faults at their places. */
import type { z } from 'zod'
import { Secret, secretDoubt } from '../../crypto/secret.ts'
import { keyText, type Path, pathText } from '../source/fault.ts'
import { isMap, report, type Source, warn } from '../source/source.ts'
import { closestWord, suggestion } from './closest-word.ts'
import { enclosureHint } from './enclosure.ts'
import { refuseInterpolated } from './interpolated.ts'
import { SecretUrl } from './secret-url.ts'
import { sentenceOf } from './sentence.ts'
import { descriptionOf, knownKeys } from './shape.ts'

interface Finding {
  readonly path: Path
  readonly message: string
  /** The known key that an unknown one most likely stands for. */
  readonly meant?: string | undefined
  /** The key is required and was not given. */
  readonly isMissing?: boolean
}

/**
 * Undefined when there were faults; they are reported to the source, literal secrets as warnings.
 * @param additionalKeys keys beside the schema's own, for messages about unknown ones
 */
export function parseAt<S extends z.ZodType>(
  schema: S,
  source: Source,
  path: Path,
  value: unknown,
  additionalKeys: readonly string[] = [],
): z.output<S> | undefined {
  if (source.fillsMarkedFieldsOnly && refuseInterpolated(schema, source, path, value)) return undefined
  const result = parseWithRetype(schema, source, path, value)
  if (result.success) {
    warnAboutLiterals(source, path, result.data)
    return result.data
  }
  const findings = withoutFollowing(result.error.issues).flatMap((issue) =>
    findingsOf(issue, schema, [], additionalKeys),
  )
  for (const finding of withoutMisspelled(findings)) {
    const place = [...path, ...finding.path]
    const hint = enclosureHint(finding.path.reduce<unknown>(childOf, value), finding.message)
    if (!isUnreadable(source, place)) report(source, place, finding.message + hint)
  }
  return undefined
}

/** A value of another type has no length: zod checks that too. */
function withoutFollowing(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const ofType = new Set(issues.flatMap(({ code, path }) => (code === 'invalid_type' ? [pathText(steps(path))] : [])))
  return issues.filter(({ code, path }) => !code.startsWith('too_') || !ofType.has(pathText(steps(path))))
}

/** A misspelled key is reported once: as unknown, not as missing too. */
function withoutMisspelled(findings: readonly Finding[]): readonly Finding[] {
  const meant = findings.flatMap(({ path, meant: key }) =>
    key === undefined ? [] : [pathText([...path.slice(0, -1), key])],
  )
  return findings.filter(({ path, isMissing }) => isMissing !== true || !meant.includes(pathText(path)))
}

/** The value at the path if it is valid; reports nothing. */
export function parseSilently<S extends z.ZodType>(schema: S, source: Source, path: Path, value: unknown) {
  const result = parseWithRetype(schema, source, path, value)
  return result.success ? result.data : undefined
}

type Parts<Shape extends z.ZodRawShape> = { readonly [Key in keyof Shape]?: z.output<Shape[Key]> | undefined }

/** Each key on its own, so that one fault does not hide what can be said about the others. */
export function parseParts<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  source: Source,
): { readonly parts: Parts<Shape>; readonly whole: z.output<z.ZodObject<Shape>> | undefined } {
  const { value } = source
  if (!isMap(value)) {
    if (source.faults.length === 0) report(source, [], 'the file has to be a map of keys')
    return { parts: {}, whole: undefined }
  }
  const known = knownKeys(schema)
  const unknown = Object.keys(value).filter((given) => !known.includes(given))
  for (const key of unknown) report(source, [key], unknownKey(key, known))
  const misspelled = new Set(unknown.map((key) => closestWord(key, known)))
  const parts: Record<string, unknown> = {}
  for (const [key, part] of Object.entries(schema.shape)) {
    const isGiven = Object.hasOwn(value, key)
    const isRequired = !(part as z.ZodType).safeParse(undefined).success
    if (!isGiven && isRequired && misspelled.has(key)) continue // reported as unknown
    const given = isGiven ? value[key] : undefined
    parts[key] = parseAt(part as z.ZodType, source, [key], given)
  }
  // a value that could not be filled in was reported before
  const complete = source.faults.length === 0
  return { parts: parts as Parts<Shape>, whole: complete ? (parts as z.output<z.ZodObject<Shape>>) : undefined }
}

function parseWithRetype<S extends z.ZodType>(schema: S, source: Source, path: Path, value: unknown) {
  const first = schema.safeParse(value, { error: sentenceOf })
  if (first.success) return first
  const retyped = structuredClone(value)
  const changed = first.error.issues.map((issue) => retype(issue, source, path, retyped)).some(Boolean)
  return changed ? schema.safeParse(retyped, { error: sentenceOf }) : first
}

/** Converts text from the environment where the schema wants a number or a boolean. */
function retype(issue: z.core.$ZodIssue, source: Source, path: Path, root: unknown): boolean {
  if (issue.code !== 'invalid_type' || source.originOf([...path, ...steps(issue.path)]) !== 'filled') return false
  const parent = issue.path.slice(0, -1).reduce<unknown>(childOf, root)
  const key = issue.path.at(-1)
  const text = key === undefined ? undefined : childOf(parent, key)
  if (typeof parent !== 'object' || parent === null || typeof text !== 'string' || key === undefined) return false
  const typed = typedText(issue.expected, text)
  return typed !== undefined && Reflect.set(parent, key, typed)
}

/** Booleans of YAML 1.1, and true and false in any letter case. */
const yes: readonly string[] = ['true', 'yes', 'on']
const no: readonly string[] = ['false', 'no', 'off']

function typedText(expected: string, text: string): number | boolean | undefined {
  const word = text.trim().toLowerCase()
  if (expected === 'boolean') return yes.includes(word) ? true : no.includes(word) ? false : undefined
  return (expected === 'number' || expected === 'int') && /^-?\d+(\.\d+)?$/.test(word) ? Number(word) : undefined
}

function childOf(parent: unknown, key: PropertyKey): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key)
    ? Reflect.get(parent, key)
    : undefined
}

function findingsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  base: Path,
  additionalKeys: readonly string[],
): readonly Finding[] {
  const path = [...base, ...steps(issue.path)]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = [...(path.length === 0 ? additionalKeys : []), ...issue.message.split(', ').filter(Boolean)]
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownKey(key, known),
        meant: closestWord(key, known),
      }))
    }
    case 'invalid_union':
      return unionFindings(issue, schema, path, additionalKeys)
    case 'invalid_key':
      return issue.issues.flatMap((inner) => findingsOf(inner, schema, path, additionalKeys))
    case 'invalid_type':
      return [
        {
          path,
          message: withDescription(issue.message, descriptionOf(schema, path)),
          isMissing: issue.message.startsWith('is missing'),
        },
      ]
    default:
      return [{ path, message: issue.message }]
  }
}

/**
 * Faults of the union's branch with the right type and the fewest faults; without one, of all
 * branches.
 */
function unionFindings(
  issue: z.core.$ZodIssueInvalidUnion,
  schema: z.ZodType,
  path: Path,
  additionalKeys: readonly string[],
): readonly Finding[] {
  const meant = issue.errors.filter(
    (branch) => !branch.some(({ code, path: at }) => at.length === 0 && code.startsWith('invalid_')),
  )
  const [best] = meant.toSorted((a, b) => a.length - b.length)
  if (best !== undefined) return best.flatMap((inner) => findingsOf(inner, schema, path, additionalKeys))
  const messages = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first.message]))
  return [{ path, message: messages.length === 0 ? issue.message : joined([...new Set(messages)]) }]
}

/** "must be off, or a list": what all begin with is said once. */
function joined([first = '', ...more]: readonly string[]): string {
  const start = ['is missing; it has to be ', 'must be '].find((text) => first.startsWith(text)) ?? ''
  return [first, ...more.map((text) => (text.startsWith(start) ? text.slice(start.length) : text))].join(', or ')
}

function unknownKey(key: string, known: readonly string[]): string {
  return `unknown key ${keyText(key)}; ${suggestion(key, known)}`
}

function withDescription(message: string, description: string | undefined): string {
  return description !== undefined && message.startsWith('is missing') ? `${message}: ${description}` : message
}

function steps(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'number' ? step : String(step)))
}

function isUnreadable(source: Source, path: Path): boolean {
  return source.originOf(path) === 'spoiled'
}

function warnAboutLiterals(source: Source, path: Path, value: unknown): void {
  if (value instanceof Secret) {
    const open = value instanceof SecretUrl && !value.holdsPassword
    if (!open && source.originOf(path) === 'literal')
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what to write
      warn(source, path, 'a secret is written out here: put it in the environment (${NAME}) or in a file (file:path)')
    const doubt = secretDoubt(value.reveal())
    if (doubt !== undefined && !isUnreadable(source, path)) warn(source, path, doubt)
    return
  }
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) warnAboutLiterals(source, [...path, index], item)
  else if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    for (const [key, item] of Object.entries(value)) warnAboutLiterals(source, [...path, key], item)
}
