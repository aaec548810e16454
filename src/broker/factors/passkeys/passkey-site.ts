/** The relying party of all passkeys: their domain, and the origins that may use them. */
import { GatehouseError } from '../../../errors.ts'

export interface PasskeySite {
  /** The domain that passkeys are bound to (WebAuthn Level 3, 5.4.2). */
  readonly rpId: string
  /** Origins where a ceremony may run: our own first, then related origins and native apps. */
  readonly origins: readonly string[]
}

export interface PasskeySettings {
  readonly rpId?: string | undefined
  readonly relatedOrigins: readonly string[]
}

/** Undefined for an IP address: WebAuthn needs a domain. */
export function passkeySiteOf(publicUrl: URL, { rpId, relatedOrigins }: PasskeySettings): PasskeySite | undefined {
  const id = rpId ?? publicUrl.hostname
  const isAddress = id.startsWith('[') || /^[\d.]+$/.test(id)
  return isAddress ? undefined : { rpId: id, origins: [...new Set([publicUrl.origin, ...relatedOrigins])] }
}

/** Origins that browsers look up at `/.well-known/webauthn` (WebAuthn Level 3, 5.11). */
export function relatedOriginsOf({ origins }: PasskeySite): readonly string[] {
  return origins.slice(1).filter((origin) => origin.startsWith('https://'))
}

/** Throws `passkeys_unavailable`: the deployment is reached by an IP address. */
export function requirePasskeySite({ passkeySite }: { readonly passkeySite: PasskeySite | undefined }): PasskeySite {
  if (passkeySite !== undefined) return passkeySite
  throw new GatehouseError('passkeys_unavailable', 'passkeys need a domain: publicUrl has an IP address')
}
