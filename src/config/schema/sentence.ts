/** Schema issues as sentences. They never quote the value, which may be a secret. */
import type { z } from 'zod'
import { knownKeys } from './shape.ts'

type Issue = z.core.$ZodRawIssue

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
}

const formatWords: Readonly<Record<string, string>> = {
  url: 'must be a URL such as https://idp.acme.test',
  email: 'must be an email address',
  uuid: 'must be a UUID',
}

export function sentenceOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeSentence(String(issue.expected), issue.input)
    case 'invalid_value':
      return valueSentence(issue.values.map(String), issue.input)
    case 'unrecognized_keys':
      return knownKeys(issue.inst).join(', ') // becomes one fault a key, see parse.ts
    case 'too_small':
      return sizeSentence('at least', Number(issue.minimum), String(issue.origin))
    case 'too_big':
      return sizeSentence('at most', Number(issue.maximum), String(issue.origin))
    case 'invalid_format':
      return formatWords[String(issue.format)] ?? 'does not have the right form'
    default:
      return 'is not a value that is allowed here'
  }
}

function typeSentence(expected: string, input: unknown): string {
  const word = typeWords[expected] ?? expected
  if (input === undefined) return `is missing; it has to be ${word}`
  if (input === null) return `has no value; it has to be ${word}`
  if (expected === 'string' && typeof input !== 'object')
    return `must be text, and without quotes it is ${typeName(input)}: put it in quotes`
  const fix = expected === 'array' && typeof input === 'string' ? ': write it in brackets, as [a, b]' : ''
  return `must be ${word}, not ${typeName(input)}${fix}`
}

function typeName(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  return typeWords[typeof input] ?? 'a value of another kind'
}

function valueSentence(values: readonly string[], input: unknown): string {
  const allowed = values.length === 1 ? values.join() : `one of: ${values.join(', ')}`
  return input === undefined ? `is missing; it has to be ${allowed}` : `must be ${allowed}`
}

function sizeSentence(bound: string, size: number, origin: string): string {
  if (origin === 'string')
    return size === 1 && bound === 'at least' ? 'must not be empty' : `must have ${bound} ${size} characters`
  if (origin === 'number' || origin === 'int') return `must be ${bound} ${size}`
  return `must have ${bound} ${size} ${size === 1 ? 'entry' : 'entries'}`
}
