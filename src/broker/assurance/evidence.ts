/**
 * The multi-factor level of an upstream's evidence, and the acr and amr that apps receive. Pure.
 */
import type { Evidence } from '../../provider/login.ts'
import type { EvidenceRule } from '../../tenant.ts'
import type { VerifiedFactor } from '../factors/verify-factor.ts'
import type { Session } from '../session/session.ts'
import { acrs, type Level, levelOfAcr, levelRank } from './level.ts'

/** `acr` values that name multi-factor authentication. */
const mfaAcrs: ReadonlySet<string> = new Set([
  acrs.mfa,
  acrs.phr,
  'http://schemas.openid.net/pape/policies/2007/06/multi-factor',
  'http://schemas.openid.net/pape/policies/2007/06/multi-factor-physical',
  'https://refeds.org/profile/mfa',
  'http://schemas.microsoft.com/claims/multipleauthn',
  // SAML authentication contexts that require two factors (saml-authn-context-2.0, 3.4)
  'urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract',
  'urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered',
  'urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI',
])

/** OpenID Connect Extended Authentication Profile ACR Values 1.0. */
const phishingResistantAcrs: ReadonlySet<string> = new Set([acrs.phr, 'phr', 'phrh'])

const mfaAmrs: ReadonlySet<string> = new Set(['mfa', 'http://schemas.microsoft.com/claims/multipleauthn'])

/** Kinds of the methods of RFC 8176: something known, owned, or of the body. */
const kindOfAmr: ReadonlyMap<string, 'known' | 'owned' | 'body'> = new Map([
  ...(['pwd', 'pin', 'kba'] as const).map((name) => [name, 'known'] as const),
  ...(['otp', 'hwk', 'swk', 'sms', 'tel', 'sc'] as const).map((name) => [name, 'owned'] as const),
  ...(['face', 'fpt', 'iris', 'retina', 'vbm'] as const).map((name) => [name, 'body'] as const),
])

/**
 * Whether the upstream says that the user proved two factors.
 * @param rule the connection's; without one, the well-known values count
 */
export function hasMfaEvidence({ acr, amr = [] }: Pick<Evidence, 'acr' | 'amr'>, rule: EvidenceRule = {}): boolean {
  if (rule === 'none') return false
  const isListed = acr !== undefined && rule.acr?.includes(acr) === true
  const hasListed = amr.some((name) => rule.amr?.includes(name) === true)
  if (isListed || hasListed) return true
  const byAcr = rule.acr === undefined && acr !== undefined && (mfaAcrs.has(acr) || phishingResistantAcrs.has(acr))
  if (byAcr || rule.amr !== undefined) return byAcr
  const kinds = new Set(amr.flatMap((name) => kindOfAmr.get(name) ?? []))
  return amr.some((name) => mfaAmrs.has(name)) || kinds.size >= 2
}

/** The level that the evidence alone reaches. */
export function levelOfEvidence(evidence: Pick<Evidence, 'acr' | 'amr'>, rule?: EvidenceRule): Level {
  if (!hasMfaEvidence(evidence, rule)) return 'none'
  return evidence.acr !== undefined && phishingResistantAcrs.has(evidence.acr) ? 'phishing-resistant' : 'second factor'
}

/** The level that a session has reached. @param rule of the session's connection */
export function levelOfSession({ acr, amr, factorAt }: Pick<Session, 'acr' | 'amr' | 'factorAt'>, rule?: EvidenceRule) {
  const upstream = levelOfEvidence({ ...(acr !== undefined && { acr }), ...(amr !== undefined && { amr }) }, rule)
  if (factorAt === undefined) return upstream
  const own = acr === acrs.phr ? 'phishing-resistant' : 'second factor'
  return levelRank(own) > levelRank(upstream) ? own : upstream
}

/** The `acr` and `amr` of a session whose user proved a factor here; the higher level counts. */
export function resultingAcrAmr(
  evidence: Pick<Evidence, 'acr' | 'amr'>,
  factor: Pick<VerifiedFactor, 'method' | 'amr'>,
) {
  const isResistant = factor.method === 'passkey' || levelOfEvidence(evidence) === 'phishing-resistant'
  const acr = isResistant ? acrs.phr : acrs.mfa
  return { acr, amr: [...new Set([...(evidence.amr ?? []), ...factor.amr, 'mfa'])] }
}

/**
 * The upstream's evidence as the session keeps it: `acr` values that apps may request of us, or
 * that raise a factor here, are ours to assert: an upstream's are dropped unless the connection's
 * rule trusts them.
 */
export function trustedEvidence(evidence: Evidence, rule?: EvidenceRule): Evidence {
  const { acr, ...rest } = evidence
  const isOurs = acr !== undefined && (levelOfAcr(acr) !== undefined || phishingResistantAcrs.has(acr))
  return isOurs && !hasMfaEvidence({ acr }, rule) ? rest : evidence
}

/** The factor that the user of a session has proven to Gatehouse, for a session that follows it. */
export function factorOf({ acr, amr = [], factorAt }: Pick<Session, 'acr' | 'amr' | 'factorAt'>) {
  if (factorAt === undefined) return undefined
  return { method: acr === acrs.phr ? ('passkey' as const) : ('totp' as const), amr, at: factorAt }
}
