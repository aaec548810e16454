/** Checks an app's credentials against its settings, and adds warnings of `gatehouse check`. */

import { canKeepSecret } from '../../app/app.ts'
import { algorithmsOf, readPublicKey } from '../../app/public-key.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import type { AppKind } from '../../app/settings.ts'
import { type AppSettings, fapi2Algorithms, settingsOf } from '../../app/settings.ts'
import type { Secret } from '../../crypto/secret.ts'
import { secretHash } from '../../crypto/token.ts'
import { isMap, note, report, type Source, valueAt, valuesAt, warn } from '../source/source.ts'

export interface CheckedApp extends AppSettings {
  readonly kind: AppKind
  readonly tenants: readonly string[] | 'all'
  readonly scopes?: readonly string[] | undefined
  readonly secrets: readonly Secret[]
  readonly keys: readonly { readonly publicKey?: string | undefined; readonly jwksUrl?: string | undefined }[]
}

/** @param hashes hash of each secret seen → id of its app */
export function checkCredentials(source: Source, id: string, app: CheckedApp, hashes: Map<string, string>): void {
  const noneFor = `are not for a ${app.kind} app, which cannot keep one: it uses PKCE alone`
  if (!canKeepSecret(app) && app.secrets.length > 0) report(source, ['apps', id, 'secrets'], noneFor)
  if (!canKeepSecret(app) && app.keys.length > 0) report(source, ['apps', id, 'keys'], noneFor)
  for (const [index, given] of app.secrets.entries()) {
    const hash = secretHash(given.reveal())
    const other = hashes.get(hash)
    if (other !== undefined)
      report(source, ['apps', id, 'secrets', index], `is the secret of ${other} too: each app has its own`)
    hashes.set(hash, id)
  }
  if (app.kind === 'service' && app.secrets.length === 0 && app.keys.length === 0)
    report(source, ['apps', id], 'a service needs secrets or keys to prove itself')
  if (canKeepSecret(app)) checkRequirements(source, id, app)
}

const addKeys = 'add keys, such as keys: [{ publicKey: file:keys/app.pem }]'

function checkRequirements(source: Source, id: string, app: CheckedApp): void {
  const { profile, pkce, tokenEndpointAuthMethod, clientAssertionAudience, secrets, keys } = app
  const needsKeys = [
    ['profile', profile],
    ['tokenEndpointAuthMethod', tokenEndpointAuthMethod],
    ['requireSignedRequestObject', app.requireSignedRequestObject === true ? 'true' : undefined],
    ['clientAssertionAudience', clientAssertionAudience === 'issuer' ? 'issuer' : undefined],
  ] as const
  for (const [field, value] of needsKeys)
    if (value !== undefined && keys.length === 0)
      report(source, ['apps', id, field], `${value} needs a key the app signs with, and it has none; ${addKeys}`)
  const method = settingsOf(app).tokenEndpointAuthMethod
  if (method !== undefined && secrets.length > 0 && keys.length > 0)
    report(
      source,
      ['apps', id, 'secrets'],
      `are not accepted under ${profile ? 'profile: fapi2' : `tokenEndpointAuthMethod: ${method}`}; remove them`,
    )
  if (app.kind === 'web' && pkce !== 'required' && pkce !== undefined && secrets.length + keys.length === 0)
    report(source, ['apps', id, 'pkce'], `${pkce} needs secrets or keys, and the app has none; use pkce: required`)
  if (settingsOf(app).grants.includes('client_credentials') && app.kind === 'web' && secrets.length + keys.length === 0)
    report(source, ['apps', id, 'grants'], 'client_credentials needs secrets or keys, and the app has none')
  if (profile === 'fapi2') checkKeyAlgorithms(source, id, app)
}

/** Apps as written, against `signingKeys.algorithms`. */
export function checkAlgorithms(source: Source, id: string, app: CheckedApp): void {
  const algorithms = valueAt(source, 'signingKeys', 'algorithms')
  const { idTokenSignedResponseAlg: wanted } = settingsOf(app)
  if (!Array.isArray(algorithms) || algorithms.includes(wanted)) return
  const field = app.idTokenSignedResponseAlg === undefined ? 'profile' : 'idTokenSignedResponseAlg'
  report(source, ['apps', id, field], `needs ${wanted}, which signingKeys.algorithms does not list; add it there`)
}

/** FAPI 2.0 5.4.1: PS256, ES256 and EdDSA. What a key set holds is known when it is fetched. */
function checkKeyAlgorithms(source: Source, id: string, { keys }: CheckedApp): void {
  for (const [index, { publicKey }] of keys.entries()) {
    const read = publicKey === undefined ? undefined : readPublicKey(publicKey)
    if (read?.ok !== true) continue
    const { alg } = read.jwk
    const possible = alg === undefined ? algorithmsOf(read.jwk) : [alg]
    if (!possible.some((each) => fapi2Algorithms.includes(each)))
      report(
        source,
        ['apps', id, 'keys', index],
        `signs with ${possible.join(' or ')}, and profile: fapi2 takes PS256, ES256 and EdDSA; use an RSA, EC P-256 or Ed25519 key`,
      )
  }
}

/** A rule for a tenant that the app does not serve would be a rule that never counts. */
export function checkAccess(source: Source, id: string, { tenants, allowPerTenant = {} }: CheckedApp): void {
  for (const tenant of Object.keys(allowPerTenant))
    if (tenants !== 'all' && !tenants.includes(tenant))
      report(
        source,
        ['apps', id, 'allowPerTenant', tenant],
        `is no tenant of the app, which serves ${tenants.join(', ')}; remove it, or add it to tenants`,
      )
}

/** Settings that weaken an app. */
export function warnAboutApp(source: Source, id: string, app: CheckedApp): void {
  if (app.pkce === 'optional' && canKeepSecret(app))
    warn(
      source,
      ['apps', id, 'pkce'],
      'optional accepts sign-ins with neither PKCE nor a nonce, so a code injected into the app is not detected (RFC 9700 2.1.1); switch on PKCE in the client and use required, or or-nonce where it sends a nonce',
    )
}

/** Rules that changed for this app. */
export function noteChanges(source: Source, id: string, app: CheckedApp): void {
  const ofApis = (app.scopes ?? []).filter((scope) => !identityScopeNames.includes(scope))
  if (app.kind === 'web' && app.grants === undefined && ofApis.length > 0)
    note(
      source,
      ['apps', id],
      `a web app no longer has the grants client_credentials and device_code; this one has ${ofApis.slice(0, 3).join(', ')}: if it calls that API in its own name, add grants: [authorization_code, refresh_token, client_credentials]; if not, grants: [authorization_code, refresh_token]`,
    )
}

/** Notes apps without `tenantInIdToken`. With one tenant the claim has no use. */
export function noteTenantClaim(source: Source, tenants: readonly string[]): void {
  if (tenants.length < 2) return
  for (const [path, app] of valuesAt(source, 'apps', '*')) {
    if (!isMap(app) || app['kind'] === 'service' || app['tenantInIdToken'] !== undefined) continue
    const { tenants: served } = app
    if (served === 'all' || (Array.isArray(served) && served.length > 1))
      note(
        source,
        [...path, 'tenants'],
        'the app serves several tenants, and its ID tokens no longer have the tenant claim (userinfo and access tokens do); add tenantInIdToken: true if it reads the claim there, or tenantInIdToken: false',
      )
  }
}
