/**
 * Levels of authentication in authorization requests (OpenID Connect Core 3.1.2.1 and 5.5.1.1, RFC
 * 9470): an app that requests one sends the user to prove a factor in the same session.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { levelOfEvidence, levelOfSession } from '../../broker/assurance/evidence.ts'
import { type Level, levelOfAcr, meets } from '../../broker/assurance/level.ts'
import { requestedLevel, requiredAssurance } from '../../broker/assurance/requirement.ts'
import type { Session } from '../../broker/session/session.ts'
import { evidenceRuleOf, type Tenant } from '../../tenant.ts'
import { settingsFor } from '../storage/clients.ts'

type Oidc = KoaContextWithOIDC['oidc']
type Tenants = ReadonlyMap<string, Tenant>

/** Essential acr values: only the `claims` parameter can make one essential. */
export function essentialAcrs(oidc: Oidc): readonly string[] {
  return oidc.claims.id_token?.['acr']?.essential === true ? acrsOfClaims(oidc) : []
}

/** `acr_values`, or a voluntary `acr` of the `claims` parameter. */
export function requestedAcrs(oidc: Oidc): readonly string[] {
  const values = oidc.params?.['acr_values']
  return typeof values === 'string' && values !== '' ? values.split(' ') : acrsOfClaims(oidc)
}

function acrsOfClaims({ claims }: Oidc): readonly string[] {
  const { value, values } = claims.id_token?.['acr'] ?? {}
  const claimed = [...(Array.isArray(values) ? values : []), ...(value === undefined ? [] : [value])]
  return claimed.filter((each) => typeof each === 'string')
}

const levelOf = (session: Session, tenants: Tenants) =>
  levelOfSession(session, evidenceRuleOf(tenants.get(session.tenant), session.connection))

/** Whether the session has one of the values, or a level that one of them names. */
export function hasAcr(session: Session, tenants: Tenants, acrs: readonly string[]): boolean {
  return actualAcr(session, tenants, acrs) !== undefined
}

/** Whether the upstream confirmed one of the acr values that are no level of ours. */
function hasUpstreamAcr({ acr }: Session, acrs: readonly string[]): boolean {
  return acr !== undefined && levelOfAcr(acr) === undefined && acrs.includes(acr)
}

function actualAcr(session: Session, tenants: Tenants, acrs: readonly string[]): string | undefined {
  if (hasUpstreamAcr(session, acrs)) return session.acr
  const achieved = levelOf(session, tenants)
  return acrs.find((acr) => {
    const level = levelOfAcr(acr)
    return level !== undefined && meets(achieved, level)
  })
}

/** The `acr` for an app: the first value it requests that the session has achieved. */
export function reportedAcr(session: Session, tenants: Tenants, oidc: Oidc | undefined): string | undefined {
  const requested = oidc?.params === undefined ? [] : requestedAcrs(oidc)
  return requested.length === 0 ? session.acr : (actualAcr(session, tenants, requested) ?? session.acr)
}

/**
 * An app that requires a factor gets no tokens by an older grant without one (MF-04). Throws
 * `invalid_grant`.
 * @param session that the grant began in, if it lives
 * @param tenant of the user
 */
export function assertFactorAtRefresh(
  { oidc }: KoaContextWithOIDC,
  { session, tenant }: { readonly session: Session | undefined; readonly tenant: string },
  tenants: Tenants,
): void {
  const token = oidc.entities.RefreshToken
  if (token === undefined || settingsFor(oidc.client).mfa !== 'required') return
  const level = session === undefined ? levelOfToken(token, tenants.get(tenant)) : levelOf(session, tenants)
  if (level === 'none') throw new errors.InvalidGrant('user: the app requires a second factor, and the grant has none')
}

/**
 * A token names no connection: an upstream's evidence counts if it does by the rule of every
 * connection of the tenant.
 */
export function levelOfToken({ acr, amr }: TokenEvidence, tenant: Tenant | undefined): Level {
  const own = acr === undefined ? undefined : levelOfAcr(acr)
  if (own !== undefined) return own
  const evidence = { ...(acr !== undefined && { acr }), ...(amr !== undefined && { amr }) }
  const levels = (tenant?.connections ?? []).map(({ mfaEvidence }) => levelOfEvidence(evidence, mfaEvidence))
  return levels.includes('none') ? 'none' : levelOfEvidence(evidence)
}

interface TokenEvidence {
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
}

/** The level that the user is to prove now; `none` if the session has it, or nothing needs it. */
export function missingLevel({ oidc }: KoaContextWithOIDC, session: Session, tenants: Tenants): Level {
  const { required, requested } = neededLevels(oidc, session)
  const achieved = levelOf(session, tenants)
  if (!meets(achieved, required)) return required
  return meets(achieved, requested) ? 'none' : requested
}

/** Whether the request fails without the level: the app's setting, or an essential acr. */
export function isLevelRequired({ oidc }: KoaContextWithOIDC, session: Session, tenants: Tenants): boolean {
  return !meets(levelOf(session, tenants), neededLevels(oidc, session).required)
}

function neededLevels(oidc: Oidc, session: Session) {
  const { mfa } = settingsFor(oidc.client)
  const essential = essentialAcrs(oidc)
  const required = requiredAssurance({
    policy: undefined,
    roles: [],
    appMfa: mfa,
    acrValues: hasUpstreamAcr(session, essential) ? [] : essential,
  })
  const requested = requestedAcrs(oidc)
  // voluntary: requested once, then the app gets the level achieved; never without a page
  const isSettled =
    oidc.prompts.has('none') || oidc.result?.['declined'] === session.id || hasUpstreamAcr(session, requested)
  return { required, requested: isSettled ? ('none' as const) : requestedLevel(requested) }
}
