/**
 * A tenant's mapping of upstream attributes to the profile. Pure. A mapped attribute comes only
 * from its names; others stay as the provider has them. Roles exist only if mapped (ID-07).
 */

import type { Attributes, Identity } from '../provider/provider.ts'
import { attributeAt, ownValue, single } from './attributes.ts'
import {
  type Attribute,
  attributeNames,
  attributesOf,
  definedOnly,
  groupsOf,
  isYes,
  listOf,
  maxGroups,
  type Profile,
  phoneOf,
  type TextAttribute,
  textAttributesBy,
  upstreamEmail,
} from './profile.ts'

/** An attribute's name: as it is, or as a path with dots. The first that is there counts. */
export type AttributeChoice = readonly string[]
/** Names to choose from, and what to take when none of them is there. */
export type TextChoice = readonly (string | { readonly constant: string })[]

export interface GroupMapping {
  readonly from?: AttributeChoice | undefined
  /** Prefixes: groups that begin with none of them are left out. */
  readonly keepPrefixes?: readonly string[] | undefined
  readonly rename?: Readonly<Record<string, string>> | undefined
  /** An answer without groups means none, where it else says nothing. */
  readonly emptyWhenAbsent?: boolean | undefined
}

export interface RoleMapping {
  readonly from?: AttributeChoice | undefined
  /** Group, as the upstream names it, to a role or several. */
  readonly fromGroups?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** Added for every user of this connection. */
  readonly constant?: readonly string[] | undefined
}

type TextMapping = { readonly [Key in TextAttribute as (typeof attributeNames)[Key]]?: TextChoice | undefined }

/** Mapping by the external names of attributes. */
export interface ProfileMapping extends TextMapping {
  readonly email?: AttributeChoice | undefined
  readonly email_verified?: AttributeChoice | undefined
  readonly phone_number?: AttributeChoice | undefined
  readonly phone_number_verified?: AttributeChoice | undefined
  readonly groups?: GroupMapping | undefined
  readonly roles?: RoleMapping | undefined
}

/** The identity as the tenant wants it: its profile mapped, and the raw answer gone. */
export function mappedIdentity(identity: Identity, mapping: ProfileMapping | undefined): Identity {
  const { issuer, subject, profile, attributes, emailVerificationUnknown, authoritativeDomains, groupsOmitted } =
    identity
  const mapped = mapProfile(profile, attributes, mapping, groupsOmitted)
  const answer = attributes ?? standardAttributes(profile)
  const verifiedClaim = mapping?.email_verified !== undefined && isPresent(answer, mapping.email_verified)
  const same = mapped.email?.address === profile.email?.address
  return {
    issuer,
    subject,
    profile: mapped,
    ...(emailVerificationUnknown && !verifiedClaim && { emailVerificationUnknown }),
    ...(authoritativeDomains !== undefined && same && { authoritativeDomains }),
  }
}

function isPresent(answer: Attributes, choice: AttributeChoice): boolean {
  return firstOf(answer, choice, (value) => value ?? undefined) !== undefined
}

/** @param attributes the upstream's raw answer; without one, names refer to the profile */
export function mapProfile(
  profile: Profile,
  attributes: Attributes | undefined,
  tenantMapping?: ProfileMapping,
  groupsOmitted = false,
): Profile {
  const { roles: _never, ...base } = profile
  if (tenantMapping === undefined && isNormalized(base)) return base
  const mapping = tenantMapping ?? {}
  const answer = attributes ?? standardAttributes(base)
  const text = (attribute: TextAttribute, read: (value: unknown) => unknown) => {
    const choice = mapping[attributeNames[attribute]]
    return choice === undefined ? base[attribute] : firstOf(answer, choice, (value) => read(single(value)))
  }
  const groups = groupsFrom(base.groups, answer, mapping.groups, groupsOmitted)
  return definedOnly({
    ...textAttributesBy(text),
    email: emailOf(base.email, answer, mapping),
    phone: phoneFrom(base.phone, answer, mapping),
    groups: groups && groupsAs(groups, mapping.groups),
    roles: mapping.roles && rolesFrom(mapping.roles, groups, answer, groupsOmitted),
  })
}

/** Whether mapping nothing would leave it as it is. A plugin may return anything. */
function isNormalized(profile: Profile): boolean {
  const isStated = (one: Profile['email'] | Profile['phone']) => one === undefined || typeof one?.verified === 'boolean'
  const hasKnown = Object.keys(profile).every((name) => Object.hasOwn(attributeNames, name))
  return hasKnown && isStated(profile.email) && isStated(profile.phone)
}

/** A mapped address is verified if a mapped attribute says so, or if it equals the verified one. */
function emailOf(own: Profile['email'], answer: Attributes, mapping: ProfileMapping): Profile['email'] {
  const read = (value: unknown) => upstreamEmail(single(value)) ?? undefined
  const address = mapping.email === undefined ? own?.address : firstOf(answer, mapping.email, read)
  if (address === undefined) return undefined
  if (mapping.email_verified !== undefined) return { address, verified: saysYes(answer, mapping.email_verified) }
  return { address, verified: own?.verified === true && own.address === address }
}

function phoneFrom(own: Profile['phone'], answer: Attributes, mapping: ProfileMapping): Profile['phone'] {
  const read = (value: unknown) => phoneOf(single(value), true)
  const phone = mapping.phone_number === undefined ? own : firstOf(answer, mapping.phone_number, read)
  if (phone === undefined) return undefined
  if (mapping.phone_number_verified !== undefined)
    return phoneOf(phone.number, saysYes(answer, mapping.phone_number_verified))
  return { number: phone.number, verified: own?.verified === true && own.number === phone.number }
}

/** Groups by the upstream's names, from which roles are made. */
function groupsFrom(
  own: readonly string[] | undefined,
  answer: Attributes,
  mapping: GroupMapping = {},
  groupsOmitted: boolean,
) {
  const said = mapping.from === undefined ? own : firstOf(answer, mapping.from, namesOf)
  return said ?? (mapping.emptyWhenAbsent === true && !groupsOmitted ? [] : undefined)
}

function groupsAs(groups: readonly string[], { keepPrefixes, rename = {} }: GroupMapping = {}): readonly string[] {
  const matching =
    keepPrefixes === undefined
      ? groups
      : groups.filter((group) => keepPrefixes.some((prefix) => group.startsWith(prefix)))
  return [...new Set(matching.map((group) => ownValue(rename, group) ?? group))]
}

/** Undefined without a source of roles: absent never erases. A constant always counts. */
function rolesFrom(
  { from, fromGroups, constant }: RoleMapping,
  groups: readonly string[] | undefined,
  answer: Attributes,
  groupsOmitted: boolean,
): readonly string[] | undefined {
  // without the groups, roles that come from them would be lost
  if (groupsOmitted && fromGroups !== undefined && groups === undefined) return undefined
  const said = from === undefined ? undefined : firstOf(answer, from, namesOf)
  const granted = fromGroups && groups?.flatMap((group) => ownValue(fromGroups, group) ?? [])
  const sources = [said, granted, constant].filter((roles) => roles !== undefined)
  return sources.length === 0 ? undefined : [...new Set(sources.flat())].slice(0, maxGroups)
}

function firstOf<T>(answer: Attributes, choice: TextChoice, read: (value: unknown) => T | undefined): T | undefined {
  for (const one of choice) {
    const value = read(typeof one === 'string' ? attributeAt(answer, one) : one.constant)
    if (value !== undefined) return value
  }
  return undefined
}

/** Names of groups or roles. */
function namesOf(value: unknown): readonly string[] | undefined {
  return groupsOf(listOf(value))
}

function saysYes(answer: Attributes, choice: AttributeChoice): boolean {
  const readFlag = (value: unknown) => (value === undefined || value === null ? undefined : single(value))
  const said = firstOf(answer, choice, readFlag)
  return isYes(said)
}

/** The profile under the names of OpenID Connect. */
export function standardAttributes(profile: Profile): Attributes {
  const { email, phone, ...rest } = profile
  return {
    ...(email && { email: email.address, email_verified: email.verified }),
    ...(phone && { phone_number: phone.number, phone_number_verified: phone.verified }),
    ...Object.fromEntries(
      attributesOf(rest).map((attribute: Attribute) => [attributeNames[attribute], profile[attribute]]),
    ),
  }
}
