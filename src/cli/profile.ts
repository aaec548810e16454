/** `gatehouse profile preview`: the profile that a captured response maps to. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { reasonOf } from '../config/source/interpolate.ts'
import { mapProfile, type ProfileMapping } from '../profile/mapping.ts'
import { type Attribute, attributeNames, attributesOf, type Profile } from '../profile/profile.ts'
import type { Attributes, Provider, ProviderProfile } from '../provider/provider.ts'
import type { ConnectionSettings, Tenant } from '../tenant.ts'
import { connectionSettings, jsonText } from './open.ts'
import type { Options, Output } from './options.ts'

const maxAnswerLength = 1_000_000
const minColumnWidth = 15

export async function previewProfile(options: Options): Promise<Output> {
  const [file] = options.words
  if (file === undefined) throw new Error('name the file of the captured response, or - for standard input')
  const { tenant, settings, provider } = await connectionSettings(options)
  const captured = await capturedIn(file)
  if (provider.read === undefined) throw new Error(`connections of kind ${provider.kind} have no responses to preview`)
  const asserted = provider.read(captured, settings.config)
  const profile = mapProfile(asserted.profile, asserted.attributes, settings.profile, asserted.groupsOmitted)
  return options.json ? jsonText(profile) : previewText({ tenant, settings, provider, asserted, profile })
}

interface Preview {
  readonly tenant: Tenant
  readonly settings: ConnectionSettings
  readonly provider: Provider
  readonly asserted: ProviderProfile
  readonly profile: Profile
}

/** The profile, one attribute a line. */
function previewText({ tenant, settings, provider, asserted, profile }: Preview): string {
  const shown = attributesOf(profile)
  const width = Math.max(minColumnWidth, ...shown.map((attribute) => attributeNames[attribute].length + 1))
  const lines = shown.map((attribute) => {
    const source = sourceOf(attribute, asserted, settings.profile) ?? `not mapped: as ${provider.brand.name} asserts it`
    return `${attributeNames[attribute].padEnd(width)}${valueText(profile, attribute)}\n${' '.repeat(width)}from ${source}\n`
  })
  const head = `${tenant.id}/${settings.id} (${settings.kind})\n`
  if (lines.length === 0) return `${head}this response has no attributes of the profile\n`
  return `${head}${lines.join('')}${absentText(profile, settings.profile)}`
}

function valueText(profile: Profile, attribute: Attribute): string {
  const word = (verified: boolean) => (verified ? 'verified' : 'not verified')
  const { email, phone } = profile
  if (attribute === 'email' && email !== undefined) return `${email.address} (${word(email.verified)})`
  if (attribute === 'phone' && phone !== undefined) return `${phone.number} (${word(phone.verified)})`
  const value = profile[attribute]
  if (!Array.isArray(value)) return String(value)
  return value.length === 0 ? '(none)' : `${value.length}: ${value.join(', ')}`
}

/** Undefined for an attribute that the connection does not map. */
function sourceOf(attribute: Attribute, asserted: ProviderProfile, mapping: ProfileMapping = {}): string | undefined {
  if (attribute === 'roles') return rolesSource(asserted, mapping)
  if (attribute === 'groups') {
    const { from } = mapping.groups ?? {}
    const source = from?.find((name) => isThere(attribute, asserted, { groups: { from: [name] } }))
    const changed = mapping.groups?.keepPrefixes !== undefined || mapping.groups?.rename !== undefined
    return changed ? `${source ?? 'the provider’s own groups'}, kept and renamed as mapped` : source
  }
  const name = attributeNames[attribute]
  const choice = mapping[name]?.find((one) => isThere(attribute, asserted, { [name]: [one] }))
  return typeof choice === 'object' ? 'the constant in the mapping' : choice
}

function rolesSource(asserted: ProviderProfile, { roles, groups }: ProfileMapping): string {
  const parts = Object.entries(roles ?? {}).filter(
    ([key, value]) => value !== undefined && isThere('roles', asserted, { groups, roles: { [key]: value } }),
  )
  return parts.map(([key, value]) => (key === 'from' ? [value].flat().join(' or ') : key)).join(', ')
}

function isThere(attribute: Attribute, asserted: ProviderProfile, mapping: ProfileMapping): boolean {
  return mapProfile(asserted.profile, asserted.attributes, mapping, asserted.groupsOmitted)[attribute] !== undefined
}

/** Attributes that are mapped and missing: a wrong name, or the upstream omits them. */
function absentText(profile: Profile, mapping: ProfileMapping = {}): string {
  const names = Object.entries(attributeNames)
    .filter(([attribute, name]) => mapping[name] !== undefined && !Object.hasOwn(profile, attribute))
    .map(([, name]) => name)
  return names.length === 0 ? '' : `mapped, but not in this response: ${names.join(', ')}\n`
}

async function capturedIn(file: string): Promise<Attributes> {
  const content = file === '-' ? await text(process.stdin) : await contentOf(file)
  if (content.length > maxAnswerLength) throw new Error(`${file} is larger than ${maxAnswerLength / 1_000_000} MB`)
  const answer = parsed(content, file)
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
    throw new Error(`${file} must be a JSON object: claims, or {"id_token": {…}, "userinfo": {…}}`)
  return { ...answer }
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Error(`${file} cannot be read${reasonOf(error)}`)
  }
}

function parsed(content: string, file: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    // the parser's message quotes the response, which holds personal data
    const isToken = /^\s*[\w-]+\.[\w-]+\.[\w-]*\s*$/.test(content)
    throw new Error(
      isToken ? `${file} is a token: give its claims as JSON` : `${file} is not JSON, or more than one value`,
    )
  }
}
