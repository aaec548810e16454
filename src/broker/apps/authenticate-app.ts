/** Authenticates apps that call our API. A refusal names the failed check, never the credential. */

import { decodeJwt, decodeProtectedHeader, errors, type JWK, type JWTPayload, jwtVerify } from 'jose'
import { type App, canKeepSecret } from '../../app/app.ts'
import { algorithmsOf, publicKeyOf } from '../../app/public-key.ts'
import { fapi2Algorithms, settingsOf } from '../../app/settings.ts'
import { isToken, secretHash } from '../../crypto/token.ts'
import { checkOf, GatehouseError } from '../../errors.ts'
import type { Ports } from '../ports/core-ports.ts'
import { isLiveSecret } from '../secrets/client-secret.ts'
import { assertionFault, timeShown, toleranceSeconds } from './assertion-claims.ts'
import type { KnownKey } from './jwks.ts'
import { type CredentialUsePorts, recordUse } from './last-used.ts'
import type { CallingApp } from './ownership.ts'

export type CallerPorts = Ports<'appRegistry' | 'appKeys' | 'artifacts' | 'publicUrl'> & Required<CredentialUsePorts>

const maxSecretLength = 512
const maxAssertionLength = 8192
/** How long after its expiry a JWT is remembered: longer than any endpoint accepts it. */
export const rememberedSeconds = 2 * toleranceSeconds

/** The app of a client secret. Throws `app_authentication_failed`. */
export async function appBySecret(ports: CallerPorts, secret: string): Promise<CallingApp> {
  const refuse = () => refused('secret', 'a live client secret', 'one that is unknown, expired or revoked')
  if (secret.length < 16 || secret.length > maxSecretLength) throw refuse()
  const hash = secretHash(secret) // looked up by hash, so timing reveals nothing
  const app = await ports.appRegistry.findBySecret(hash, isToken('gth_c_', secret))
  const found = app?.secrets.find((each) => each.hash === hash)
  if (app === null || found === undefined || !canKeepSecret(app) || !isLiveSecret(found, ports.now())) throw refuse()
  if (settingsOf(app).tokenEndpointAuthMethod === 'private_key_jwt')
    throw refused('secret', 'a JWT signed by a key of the app, since tokenEndpointAuthMethod is private_key_jwt', 'one')
  recordUse(ports, app, found.id)
  return { app, credential: found.id }
}

/**
 * The app that signed a JWT: `iss` = `sub` = its id, `aud` our issuer or the endpoint, `exp` within
 * ten minutes, unused `jti`. Throws `app_authentication_failed`.
 */
export async function appByAssertion(ports: CallerPorts, assertion: string, endpoint: URL): Promise<CallingApp> {
  const { header, claims } = read(assertion)
  const id = claims.iss ?? ''
  if (id === '' || claims.sub !== id)
    throw refused('iss and sub', 'both the ID of the app', `${shown(claims.iss)} and ${shown(claims.sub)}`)
  const cached = await ports.appRegistry.find(id)
  if (cached === null) throw refused('iss', 'the ID of an app', shown(id))
  if (!canKeepSecret(cached))
    throw refused('app', 'one with a server, web or service', `a ${cached.kind} app, which cannot keep a key secret`)
  const key = await verifiedKey(ports, cached, assertion, header)
  const app = await currentApp(ports, id, key, header)
  const { profile, clientAssertionAudience } = settingsOf(app)
  if (profile === 'fapi2' && !fapi2Algorithms.includes(header.alg))
    throw refused('alg', fapi2Algorithms.join(', '), header.alg)
  const issuer = ports.publicUrl.origin
  const isIssuerAlone = clientAssertionAudience === 'issuer'
  if (isIssuerAlone && typeof claims.aud !== 'string') throw refused('aud', `${issuer}, as a string`, 'a list, or none')
  checkAudience(claims.aud, isIssuerAlone ? [issuer] : [issuer, endpoint.href])
  await checkOnce(ports, app, claims)
  recordUse(ports, app, key.credential)
  return { app, credential: key.credential }
}

interface Header {
  readonly alg: string
  readonly kid: string | undefined
}

function read(assertion: string): { readonly header: Header; readonly claims: JWTPayload } {
  try {
    if (assertion.length > maxAssertionLength) throw new Error('too long')
    const { alg, kid } = decodeProtectedHeader(assertion)
    return { header: { alg: alg ?? 'none', kid }, claims: decodeJwt(assertion) }
  } catch {
    throw refused('form', 'a signed JWT (three parts with dots between)', 'something else')
  }
}

/** Only the app's keys and their algorithms count; the token's header selects nothing else. */
async function verifiedKey(ports: CallerPorts, app: App, assertion: string, { alg, kid }: Header): Promise<KnownKey> {
  const keys = await ports.appKeys.of(app, kid)
  if (keys.length === 0) throw refused('key', 'a key of the app', 'the app has none: register one first')
  const named = kid === undefined ? keys : keys.filter(({ jwk, credential }) => jwk.kid === kid || credential === kid)
  if (named.length === 0)
    throw refused('kid', `a key of the app: ${keys.map(({ jwk }) => jwk.kid).join(', ')}`, shown(kid))
  const fitting = named.filter(({ jwk }) => (jwk.alg === undefined ? algorithmsOf(jwk).includes(alg) : jwk.alg === alg))
  const allowed = [...new Set(named.flatMap(({ jwk }) => algorithmsOf(jwk)))]
  if (fitting.length === 0) throw refused('alg', allowed.join(', '), shown(alg))
  for (const key of fitting) if (await isSignedBy(assertion, key.jwk, alg, ports.now())) return key
  throw refused('signature', 'one made with a key of the app', 'one that does not verify')
}

/** The app as stored now: the copy that verified the JWT may be two seconds old. */
async function currentApp(ports: CallerPorts, id: string, { credential }: KnownKey, { kid }: Header): Promise<App> {
  const app = await ports.appRegistry.current(id)
  const keys = app === null ? [] : await ports.appKeys.of(app, kid)
  if (app === null || !keys.some((key) => key.credential === credential))
    throw refused('key', 'a key of the app', 'one that was removed, or the app was disabled')
  return app
}

async function isSignedBy(assertion: string, jwk: JWK, alg: string, now: Date): Promise<boolean> {
  try {
    const options = { algorithms: [alg], currentDate: now, clockTolerance: toleranceSeconds }
    await jwtVerify(assertion, publicKeyOf(jwk), options)
    return true
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw refused('exp', 'a time to come', timeShown(decodeJwt(assertion).exp))
    if (error instanceof errors.JWTClaimValidationFailed)
      throw refused(error.claim, 'a time that has come', 'one to come, or no time')
    return false
  }
}

/** Exactly one audience, us: another recipient could replay the token here. */
function checkAudience(given: unknown, allowed: readonly string[]): void {
  const [audience, ...others] = [given].flat()
  if (typeof audience !== 'string' || others.length > 0 || !allowed.includes(audience))
    throw refused('aud', allowed.join(' or '), [given].flat().map(shown).join(' and '))
}

async function checkOnce(ports: CallerPorts, app: App, claims: JWTPayload): Promise<void> {
  const fault = assertionFault(claims, ports.now())
  if (fault !== undefined) throw refused(fault.name, fault.expected, fault.got)
  const { exp = 0, jti } = claims
  const ahead = exp - Math.floor(ports.now().getTime() / 1000)
  const seconds = Math.max(1, Math.ceil(ahead)) + rememberedSeconds
  const isNew = await ports.artifacts.putNew({ model: 'AppAssertion', id: `${app.id} ${jti}`, content: {}, seconds })
  if (!isNew) throw refused('jti', 'one that was not used before', 'one that was used before')
}

function refused(name: string, expected: string, got: string): GatehouseError {
  const details = { check: checkOf(name, false, expected, got), text: `${name}: expected ${expected}, got ${got}.` }
  return new GatehouseError('app_authentication_failed', `the app did not prove itself by its ${name}`, details)
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(String(value).slice(0, 120))
}
