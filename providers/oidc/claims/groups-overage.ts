/**
 * Entra ID omits `groups` from a token with too many and refers to Microsoft Graph by
 * `_claim_names` or `hasgroups`.
 * https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
import type { Identity, Recorder } from '../../../src/provider/provider.ts'
import { isMembers } from '../endpoint/optional.ts'
import type { Claims } from './claims.ts'

type Omission = Pick<Identity, 'groupsOmitted'>

export function groupsOmission(
  claims: Claims,
  { groupsClaim }: { readonly groupsClaim: string },
  record?: Recorder,
): Omission {
  if (Array.isArray(claims[groupsClaim]) || !isOverage(claims, groupsClaim)) return {}
  record?.check({
    name: 'groups',
    ok: true,
    expected: 'the groups, or none',
    got: 'a reference to too many groups (overage): known groups and roles stay as they are',
  })
  return { groupsOmitted: true }
}

function isOverage(claims: Claims, groupsClaim: string): boolean {
  const { _claim_names: elsewhere, hasgroups } = claims
  if (isMembers(elsewhere) && ['groups', groupsClaim].some((name) => Object.hasOwn(elsewhere, name))) return true
  return hasgroups === true || String(hasgroups).toLowerCase() === 'true'
}
