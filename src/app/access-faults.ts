/** Faults in the access rules of an app. Each names the setting and the fix. */
import { canonicalEmail } from '../profile/email-address.ts'
import type { AllowRule, AppAccess } from './access.ts'

interface AccessFault {
  readonly field: 'allow' | 'allowPerTenant'
  readonly message: string
}

export const maxAllowEntries = 200
const maxEntryLength = 256

export function* accessFaults({ allow, allowPerTenant }: AppAccess): Generator<AccessFault, void> {
  if (allow !== undefined) for (const message of ruleFaults(allow)) yield { field: 'allow', message }
  const rules = Object.entries(allowPerTenant ?? {})
  if (allowPerTenant !== undefined && rules.length === 0)
    yield { field: 'allowPerTenant', message: 'names no tenant; remove it' }
  for (const [tenant, rule] of rules)
    for (const message of ruleFaults(rule)) yield { field: 'allowPerTenant', message: `of ${tenant} ${message}` }
}

function* ruleFaults({ groups = [], roles = [], emails = [] }: AllowRule): Generator<string, void> {
  const all = [...groups, ...roles, ...emails]
  // an empty rule would allow no user, but reads like no restriction
  if (all.length === 0) yield 'names no groups, roles or emails; remove it to allow every user'
  if (all.length > maxAllowEntries) yield `must have at most ${maxAllowEntries} entries; use a group`
  for (const entry of all)
    if (entry === '' || entry.length > maxEntryLength) yield `must have entries of 1 to ${maxEntryLength} characters`
  for (const email of emails)
    if (!isEmailEntry(email)) yield `${JSON.stringify(email.slice(0, 120))} is no email address, nor @ and a domain`
}

const isEmailEntry = (entry: string) => canonicalAllowEmail(entry) !== undefined

/**
 * The entry in the form in which sessions hold addresses. Undefined if it is no email or domain.
 */
export function canonicalAllowEmail(entry: string): string | undefined {
  const isDomain = entry.startsWith('@')
  const address = canonicalEmail(isDomain ? `user${entry}` : entry)
  if (address === null) return undefined
  return isDomain ? address.slice('user'.length) : address
}

/** Both rules of an app, as `canonicalRule`. */
export function canonicalAccess({ allow, allowPerTenant }: AppAccess): AppAccess {
  const ofTenants = Object.entries(allowPerTenant ?? {}).map(([tenant, rule]) => [tenant, canonicalRule(rule)])
  return {
    allow: allow && canonicalRule(allow),
    allowPerTenant: allowPerTenant && Object.fromEntries(ofTenants),
  }
}

/** The rule with canonical emails. Invalid entries stay, so that `accessFaults` can name them. */
export function canonicalRule({ groups, roles, emails }: AllowRule): AllowRule {
  return {
    ...(groups !== undefined && { groups }),
    ...(roles !== undefined && { roles }),
    ...(emails !== undefined && { emails: emails.map((entry) => canonicalAllowEmail(entry) ?? entry) }),
  }
}
