/** People, service providers and sessions of the emulated identity provider. */

export interface SamlPerson {
  readonly nameId: string
  /** Lists by attribute name, such as `email`, `displayName`, `groups`. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** A registered service provider: a Gatehouse connection. */
export interface SamlService {
  readonly entityId: string
  /** On the sign-in page. Default: the host of the entity ID. */
  readonly name?: string
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

/** A user on the pages. */
export function claimsOf({ nameId, attributes }: SamlPerson) {
  const email = attributes['email']?.[0]
  return { sub: nameId, name: attributes['displayName']?.[0], email, email_verified: true }
}
