/** Things to store, each different from the last one made. */
import { randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import type { ApiToken } from '../../../src/broker/ports/api-tokens.ts'
import type { Passkey } from '../../../src/broker/ports/authenticators.ts'
import type { SigningKey } from '../../../src/broker/ports/durable.ts'
import type { User, UserIdentity } from '../../../src/broker/ports/users.ts'
import type { LoginTransaction } from '../../../src/broker/ports/volatile.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { secretHash, tokenId } from '../../../src/crypto/token.ts'
import { GatehouseError } from '../../../src/errors.ts'
import type { Profile } from '../../../src/profile/profile.ts'

export const sampleKey = () => randomBytes(32)
export const keyRing = new KeyRing([sampleKey()])
export const sampleTenant = () => `tenant-${randomUUID().slice(0, 8)}`
export const sampleEmail = () => `${randomUUID().slice(0, 8)}@example.test`

export const secondsFromNow = (seconds: number) => new Date((Math.floor(Date.now() / 1000) + seconds) * 1000)

export const sampleProfile: Profile = {
  email: { address: 'zoë@example.test', verified: true },
  name: 'Zoë Quartz-Łukasz',
  givenName: 'Zoë',
  familyName: 'Quartz-Łukasz',
  pictureUrl: 'https://pictures.example.test/zoe.png',
  locale: 'pl-PL',
  zoneinfo: 'Europe/Warsaw',
  groups: ['everyone', 'Ödön’s team', ''],
}

export function sampleSession(changes: Partial<Session> = {}): Session {
  return {
    id: tokenId(randomUUID()),
    tenant: 'demo',
    userId: randomUUID(),
    connection: 'okta',
    kind: 'okta',
    profile: sampleProfile,
    acr: 'urn:example:loa:2',
    amr: ['pwd', 'otp'],
    authenticatedAt: secondsFromNow(-30),
    createdAt: secondsFromNow(-10),
    expiresAt: secondsFromNow(30 * 86_400),
    idleSeconds: 7 * 86_400,
    lastSeenAt: secondsFromNow(0),
    device: 'Chrome on Linux',
    ...changes,
  }
}

export function samplePasskey(changes: Partial<Passkey> = {}): Passkey {
  return {
    tenant: sampleTenant(),
    userId: 'ada',
    id: randomUUID(),
    kind: 'passkey',
    name: 'Laptop',
    createdAt: secondsFromNow(0),
    credentialId: randomUUID(),
    publicKey: 'cose',
    counter: 5,
    transports: ['internal', 'hybrid'],
    backedUp: true,
    aaguid: '00000000-0000-0000-0000-000000000000',
    ...changes,
  }
}

export function sampleTransaction(changes: Partial<LoginTransaction> = {}): LoginTransaction {
  return {
    state: randomBytes(24).toString('base64url'),
    resume: {
      reference: '7KQ2-M9XD',
      tenant: 'demo',
      connection: 'okta',
      returnTo: '/after',
    },
    browser: 'hash of a browser',
    memo: { codeVerifier: 'memo-verifier', nested: { list: [1, 'two', null] } },
    startedAt: new Date(),
    expiresAt: secondsFromNow(600),
    steps: [
      { name: 'begin', atMs: 0, tookMs: 1.5, checks: [{ name: 'nonce', ok: true, expected: 'a' }], note: 'asked' },
    ],
    ...changes,
  }
}

export function sampleUser(changes: Partial<User> = {}): User {
  const profile = { name: 'Zoë', email: { address: sampleEmail(), verified: true } }
  const user = { id: randomUUID(), tenant: 'demo', status: 'active', profile, emailProven: true } as const
  return { ...user, createdAt: new Date(), ...changes }
}

export function sampleIdentity(changes: Partial<UserIdentity> = {}): UserIdentity {
  const profile = { name: 'Zoë upstream', groups: ['a'] }
  return {
    issuer: 'https://idp.example.test',
    subject: randomUUID(),
    connection: 'okta',
    profile,
    lastLoginAt: new Date(),
    ...changes,
  }
}

export function sampleTrace(changes: Partial<Trace> = {}): Trace {
  return {
    reference: randomUUID().slice(0, 9),
    tenant: 'demo',
    connection: 'okta',
    startedAt: new Date(),
    outcome: 'started',
    reasons: ['because'],
    steps: [{ name: 'begin', atMs: 0, tookMs: 2, checks: [{ name: 'state', ok: false, got: 'x' }] }],
    ...changes,
  }
}

export function sampleApp(changes: Partial<App> = {}): App {
  const id = `app-${randomUUID()}`
  const secret = { id: 's1', sealed: 'c2VhbGVk', hash: secretHash(id), createdAt: new Date() }
  const jwk = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k1' }
  return {
    id,
    name: 'Zoë’s "app" 🜁',
    kind: 'web',
    logoUri: 'https://app.example.test/logo.svg',
    redirectUris: ['https://app.example.test/callback'],
    postLogoutRedirectUris: ['https://app.example.test/'],
    backchannelLogoutUri: 'https://app.example.test/logout',
    tenants: ['demo'],
    scopes: ['openid', 'email'],
    firstParty: false,
    owner: { tenant: 'demo', userId: randomUUID() },
    secrets: [
      { ...secret, expiresAt: secondsFromNow(60) },
      { ...secret, id: 's2', hash: secretHash(`${id} 2`), expiresAt: undefined },
    ],
    keys: [
      { id: 'k1', name: 'laptop', source: { kind: 'public key', jwk }, createdAt: new Date() },
      { id: 'k2', name: 'set', source: { kind: 'jwks', url: 'https://app.example.test/jwks' }, createdAt: new Date() },
    ],
    createdAt: new Date(),
    revision: 1,
    ...changes,
  }
}

/** Of this user. */
export function sampleApiToken(user: Pick<User, 'tenant' | 'id'>, changes: Partial<ApiToken> = {}): ApiToken {
  return {
    id: tokenId(randomUUID()),
    tenant: user.tenant,
    userId: user.id,
    name: 'Zoë’s <b>"laptop"</b> 🜁',
    scopes: ['profile:read', 'apps:read'],
    ranges: ['192.0.2.0/24', '2001:db8::/32'],
    createdAt: new Date(),
    expiresAt: secondsFromNow(86_400),
    endsAt: undefined,
    replacedBy: undefined,
    suspendedAt: undefined,
    lastUse: undefined,
    ...changes,
  }
}

export function sampleSigningKey(changes: Partial<SigningKey> = {}): SigningKey {
  return {
    id: randomUUID(),
    algorithm: 'ES256',
    status: 'active',
    sealed: randomBytes(300),
    createdAt: new Date(),
    activatedAt: undefined,
    retiredAt: undefined,
    ...changes,
  }
}

/**
 * Runs `work` `count` times at once over the stores; retries connection timeouts of a busy
 * machine.
 */
export function simultaneously<S, T>(
  stores: readonly S[],
  count: number,
  work: (store: S, turn: number) => Promise<T>,
) {
  return Promise.all(
    Array.from({ length: count }, (_, turn) => retryConnecting(() => work(stores[turn % stores.length]!, turn))),
  )
}

/** @param untouched of which causes it is known that nothing was begun */
export async function retryConnecting<T>(
  work: () => Promise<T>,
  untouched = /^timeout exceeded when trying to connect$/,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const cause = error instanceof GatehouseError && error.cause instanceof Error ? error.cause.message : ''
      if (attempt === 10 || !untouched.test(cause)) throw error
    }
  }
}

/** Expects `store_unavailable`, and no other error, before the caller would lose patience. */
export async function expectUnavailable(work: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  const outcome = await work().then(
    (answer) => ({ answer }),
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(GatehouseError)
  expect(outcome).toMatchObject({ code: 'store_unavailable' })
  expect(performance.now() - began).toBeLessThan(1500) // promised: 1000; the machine may be busy
}
