/** Why an email of the upstream is not in the profile, for the trace. */

import { type Check, checkOf } from '../../errors.ts'
import { attributeAt } from '../../profile/attributes.ts'
import type { ProfileMapping } from '../../profile/mapping.ts'
import { emailFault } from '../../profile/profile.ts'
import type { Identity } from '../../provider/provider.ts'

/** Names of email attributes, with the OID of LDAP's `mail`. */
const emailName = /mail|^urn:oid:0\.9\.2342\.19200300\.100\.1\.3$/i

/** Undefined if there is an email, or none was sent. */
export function unusableEmail({ profile, attributes = {} }: Identity, mapping?: ProfileMapping): Check | undefined {
  if (profile.email !== undefined) return undefined
  const names = mapping?.email ?? Object.keys(attributes).filter((name) => emailName.test(name))
  const sent = names.flatMap((name) => [attributeAt(attributes, name)].flat())
  const faults = sent.flatMap((value) =>
    typeof value === 'string' && value.trim() !== '' ? (emailFault(value) ?? []) : [],
  )
  const [got = otherFault(sent, mapping)] = faults
  return got === undefined ? undefined : checkOf('email', false, 'an email address that can be used', got)
}

/** The sign-in works, but apps get no email of the user. */
export function noEmail({ profile }: Identity): Check | undefined {
  return profile.email === undefined ? checkOf('email', false, 'an email address', 'none') : undefined
}

function otherFault(sent: readonly unknown[], mapping?: ProfileMapping): string | undefined {
  const texts = sent.filter((value) => typeof value === 'string' && value.trim() !== '')
  if (texts.length > 1) return `${texts.length} addresses: map one of them, such as emails.0`
  if (sent.some((value) => typeof value === 'object' && value !== null)) return 'an object: map one of its members'
  return mapping?.email === undefined ? undefined : `none: the upstream sent no ${mapping.email.join(' and no ')}`
}
