/** Differences of a brand's tokens from the standard: issuers with many tenants, claims, checks. */
import { decodeJwt } from 'jose'
import { GatehouseError } from '../../src/errors.ts'
import type { ConnectionTraits, Identity, Recorder } from '../../src/provider/provider.ts'
import { attributesOf, type Claims, emailVerificationStatus, profileOf, subjectOf } from './claims/claims.ts'
import { groupsOmission } from './claims/groups-overage.ts'
import type { OidcConfig } from './config.ts'
import type { TokenRules } from './token/token-rules.ts'
import type { Upstream } from './upstream.ts'

const placeholder = '{tenantid}'

interface IssuerSource {
  readonly config: OidcConfig
  readonly rules: TokenRules
}

const tenantId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The issuers that a token with these claims may name: none if it should name a tenant. */
export function issuersOf(upstream: Upstream, claims: Claims): readonly string[] {
  return expectedIssuers(upstream, () => claims)
}

/** @param claimsOf is called for the issuer of many tenants only */
function expectedIssuers(upstream: Upstream, claimsOf: () => Claims): readonly string[] {
  const announced = announcedIssuer(upstream)
  if (!announced.includes(placeholder)) return [announced]
  const { tid } = claimsOf()
  return typeof tid === 'string' && tenantId.test(tid) ? [announced.replace(placeholder, tid)] : []
}

/** The issuers that `issuersOf` returns for the claims of a token that is not validated yet. */
export function issuersOfToken(upstream: Upstream, token: string): readonly string[] {
  try {
    return expectedIssuers(upstream, () => decodeJwt(token))
  } catch {
    return issuersOf(upstream, {}) // validation says what is wrong
  }
}

/** The traits that name one issuer, or the template of many. */
export function issuerTraits(source: IssuerSource): Pick<ConnectionTraits, 'issuers' | 'issuerTemplate'> {
  const announced = announcedIssuer(source)
  return announced.includes(placeholder)
    ? {
        issuerTemplate: { before: announced.split(placeholder)[0] ?? '', after: announced.split(placeholder)[1] ?? '' },
      }
    : { issuers: [announced] }
}

function announcedIssuer({ config, rules }: IssuerSource): string {
  return rules.announcedIssuer?.(config.issuer) ?? config.issuer
}

/** Issuers of brands, of any kind; the last one is Microsoft's for personal accounts. */
const issuersOpenToAnyone = [
  /^https:\/\/(?:gitlab\.com|accounts\.google\.com|(?:account|appleid)\.apple\.com)\/?$/,
  /^https:\/\/(?:www\.linkedin\.com(?:\/oauth)?|access\.line\.me)\/?$/,
  /\/9188040d-6c67-4c5b-b112-36a304b66dad\/v2\.0$/i,
]

/**
 * A domain's DNS proof may replace a missing `email_verified` only if one organization runs the
 * upstream. Otherwise any directory could use any address of that domain (nOAuth, ID-01).
 */
export function unknownVerification(
  source: IssuerSource,
  ...answers: readonly (Claims | undefined)[]
): Pick<Identity, 'emailVerificationUnknown'> {
  const issuer = announcedIssuer(source)
  const isShared =
    issuer.includes(placeholder) ||
    issuersOpenToAnyone.some((known) => known.test(issuer)) ||
    source.rules.isOpenToAnyone(issuer)
  return isShared ? {} : emailVerificationStatus(...answers)
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
    ...unknownVerification(upstream, claims, userinfo),
    ...groupsOmission({ ...claims, ...userinfo }, config, record),
  }
}
