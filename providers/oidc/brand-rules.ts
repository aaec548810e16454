/** Where a brand's tokens differ from the standard: issuers with many tenants, claims, checks. */
import { decodeJwt } from 'jose'
import { GatehouseError } from '../../src/errors.ts'
import type { Identity, Recorder } from '../../src/provider/provider.ts'
import { attributesOf, type Claims, emailVerificationStatus, profileOf, subjectOf } from './claims/claims.ts'
import { groupsOmission } from './claims/groups-overage.ts'
import type { Upstream } from './upstream.ts'

const placeholder = '{tenantid}'
const tenantId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The issuers that a token with these claims may name: none if it should name a tenant. */
export function issuersOf({ config, rules }: Upstream, { tid }: Claims): readonly string[] {
  const announced = rules.announcedIssuer?.(config.issuer) ?? config.issuer
  if (!announced.includes(placeholder)) return [announced]
  return typeof tid === 'string' && tenantId.test(tid) ? [announced.replace(placeholder, tid)] : []
}

/** As `issuersOf`, for a token that is not validated yet. */
export function issuersOfToken(upstream: Upstream, token: string): readonly string[] {
  try {
    return issuersOf(upstream, decodeJwt(token))
  } catch {
    return issuersOf(upstream, {}) // validation says what is wrong
  }
}

/** Undefined if each token names its own. */
export function fixedIssuers({ config, rules }: Upstream): readonly string[] | undefined {
  const announced = rules.announcedIssuer?.(config.issuer) ?? config.issuer
  return announced.includes(placeholder) ? undefined : [announced]
}

export function checkBrandRules({ config, rules }: Upstream, claims: Claims, record: Recorder): void {
  for (const { text, ...check } of rules.checks?.(claims, config) ?? []) {
    const message = `the ID token did not pass the check of ${check.name}`
    if (!check.ok) throw new GatehouseError('upstream_invalid', message, { check, ...(text !== undefined && { text }) })
    record.check(check)
  }
}

/** The user of validated answers. */
export function identityOf(
  upstream: Upstream,
  idToken: Claims,
  userinfo: Claims | undefined,
  record: Recorder,
): Identity {
  const { config, rules } = upstream
  const claims = rules.standardClaims?.(idToken) ?? idToken
  return {
    issuer: String(idToken['iss']),
    subject: subjectOf(rules.subject?.(idToken, config) ?? idToken['sub'], config) ?? '',
    profile: profileOf(claims, userinfo, config.groupsClaim),
    attributes: attributesOf(claims, userinfo),
    ...emailVerificationStatus(claims, userinfo),
    ...groupsOmission({ ...claims, ...userinfo }, config, record),
  }
}
