/** Maps SAML attributes to a profile. A missing attribute erases no stored value. */
import {
  type Attribute,
  definedOnly,
  groupsOf,
  type Profile,
  phoneOf,
  textAttributesBy,
  upstreamEmail,
} from '../../../src/profile/profile.ts'
import type { Attributes as Captured } from '../../../src/provider/provider.ts'
import { isNameIdFormat } from '../xml/names.ts'
import type { NameId } from './name-id.ts'

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
const microsoft = 'http://schemas.microsoft.com/ws/2008/06/identity/claims'

/** Names of Okta, Entra, ADFS, Google Workspace, Keycloak and Shibboleth (eduPerson OIDs). */
export const usualAttributes: AttributeMapping = {
  email: [
    'email',
    'mail',
    'emailAddress',
    'User.email',
    'urn:oid:0.9.2342.19200300.100.1.3',
    'urn:oid:1.2.840.113549.1.9.1',
    'urn:mace:dir:attribute-def:mail',
    `${claims}/emailaddress`,
  ],
  name: [
    'displayName',
    'name',
    'cn',
    'urn:oid:2.16.840.1.113730.3.1.241',
    'urn:oid:2.5.4.3',
    'urn:mace:dir:attribute-def:displayName',
    'urn:mace:dir:attribute-def:cn',
    'http://schemas.microsoft.com/identity/claims/displayname',
  ],
  givenName: [
    'givenName',
    'firstName',
    'given_name',
    'User.FirstName',
    'urn:oid:2.5.4.42',
    'urn:mace:dir:attribute-def:givenName',
    `${claims}/givenname`,
  ],
  familyName: [
    'familyName',
    'lastName',
    'surname',
    'sn',
    'family_name',
    'User.LastName',
    'urn:oid:2.5.4.4',
    'urn:mace:dir:attribute-def:sn',
    `${claims}/surname`,
  ],
  pictureUrl: ['picture', 'pictureUrl'],
  locale: ['locale', 'preferredLanguage', 'urn:oid:2.16.840.1.113730.3.1.39'],
  zoneinfo: ['zoneinfo', 'timezone'],
  phone: ['phone', 'mobilePhone', 'telephoneNumber', 'urn:oid:2.5.4.20', `${claims}/mobilephone`],
  organization: ['organization', 'organisation', 'company', 'urn:oid:2.5.4.10'],
  groups: [
    'groups',
    'group',
    'memberOf',
    'isMemberOf',
    'urn:oid:1.3.6.1.4.1.5923.1.5.1.1',
    'urn:mace:dir:attribute-def:isMemberOf',
    `${microsoft}/groups`,
  ],
}

/** The possible names of each profile attribute; the first present one counts. */
export type AttributeMapping = { readonly [Name in Attribute]?: readonly string[] }

type Attributes = ReadonlyMap<string, readonly string[]>

export interface ProfileRules {
  readonly mapping: AttributeMapping
  /** The tenant asserts that its IdP verifies email addresses. */
  readonly emailsVerified: boolean
}

export function profileOf(
  attributes: Attributes,
  nameId: NameId | undefined,
  { mapping, emailsVerified }: ProfileRules,
): Profile {
  const folded = foldedNames(attributes)
  const values = (name: Attribute) => {
    const names = mapping[name] ?? []
    const exact = names.flatMap((key) => listOf(attributes.get(key)))
    const found = [...exact, ...names.flatMap((key) => listOf(folded.get(key.toLowerCase())))]
    return found.find(({ length }) => length > 0) ?? found[0]
  }
  const address = emailOf(values('email'), nameId)
  return definedOnly({
    ...textAttributesBy((name, read) => read(values(name)?.[0])),
    email: address === undefined ? undefined : { address, verified: emailsVerified },
    phone: phoneOf(values('phone')?.[0], false),
    groups: groupsOf(values('groups')),
  })
}

/** Ignores case; exact names take precedence. */
function foldedNames(attributes: Attributes): Attributes {
  return new Map([...attributes].toReversed().map(([name, values]) => [name.toLowerCase(), values]))
}

const listOf = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value])

const groupsLink = 'http://schemas.microsoft.com/claims/groups.link'

/** For a user with too many groups, Entra ID sends a link instead of the groups (R2). */
export function groupsOmission(attributes: Attributes): { readonly groupsOmitted?: true } {
  return attributes.has(groupsLink) && !attributes.has(`${microsoft}/groups`) ? { groupsOmitted: true } : {}
}

/** Attributes from JSON for `gatehouse profile preview`: a text or a list of texts each. */
export function attributesIn(captured: Captured): Attributes {
  const textsOf = (value: unknown) => [value].flat().filter((item) => typeof item === 'string')
  return new Map(Object.entries(captured).map(([name, value]) => [name, textsOf(value)]))
}

/** Several different addresses are ambiguous, so none is used (SA-42). */
function emailOf(values: readonly string[] | undefined, nameId: NameId | undefined): string | undefined {
  const fromName = nameId !== undefined && isNameIdFormat(nameId.format, 'emailAddress') ? [nameId.value] : []
  const candidates = values === undefined || values.length === 0 ? fromName : values
  const addresses = new Set(candidates.map((value) => upstreamEmail(value)))
  const [address] = addresses
  return addresses.size === 1 ? (address ?? undefined) : undefined
}
