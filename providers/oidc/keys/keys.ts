/**
 * Verifies signatures with an issuer's keys. openid-client refetches keys at most once a minute, so
 * logins would fail after a key change. Here an unknown key causes one refetch. Logins have their
 * own allowance, so forged tokens cannot exhaust it (RP-42).
 */
import { compactVerify, errors, type JSONWebKeySet } from 'jose'
import type { Secret } from '../../../src/crypto/secret.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { type Cached, cached, type Reason, type RenewalAllowance, renewalAllowance } from '../endpoint/cached.ts'
import { headerOf } from '../token/header.ts'
import { candidatesFor, keyFrom } from './key-set.ts'

export interface Keys {
  /** Verifies a token from the token endpoint. Throws `upstream_invalid`. */
  verify(token: string, algorithms: readonly string[]): Promise<Signer>
  /** Verifies a token that anyone can send: only an unknown key ID causes a refetch. */
  verifyPresented(token: string, algorithms: readonly string[]): Promise<Signer>
  readonly jwks: Cached<JSONWebKeySet>
  /** Refetches that logins may cause: keys, and discovery for an unexpected algorithm. */
  readonly allowance: RenewalAllowance
}

export interface Signer {
  readonly algorithm: string
  readonly keyId: string
}

const freshMs = 10 * 60_000
const keepMs = 24 * 3600_000

export function openKeys(load: () => Promise<JSONWebKeySet>, now: () => Date): Keys {
  const keys = cached(load, { now, freshMs, keepMs })

  /** Verifies with a newer copy: one being fetched, already fetched, or fetched now. */
  async function retried(token: string, algorithms: readonly string[], last: KeyAttempt, allowance: RenewalAllowance) {
    const joined = keys.renewing
    const isBehind = keys.cached !== last.set
    const restoreAllowance = joined || isBehind ? undefined : last.reason && allowance.take(last.reason)
    const renewed = joined ?? (restoreAllowance && keys.renew())
    await renewed?.catch(() => undefined) // the last good set is kept
    const set = keys.cached ?? last.set
    const found = set === last.set ? last : await signatureOf(token, set, algorithms)
    if (found.ok) restoreAllowance?.()
    return { ...found, set }
  }

  function verifier(reasons: readonly Reason[], allowance: RenewalAllowance): Keys['verify'] {
    return async (token, algorithms) => {
      const known = await keys.get()
      let found: Found = { ...(await signatureOf(token, known, algorithms)), set: known }
      // a fetch that others started may predate the key change: then fetch once more
      for (const _ of ['with theirs', 'with ours'])
        if (!found.ok && found.reason !== undefined && reasons.includes(found.reason))
          found = await retried(token, algorithms, found, allowance)
      if (found.ok) return { algorithm: found.algorithm, keyId: found.keyId }
      throw new GatehouseError('upstream_invalid', `the signature of the token was not accepted: ${found.why}`, {
        check: { name: 'signature', ok: false, expected: 'made by a key the issuer publishes', got: found.why },
      })
    }
  }

  const allowance = renewalAllowance(now)
  return {
    jwks: keys,
    allowance,
    // some issuers reuse a key ID for a new key
    verify: verifier(['unknown key', 'wrong signature'], allowance),
    verifyPresented: verifier(['unknown key'], renewalAllowance(now)),
  }
}

type Signature = (Signer & { readonly ok: true }) | Refused
type KeyAttempt = Refused & { readonly set: JSONWebKeySet }
type Found = Signature & { readonly set: JSONWebKeySet }

interface Refused {
  readonly ok: false
  readonly why: string
  /** Why newer keys may accept it. */
  readonly reason?: Reason
}

async function signatureOf(token: string, set: JSONWebKeySet, algorithms: readonly string[]): Promise<Signature> {
  const { alg, kid } = readHeader(token)
  if (alg === undefined || !algorithms.includes(alg)) return { ok: false, why: 'its algorithm is not accepted' }
  const candidates = candidatesFor(set, alg, kid)
  const unknown = 'its key is not among the published ones'
  if (candidates.length === 0) return { ok: false, why: unknown, reason: 'unknown key' }
  const isNamed = kid !== undefined && candidates.some((jwk) => jwk.kid === kid)
  // a new key without a key ID cannot be detected otherwise
  const reason: Reason = isNamed ? 'wrong signature' : 'unknown key'
  const wrong = candidates.length === 1 ? 'another key made it' : 'no published key made it'
  let refused: Refused = { ok: false, why: 'the published key cannot be used', reason: 'unknown key' }
  for (const jwk of candidates) {
    const key = await keyFrom(jwk, alg)
    if (key === undefined) continue
    try {
      await compactVerify(token, key, { algorithms: [alg] })
      return { ok: true, algorithm: alg, keyId: kid ?? 'none' }
    } catch (cause) {
      const isWrong = cause instanceof errors.JWSSignatureVerificationFailed
      // a TypeError concerns only this key: it is too weak
      if (!isWrong && !(cause instanceof TypeError)) return { ok: false, why: 'it cannot be checked' }
      if (refused.why !== wrong) refused = { ok: false, why: isWrong ? wrong : weakKeyMessage, reason }
    }
  }
  return refused
}

const weakKeyMessage = 'the published key cannot be used: an RSA key must have 2048 bits or more'

function readHeader(token: string): { readonly alg?: string | undefined; readonly kid?: string | undefined } {
  try {
    const { alg, kid } = headerOf(token)
    return {
      alg: typeof alg === 'string' ? alg : undefined,
      kid: typeof kid === 'string' && kid !== '' ? kid : undefined,
    }
  } catch {
    return {}
  }
}

/** RFC 7518 3.2: HS256 needs 256 bits or more. */
export const minSharedSecretBytes = 32

/** Keys of an HS256 connection: the client secret alone, never combined with public keys. */
export function sharedSecretKeys(secret: Secret, now: () => Date): Keys {
  const verify: Keys['verify'] = async (token, algorithms) => {
    try {
      const bytes = new TextEncoder().encode(secret.reveal())
      if (bytes.length < minSharedSecretBytes || algorithms.some((name) => name !== 'HS256')) throw new TypeError()
      const { protectedHeader } = await compactVerify(token, bytes, { algorithms: ['HS256'] })
      return { algorithm: protectedHeader.alg, keyId: 'the client secret' }
    } catch {
      const expected = 'made with the client secret (HS256)'
      const check = { name: 'signature', ok: false, expected, got: 'another one' }
      throw new GatehouseError('upstream_invalid', 'the client secret did not sign the token', { check })
    }
  }
  const none = cached(async (): Promise<JSONWebKeySet> => ({ keys: [] }), { now, freshMs, keepMs })
  return { verify, verifyPresented: verify, jwks: none, allowance: renewalAllowance(now) }
}
