/** Differences of a brand's tokens from the standard. */
import type { Check } from '../../../src/errors.ts'
import type { Claims } from '../claims/claims.ts'
import type { OidcConfig } from '../config.ts'

/** A check with a text for the user. */
export interface BrandCheck extends Check {
  readonly text?: string
}

export interface TokenRules {
  /**
   * Whether anyone can have an account at this issuer. A domain's DNS proof then verifies no email
   * (ID-01). For an issuer of many tenants, it never does.
   */
  isOpenToAnyone(issuer: string): boolean
  /** The issuer in discovery; with `{tenantid}`, each token names its tenant in `tid`. */
  announcedIssuer?(configured: string): string
  /** The claims in the names of the standard. */
  standardClaims?(claims: Claims): Claims
  /** The claim that identifies the user. Default `sub`. */
  subject?(claims: Claims, config: OidcConfig): unknown
  /** Refresh tokens need the scope offline_access. Default true. */
  readonly refreshScope?: boolean
  /** Additional checks of validated tokens. */
  checks?(claims: Claims, config: OidcConfig): readonly BrandCheck[]
}
