/**
 * An issuer's public keys, and the check of an ID token's signature with them.
 *
 * openid-client can do this too, but looks for a new key only when its copy is a minute old: right after an issuer changes its key,
 * logins would fail for up to a minute. Here a token that no known key fits is a reason to fetch the keys at once and to check the
 * same token again; the code is redeemed once. Logins have an allowance of their own for that: anybody can send a logout message or
 * an ID token with an invented key id, and must not use up what a login after a key change needs (RP-42).
 */
import { compactVerify, decodeProtectedHeader, errors, type JSONWebKeySet } from 'jose'
import type { Secret } from '../../../src/crypto/secret.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { type Cached, cached } from '../endpoint/cached.ts'
import { candidatesFor, keyFrom, readKeySet } from './key-set.ts'
import { type Reason, type RenewalAllowance, renewalAllowance } from './renewal-allowance.ts'

export interface Keys {
  /**
   * Of a token that came from the token endpoint for a code of ours. Throws `upstream_invalid` unless one of the issuer's keys made
   * the signature.
   */
  verify(token: string, algorithms: readonly string[]): Promise<Signer>
  /** Of a token anybody may have sent: only a key id that is unknown has the keys fetched. */
  verifyPresented(token: string, algorithms: readonly string[]): Promise<Signer>
  readonly cached: Cached<JSONWebKeySet>
  /** What logins may fetch because of a token: keys, and discovery for an unexpected algorithm. */
  readonly allowance: RenewalAllowance
}

export interface Signer {
  readonly algorithm: string
  readonly keyId: string
}

const freshMs = 10 * 60_000
const keepMs = 24 * 3600_000

export function openKeys(load: () => Promise<unknown>, now: () => Date): Keys {
  const keys = cached(async () => readKeySet(await load()), { now, freshMs, keepMs })

  /** Whether a newer copy accepts it: one that others are fetching, have fetched meanwhile, or are fetched for it. */
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
      // what others were fetching may have been asked for before the issuer changed its key: then once more
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
    cached: keys,
    allowance,
    verify: verifier(['unknown key', 'wrong signature'], allowance), // some issuers change the key under one id
    verifyPresented: verifier(['unknown key'], renewalAllowance(now)),
  }
}

type Signature = (Signer & { readonly ok: true }) | Refused
type KeyAttempt = Refused & { readonly set: JSONWebKeySet }
type Found = KeyAttempt | (Signer & { readonly ok: true; readonly set: JSONWebKeySet })

interface Refused {
  readonly ok: false
  readonly why: string
  /** Why a newer copy of the keys may accept it. */
  readonly reason?: Reason
}

async function signatureOf(token: string, set: JSONWebKeySet, algorithms: readonly string[]): Promise<Signature> {
  const { alg, kid } = headerOf(token)
  if (alg === undefined || !algorithms.includes(alg)) return { ok: false, why: 'its algorithm is not accepted' }
  const candidates = candidatesFor(set, alg, kid)
  if (candidates.length === 0)
    return { ok: false, why: 'its key is not among the published ones', reason: 'unknown key' }
  const isNamed = kid !== undefined && candidates.some((jwk) => jwk.kid === kid)
  const reason: Reason = isNamed ? 'wrong signature' : 'unknown key' // a new key without a key id shows only so
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
      // a TypeError is about this key alone: it is too weak
      if (!isWrong && !(cause instanceof TypeError)) return { ok: false, why: 'it cannot be checked' }
      if (refused.why !== wrong) refused = { ok: false, why: isWrong ? wrong : weakKeyMessage, reason }
    }
  }
  return refused
}

const weakKeyMessage = 'the published key cannot be used: an RSA key must have 2048 bits or more'

function headerOf(token: string): { readonly alg?: string | undefined; readonly kid?: string | undefined } {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    return { alg: typeof alg === 'string' ? alg : undefined, kid: typeof kid === 'string' ? kid : undefined }
  } catch {
    return {}
  }
}

/** RFC 7518 3.2: a key for HS256 has 256 bits or more. */
export const minSharedSecretBytes = 32

/** For connections that ask for HS256: the client secret verifies, and nothing is fetched. Never beside public keys. */
export function sharedSecretKeys(secret: Secret, now: () => Date): Keys {
  const verify: Keys['verify'] = async (token, algorithms) => {
    try {
      const bytes = new TextEncoder().encode(secret.reveal())
      if (bytes.length < minSharedSecretBytes || algorithms.some((name) => name !== 'HS256')) throw new TypeError()
      const { protectedHeader } = await compactVerify(token, bytes, { algorithms: ['HS256'] })
      return { algorithm: protectedHeader.alg, keyId: 'the client secret' }
    } catch {
      const check = {
        name: 'signature',
        ok: false,
        expected: 'made with the client secret (HS256)',
        got: 'another one',
      }
      throw new GatehouseError('upstream_invalid', 'the client secret did not sign the token', { check })
    }
  }
  const none = cached(async (): Promise<JSONWebKeySet> => ({ keys: [] }), { now, freshMs, keepMs })
  return { verify, verifyPresented: verify, cached: none, allowance: renewalAllowance(now) }
}
