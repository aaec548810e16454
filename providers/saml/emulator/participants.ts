/** People, service providers and sessions of the emulated identity provider. */

export interface SamlPerson {
  readonly nameId: string
  /** Lists by attribute name, such as `email`, `displayName`, `groups`. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** A registered service provider: a Gatehouse connection. */
export interface SamlService {
  readonly entityId: string
  readonly acs: string
  /** Its logout URL. */
  readonly slo?: string
  /** PEM. Requires signed requests, and allows encrypted assertions. */
  readonly certificate?: string
}

export interface SamlSession {
  readonly index: string
  readonly nameId: string
  readonly format: string
  readonly service: SamlService
}
