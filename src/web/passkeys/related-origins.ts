import { relatedOriginsOf } from '../../broker/factors/passkeys/passkey-site.ts'
import { GatehouseError } from '../../errors.ts'
import type { Call, WithParts } from '../shell.ts'

/** `/.well-known/webauthn`: origins whose pages may use our passkeys (WebAuthn Level 3, 5.11). */
export async function sendRelatedOrigins({ shell, response }: Call<WithParts<'passkeySite'>>): Promise<void> {
  const { passkeySite } = shell.parts
  const related = passkeySite === undefined ? [] : relatedOriginsOf(passkeySite)
  if (passkeySite === undefined || related.length === 0)
    throw new GatehouseError('not_found', 'passkeys have no related origins')
  response
    .set('cache-control', 'public, max-age=3600')
    .json({ origins: passkeySite.origins.slice(0, 1).concat(related) })
}
