/**
 * An issuer's public keys, and the check of an ID token's signature with them.
 *
 * openid-client can do this too, but looks for a new key only when its copy is a minute old: right after an issuer changes its key,
 * logins would fail for up to a minute (facts: OAUTH_KEY_SELECTION_FAILED). So openid-client redeems the code and judges the claims,
 * and the signature is checked here, on a cache of our own: a token no known key fits is a reason to fetch the keys at once, and to
 * check the same token again; the code is redeemed once. That reason is in the hands of whoever sends tokens, so it counts at
 * most once a minute (RP-42).
 */
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { type Remembered, remembered } from './remembered.ts'

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

export interface Keys {
  /** Throws `upstream_invalid` unless one of the issuer's keys made the signature; resolves with the algorithm and key id. */
  verify(
    idToken: string,
    algorithms: readonly string[],
  ): Promise<{ readonly algorithm: string; readonly keyId: string }>
  readonly remembered: Remembered<JSONWebKeySet>
}

const freshMs = 10 * 60_000
const keepMs = 24 * 3600_000
const forcedEveryMs = 60_000

export function openKeys(load: () => Promise<unknown>, now: () => Date): Keys {
  let forcedAt = Number.NEGATIVE_INFINITY
  const keys = remembered(async () => keySetOf(await load()), { now, freshMs, keepMs })

  async function newerThan(known: JSONWebKeySet): Promise<JSONWebKeySet> {
    if (keys.kept !== undefined && keys.kept !== known) return keys.kept // another login fetched it meanwhile
    if (now().getTime() - forcedAt < forcedEveryMs) return known
    forcedAt = now().getTime()
    return keys.renew().catch(() => known) // the last good set is kept
  }

  return {
    remembered: keys,
    async verify(idToken, algorithms) {
      const known = await keys.get()
      const first = await signatureOf(idToken, known, algorithms)
      if (first.ok) return first
      const newer = await newerThan(known)
      const second = newer === known ? first : await signatureOf(idToken, newer, algorithms)
      if (second.ok) return second
      throw new GatehouseError('upstream_invalid', `the signature of the ID token was not accepted: ${second.why}`, {
        check: { name: 'signature', ok: false, expected: 'made by a key the issuer publishes', got: second.why },
      })
    },
  }
}

type Signature =
  | { readonly ok: true; readonly algorithm: string; readonly keyId: string }
  | { readonly ok: false; readonly why: string }

async function signatureOf(idToken: string, set: JSONWebKeySet, algorithms: readonly string[]): Promise<Signature> {
  // without a key id several keys may fit: each is tried
  for (const candidates of [set, ...set.keys.map((key) => ({ keys: [key] }))]) {
    try {
      const { protectedHeader } = await compactVerify(idToken, keysOf(candidates), {
        algorithms: [...algorithms],
      })
      return { ok: true, algorithm: protectedHeader.alg, keyId: protectedHeader.kid ?? 'none' }
    } catch (cause) {
      if (!(cause instanceof errors.JWKSMultipleMatchingKeys) && candidates === set)
        return { ok: false, why: reasonOf(cause) }
    }
  }
  return { ok: false, why: 'none of the published keys made it' }
}

/** With its keys imported, which costs as much as checking a signature: once for a set, as long as the set is kept. */
const opened = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>()

function keysOf(set: JSONWebKeySet): ReturnType<typeof createLocalJWKSet> {
  const known = opened.get(set) ?? createLocalJWKSet(set)
  opened.set(set, known)
  return known
}

function reasonOf(cause: unknown): string {
  if (cause instanceof errors.JWKSNoMatchingKey) return 'its key is not among the published ones'
  if (cause instanceof errors.JWSSignatureVerificationFailed) return 'another key made it'
  if (cause instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not accepted'
  return 'it cannot be checked'
}

function keySetOf(document: unknown): JSONWebKeySet {
  const parsed = keySet.safeParse(document)
  if (!parsed.success) throw new GatehouseError('upstream_invalid', 'the published key set is empty or not a key set')
  return parsed.data
}
