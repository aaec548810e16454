/** Apps as JSON for their developers. */
import type { App, AppKey, ClientSecret } from '../../../app/app.ts'
import { settingsOf } from '../../../app/settings.ts'
import { isLiveSecret, type ShownSecret } from '../../../broker/secrets/client-secret.ts'
import { isoTime } from '../../../http/iso-time.ts'
import type { Shell } from '../../shell.ts'

type Uses = ReadonlyMap<string, Date>

/** Settings of the app's OpenID Connect library. */
export function addressesOf(publicUrl: URL) {
  return { issuer: publicUrl.origin, discovery: `${publicUrl.origin}/.well-known/openid-configuration` }
}

export function appView(app: App, publicUrl: URL) {
  const { id, name, kind, logoUri, redirectUris, postLogoutRedirectUris, backchannelLogoutUri } = app
  return {
    id,
    name,
    kind,
    logoUri,
    redirectUris,
    postLogoutRedirectUris,
    backchannelLogoutUri,
    ...settingsOf(app),
    tenants: app.tenants,
    scopes: app.scopes,
    createdAt: isoTime(app.createdAt),
    ...addressesOf(publicUrl),
  }
}

/** The app with its keys, and its secrets without values. */
export function appDetailsView(app: App, uses: Uses, publicUrl: URL, now: Date) {
  return {
    ...appView(app, publicUrl),
    secrets: app.secrets.filter((secret) => isLiveSecret(secret, now)).map((secret) => secretView(secret, uses)),
    keys: app.keys.map((key) => keyView(key, uses)),
  }
}

function secretView({ id, createdAt, expiresAt }: ClientSecret, uses: Uses) {
  return {
    id,
    createdAt: isoTime(createdAt),
    expiresAt: optionalTime(expiresAt),
    lastUsedAt: optionalTime(uses.get(id)),
  }
}

type RevealedSecret = ShownSecret & { readonly lastUsedAt?: Date | undefined }

export function revealedSecretView({ id, createdAt, expiresAt, text, withheld, lastUsedAt }: RevealedSecret) {
  return {
    id,
    secret: text,
    createdAt: isoTime(createdAt),
    expiresAt: optionalTime(expiresAt),
    lastUsedAt: optionalTime(lastUsedAt),
    ...(withheld && { withheld: 'sign in again to see it' }),
  }
}

/** The app with the last uses that the store has now. */
export async function detailsOf({ parts, publicUrl }: Shell, app: App) {
  return appDetailsView(app, await parts.apps.usesOf(app.id), publicUrl, parts.now())
}

export function keyView({ id, name, source, createdAt }: AppKey, uses: Uses = new Map()) {
  const key =
    source.kind === 'jwks'
      ? { jwksUrl: source.url }
      : { publicKey: { ...source.jwk, kty: source.jwk.kty ?? '', kid: id } }
  return { id, name, ...key, createdAt: isoTime(createdAt), lastUsedAt: optionalTime(uses.get(id)) }
}

const optionalTime = (time: Date | undefined) => (time === undefined ? undefined : isoTime(time))
