/**
 * Groups overage: Entra ID leaves out `groups` if the user is in too many, and refers to Microsoft
 * Graph by `_claim_names` (OIDC Core 5.6.2) or `hasgroups`.
 * https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
import type { Check } from '../../../src/errors.ts'
import { attributeAt } from '../../../src/profile/attributes.ts'
import { groupsOf, listOf } from '../../../src/profile/profile.ts'
import type { Identity, Recorder } from '../../../src/provider/provider.ts'
import { isJsonObject } from '../endpoint/optional.ts'
import type { Claims } from './claims.ts'

type Omission = Pick<Identity, 'groupsOmitted'>

/** `groupsOmitted` keeps the user's known groups; without it, missing groups count as none. */
export function groupsOmission(
  claims: Claims,
  { groupsClaim }: { readonly groupsClaim: string },
  record?: Recorder,
): Omission {
  const groups = listOf(attributeAt(claims, groupsClaim))
  if (Array.isArray(groups)) {
    if (groups.length > 0 && groupsOf(groups) === undefined) record?.check(unreadableGroups(groupsClaim))
    return {}
  }
  if (!isOverage(claims, groupsClaim)) return {}
  record?.check({
    name: 'groups',
    ok: true,
    expected: 'the groups, or none',
    got: 'a reference to too many groups (overage): known groups and roles stay as they are',
  })
  return { groupsOmitted: true }
}

function unreadableGroups(groupsClaim: string): Check {
  const got = `objects, which are ignored: set groupsClaim to the member with the name, such as ${groupsClaim}.*.name`
  return { name: 'groups', ok: true, expected: 'a list of names', got }
}

function isOverage(claims: Claims, groupsClaim: string): boolean {
  const { _claim_names: sources, hasgroups } = claims
  if (isJsonObject(sources) && ['groups', groupsClaim].some((name) => Object.hasOwn(sources, name))) return true
  return hasgroups === true || String(hasgroups).toLowerCase() === 'true'
}
