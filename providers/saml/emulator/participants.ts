/** People, service providers and sessions of the emulated identity provider. */

export interface SamlPerson {
  readonly nameId: string
  /** By name, each a list: `email`, `displayName`, `givenName`, `familyName`, `groups`, or whatever the brand calls them. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** A service provider that may ask: Gatehouse's connection. */
export interface SamlService {
  readonly entityId: string
  readonly acs: string
  /** Where it takes logout messages, if it does. */
  readonly slo?: string
  /** PEM; requests must be signed by its key then, and assertions can be encrypted for it. */
  readonly certificate?: string
}

export interface SamlSession {
  readonly index: string
  readonly nameId: string
  readonly format: string
  readonly service: SamlService
}
