/** Which users may use an app: `allow` and `allowPerTenant` of its settings. Pure. */
import { domainOf } from '../profile/email-address.ts'
import type { Profile } from '../profile/profile.ts'

/** One match in any list is enough. At least one list has an entry. */
export interface AllowRule {
  /** Groups as they count in the session (broker/session/permissions.ts). */
  readonly groups?: readonly string[] | undefined
  /** Roles of the profile, from a connection's mapping. Not the roles of Gatehouse. */
  readonly roles?: readonly string[] | undefined
  /** Canonical addresses, or `@` and a domain. Only a proven email matches. */
  readonly emails?: readonly string[] | undefined
}

export interface AppAccess {
  readonly allow?: AllowRule | undefined
  /** Rules by tenant, each in place of `allow`. */
  readonly allowPerTenant?: Readonly<Record<string, AllowRule>> | undefined
}

export interface AccessCandidate {
  readonly tenant: string
  /** The profile of the session: `email.verified` says whether the email is proven. */
  readonly profile: Pick<Profile, 'email' | 'groups' | 'roles'>
}

/** Groups, roles and domains that would allow the user, without addresses of other users. */
export interface MissingAccess {
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  readonly emailDomains: readonly string[]
  /** Some addresses are listed, and the user's is none of them. */
  readonly listedEmails: boolean
  /** The user's address, which would match if it were proven. */
  readonly unprovenEmail: string | undefined
}

/** Undefined: every user of a tenant that the app serves. */
export function allowRuleOf({ allow, allowPerTenant }: AppAccess, tenant: string): AllowRule | undefined {
  const own = allowPerTenant !== undefined && Object.hasOwn(allowPerTenant, tenant) ? allowPerTenant[tenant] : undefined
  return own ?? allow
}

/** Undefined: the user may use the app. */
export function missingAccess(app: AppAccess, { tenant, profile }: AccessCandidate): MissingAccess | undefined {
  const rule = allowRuleOf(app, tenant)
  if (rule === undefined) return undefined
  const { groups = [], roles = [], emails = [] } = rule
  const { email } = profile
  const isListed = email !== undefined && matchesEmail(emails, email.address)
  if (isListed && email.verified) return undefined
  if (isAnyOf(groups, profile.groups) || isAnyOf(roles, profile.roles)) return undefined
  return {
    groups,
    roles,
    emailDomains: emails.filter((entry) => entry.startsWith('@')).map((entry) => entry.slice(1)),
    listedEmails: emails.some((entry) => !entry.startsWith('@')),
    unprovenEmail: isListed ? email.address : undefined,
  }
}

function matchesEmail(emails: readonly string[], address: string): boolean {
  return emails.includes(address) || emails.includes(`@${domainOf(address)}`)
}

function isAnyOf(allowed: readonly string[], held: readonly string[] = []): boolean {
  return allowed.some((name) => held.includes(name))
}

/** Completes "This app is for". The same words in pages, descriptions and logs. */
export const accessText = (missing: MissingAccess): string => accessTexts(missing).join(', or ')

/** Each is enough. */
export function accessTexts(missing: MissingAccess): readonly string[] {
  const { groups, roles, emailDomains, listedEmails } = missing
  return [
    ...(groups.length > 0 ? [`members of the ${listText('group', groups)}`] : []),
    ...(roles.length > 0 ? [`users with the ${listText('role', roles)}`] : []),
    ...(emailDomains.length > 0 ? [`users with a confirmed email address at ${emailDomains.join(' or ')}`] : []),
    ...(listedEmails ? ['users whose confirmed email address is on its list'] : []),
  ]
}

const maxNamed = 5

function listText(noun: string, names: readonly string[]): string {
  const shown = names.slice(0, maxNamed).map((name) => JSON.stringify(name.slice(0, 80)))
  const more = names.length > maxNamed ? [`${names.length - maxNamed} more`] : []
  return `${noun}${names.length === 1 ? '' : 's'} ${[...shown, ...more].join(' or ')}`
}

/**
 * One entry a line, as forms have it: `group:` or `role:` and a name, an address, `@` and a domain.
 */
export function allowLines({ groups = [], roles = [], emails = [] }: AllowRule = {}): readonly string[] {
  return [...groups.map((name) => `group:${name}`), ...roles.map((name) => `role:${name}`), ...emails]
}

/** Undefined without lines. Anything without a prefix counts as an address. */
export function allowRuleFrom(lines: readonly string[]): AllowRule | undefined {
  if (lines.length === 0) return undefined
  const after = (prefix: string) =>
    lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length).trim())
  const emails = lines.filter((line) => !line.startsWith('group:') && !line.startsWith('role:'))
  const [groups, roles] = [after('group:'), after('role:')]
  return {
    ...(groups.length > 0 && { groups }),
    ...(roles.length > 0 && { roles }),
    ...(emails.length > 0 && { emails }),
  }
}
