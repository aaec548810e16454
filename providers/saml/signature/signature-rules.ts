/** What the setting `signed` requires, and what our metadata requests. */
import type { SamlConfig } from '../config.ts'

export interface SignatureRules {
  readonly needsResponse: boolean
  readonly needsAssertion: boolean
  /** WantAssertionsSigned in our metadata. */
  readonly asksForAssertion: boolean
}

/** At least one of the two must always be signed. */
export const signatureRules: Readonly<Record<SamlConfig['signed'], SignatureRules>> = {
  either: { needsResponse: false, needsAssertion: false, asksForAssertion: true },
  assertion: { needsResponse: false, needsAssertion: true, asksForAssertion: true },
  response: { needsResponse: true, needsAssertion: false, asksForAssertion: false },
  both: { needsResponse: true, needsAssertion: true, asksForAssertion: true },
}
