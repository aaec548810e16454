/**
 * An issuer's public keys, and the check of an ID token's signature with them.
 *
 * openid-client can do this too, but looks for a new key only when its copy is a minute old: right after an issuer changes its key,
 * logins would fail for up to a minute (facts: OAUTH_KEY_SELECTION_FAILED). So openid-client redeems the code and judges the claims,
 * and the signature is checked here, on a cache of our own: a token no known key fits is a reason to fetch the keys at once, and to
 * check the same token again; the code is redeemed once. Logins have an allowance of their own for that: anybody can send a logout
 * message or an ID token with an invented key id, and must not use up what a login after a key change needs (RP-42).
 */
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, errors, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { type Remembered, remembered } from './remembered.ts'
import { type Reason, type RenewalAllowance, renewalAllowance } from './renewal-allowance.ts'

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

export interface Keys {
  /**
   * Of a token that came from the token endpoint for a code of ours. Throws `upstream_invalid` unless one of the issuer's keys made
   * the signature.
   */
  verify(token: string, algorithms: readonly string[]): Promise<Signer>
  /** Of a token anybody may have sent: only a key id that is unknown has the keys fetched. */
  verifyPresented(token: string, algorithms: readonly string[]): Promise<Signer>
  readonly remembered: Remembered<JSONWebKeySet>
}

export interface Signer {
  readonly algorithm: string
  readonly keyId: string
}

const freshMs = 10 * 60_000
const keepMs = 24 * 3600_000

export function openKeys(load: () => Promise<unknown>, now: () => Date): Keys {
  const keys = remembered(async () => keySetOf(await load()), { now, freshMs, keepMs })

  /** Whether a newer copy accepts it: one that others are fetching, have fetched meanwhile, or are fetched for it. */
  async function retried(token: string, algorithms: readonly string[], last: Tried, allowance: RenewalAllowance) {
    const joined = keys.renewing
    const isBehind = keys.kept !== last.set
    const giveBack = joined || isBehind ? undefined : last.reason && allowance.take(last.reason)
    const renewed = joined ?? (giveBack && keys.renew())
    await renewed?.catch(() => undefined) // the last good set is kept
    const set = keys.kept ?? last.set
    const found = set === last.set ? last : await signatureOf(token, set, algorithms)
    if (found.ok) giveBack?.()
    return { ...found, set }
  }

  function verifier(reasons: readonly Reason[]): Keys['verify'] {
    const allowance = renewalAllowance(now)
    return async (token, algorithms) => {
      const known = await keys.get()
      let found: Found = { ...(await signatureOf(token, known, algorithms)), set: known }
      // what others were fetching may have been asked for before the issuer changed its key: then once more
      for (const _ of ['with theirs', 'with ours'])
        if (!found.ok && found.reason !== undefined && reasons.includes(found.reason))
          found = await retried(token, algorithms, found, allowance)
      if (found.ok) return { algorithm: found.algorithm, keyId: found.keyId }
      throw new GatehouseError('upstream_invalid', `the signature of the ID token was not accepted: ${found.why}`, {
        check: { name: 'signature', ok: false, expected: 'made by a key the issuer publishes', got: found.why },
      })
    }
  }

  return {
    remembered: keys,
    verify: verifier(['unknown key', 'wrong signature']), // some issuers change the key under one id
    verifyPresented: verifier(['unknown key']),
  }
}

type Signature = (Signer & { readonly ok: true }) | Refused
type Tried = Refused & { readonly set: JSONWebKeySet }
type Found = Tried | (Signer & { readonly ok: true; readonly set: JSONWebKeySet })

interface Refused {
  readonly ok: false
  readonly why: string
  /** Why a newer copy of the keys may accept it. */
  readonly reason?: Reason
}

async function signatureOf(token: string, set: JSONWebKeySet, algorithms: readonly string[]): Promise<Signature> {
  // without a key id several keys may fit: each is tried
  for (const candidates of [set, ...set.keys.map((key) => ({ keys: [key] }))]) {
    try {
      const { protectedHeader } = await compactVerify(token, keysOf(candidates), { algorithms: [...algorithms] })
      return { ok: true, algorithm: protectedHeader.alg, keyId: protectedHeader.kid ?? 'none' }
    } catch (cause) {
      if (!(cause instanceof errors.JWKSMultipleMatchingKeys) && candidates === set) return refusedBy(cause, token)
    }
  }
  return { ok: false, why: 'none of the published keys made it', reason: reasonOfWrong(token) }
}

/** With its keys imported, which costs as much as checking a signature: once for a set, as long as the set is kept. */
const opened = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>()

function keysOf(set: JSONWebKeySet): ReturnType<typeof createLocalJWKSet> {
  const known = opened.get(set) ?? createLocalJWKSet(set)
  opened.set(set, known)
  return known
}

function refusedBy(cause: unknown, token: string): Refused {
  if (cause instanceof errors.JWKSNoMatchingKey)
    return { ok: false, why: 'its key is not among the published ones', reason: 'unknown key' }
  if (cause instanceof errors.JWSSignatureVerificationFailed)
    return { ok: false, why: 'another key made it', reason: reasonOfWrong(token) }
  if (cause instanceof errors.JOSEAlgNotAllowed) return { ok: false, why: 'its algorithm is not accepted' }
  return { ok: false, why: 'it cannot be checked' }
}

/** Where no key has an id, a new one shows only so. */
function reasonOfWrong(token: string): Reason {
  return decodeProtectedHeader(token).kid === undefined ? 'unknown key' : 'wrong signature'
}

function keySetOf(document: unknown): JSONWebKeySet {
  const parsed = keySet.safeParse(document)
  if (!parsed.success) throw new GatehouseError('upstream_invalid', 'the published key set is empty or not a key set')
  return parsed.data
}
