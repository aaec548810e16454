/** From attributes to a profile: which names mean what, unless a tenant says otherwise. Absent is not none. */
import { canonicalEmail, groupsOf, type Profile, pictureUrlOf, textOf } from '../../src/profile.ts'
import type { NameId } from './assertion.ts'
import { nameIdFormats } from './names.ts'

export const profileAttributes = [
  ...(['email', 'name', 'givenName', 'familyName', 'pictureUrl', 'locale', 'zoneinfo', 'groups'] as const),
]
export type ProfileAttribute = (typeof profileAttributes)[number]

/** For each of a profile's attributes the names it may come under; the first that is there counts. */
export type AttributeMapping = Readonly<Record<ProfileAttribute, readonly string[]>>

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
const microsoft = 'http://schemas.microsoft.com/ws/2008/06/identity/claims'

/** As Okta, Entra, ADFS, Google Workspace, Keycloak and Shibboleth (eduPerson OIDs) name them. */
export const usualAttributes: AttributeMapping = {
  email: [
    'email',
    'mail',
    'emailAddress',
    'urn:oid:0.9.2342.19200300.100.1.3',
    'urn:oid:1.2.840.113549.1.9.1',
    `${claims}/emailaddress`,
  ],
  name: [
    'displayName',
    'name',
    'cn',
    'urn:oid:2.16.840.1.113730.3.1.241',
    'urn:oid:2.5.4.3',
    'http://schemas.microsoft.com/identity/claims/displayname',
  ],
  givenName: ['givenName', 'firstName', 'given_name', 'urn:oid:2.5.4.42', `${claims}/givenname`],
  familyName: ['familyName', 'lastName', 'surname', 'sn', 'family_name', 'urn:oid:2.5.4.4', `${claims}/surname`],
  pictureUrl: ['picture', 'pictureUrl'],
  locale: ['locale', 'preferredLanguage', 'urn:oid:2.16.840.1.113730.3.1.39'],
  zoneinfo: ['zoneinfo', 'timezone'],
  groups: ['groups', 'group', 'memberOf', 'isMemberOf', 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1', `${microsoft}/groups`],
}

type Attributes = ReadonlyMap<string, readonly string[]>

export interface ProfileRules {
  readonly mapping: AttributeMapping
  /** The tenant vouches that its IdP tells only addresses it has checked. */
  readonly emailsVerified: boolean
}

export function profileOf(
  attributes: Attributes,
  nameId: NameId | undefined,
  { mapping, emailsVerified }: ProfileRules,
): Profile {
  const values = (name: ProfileAttribute) =>
    mapping[name].map((key) => attributes.get(key)).find((found) => found !== undefined)
  const text = (name: ProfileAttribute) => textOf(values(name)?.[0])
  const address = emailOf(values('email'), nameId)
  const profile = {
    email: address === undefined ? undefined : { address, verified: emailsVerified },
    name: text('name'),
    givenName: text('givenName'),
    familyName: text('familyName'),
    pictureUrl: pictureUrlOf(values('pictureUrl')?.[0]),
    locale: text('locale'),
    zoneinfo: text('zoneinfo'),
    groups: groupsOf(values('groups')),
  }
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
}

/** Several different addresses are none: nobody knows which of them the person answers for (SA-42). */
function emailOf(values: readonly string[] | undefined, nameId: NameId | undefined): string | undefined {
  const fromName = nameId?.format === nameIdFormats.emailAddress ? [nameId.value] : []
  const addresses = new Set((values ?? fromName).map((value) => canonicalEmail(value)))
  const [address] = addresses
  return addresses.size === 1 ? (address ?? undefined) : undefined
}
