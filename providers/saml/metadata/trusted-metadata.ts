/**
 * Trust in published metadata. The first version is trusted and stored. Later keys and URLs need a
 * signature by a known key or an admin's approval, so control of the URL alone cannot sign users in
 * or redirect them, even after a restart (SA-87).
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { GatehouseError } from '../../../src/errors.ts'
import type { MetadataSummary, TrustedMetadata } from '../../../src/provider/provider.ts'
import { certificateOf, isSameKey, trustedKeys } from '../signature/certificates.ts'
import type { TrustedKey } from '../signature/signature.ts'
import type { IdentityProvider, ReadMetadata } from './idp-metadata.ts'

export interface Known {
  readonly idp: IdentityProvider
  /** Keys that were configured at that time. */
  readonly pinned: readonly TrustedKey[]
}

const contentForm = z.object({
  entityId: z.string(),
  singleSignOn: z.object({ redirect: z.string().exactOptional(), post: z.string().exactOptional() }),
  singleLogout: z.object({ requests: z.string(), answers: z.string() }).exactOptional(),
  keys: z.array(z.string()),
  wantsSignedRequests: z.boolean(),
  pinned: z.array(z.string()),
})

export function trustedMetadataOf({ idp, pinned }: Known, source: string): TrustedMetadata {
  const { entityId, singleSignOn, singleLogout, wantsSignedRequests } = idp
  const written: z.infer<typeof contentForm> = {
    entityId,
    singleSignOn,
    ...(singleLogout !== undefined && { singleLogout }),
    keys: pemsOf(idp.keys),
    wantsSignedRequests,
    pinned: pemsOf(pinned),
  }
  return { issuer: entityId, source, content: JSON.stringify(written) }
}

/** Undefined if nothing is stored for the configured identity provider. */
export function knownMetadata(
  trustedMetadata: TrustedMetadata | null,
  means: { readonly source: string; readonly entityId: string | undefined },
): Known | undefined {
  if (trustedMetadata === null || trustedMetadata.source !== means.source) return undefined
  if (means.entityId !== undefined && means.entityId !== trustedMetadata.issuer) return undefined
  const { keys, pinned, ...idp } = contentForm.parse(JSON.parse(trustedMetadata.content))
  return { idp: { ...idp, keys: keysOf(keys) }, pinned: keysOf(pinned) }
}

export interface MetadataEvaluation {
  readonly idp: IdentityProvider
  readonly problem?: Problem | undefined
}

export interface Problem {
  readonly name: 'new certificate' | 'new address'
  readonly detail: string
}

/** @param pinned configured keys, trusted while they are configured */
export function evaluateMetadata(
  found: ReadMetadata,
  known: Known | undefined,
  pinned: readonly TrustedKey[],
): MetadataEvaluation {
  const trusted = known === undefined ? pinned : withoutReplacedKeys(known, pinned)
  const isSigned = found.isSignedBy(trusted)
  const strange = trusted.length === 0 ? [] : found.keys.filter((key) => !isAmong(trusted, key))
  if (isSigned || (strange.length === 0 && (known === undefined || hasSameAddresses(found, known.idp))))
    return { idp: withoutReadOnlyParts(found) }
  const addKnownKey = { ...(known?.idp ?? withoutReadOnlyParts(found)), keys: trusted }
  if (strange.length > 0) {
    const prints = strange.map(fingerprintOf).join(', ')
    const what = strange.length === 1 ? 'a new certificate' : 'new certificates'
    return { idp: addKnownKey, problem: { name: 'new certificate', detail: `its metadata holds ${what} (${prints})` } }
  }
  const knownAddresses = known === undefined ? [] : addressesOf(known.idp)
  const addresses = addressesOf(found).filter((address) => !knownAddresses.includes(address))
  const detail = `its metadata names other addresses (${addresses.join(', ') || 'fewer than before'})`
  return { idp: { ...addKnownKey, keys: found.keys }, problem: { name: 'new address', detail } }
}

/** Drops keys that were configured earlier and then replaced. */
function withoutReplacedKeys({ idp, pinned: before }: Known, pinned: readonly TrustedKey[]): readonly TrustedKey[] {
  const isKept = (key: TrustedKey) => pinned.length === 0 || !isAmong(before, key) || isAmong(pinned, key)
  const cached = idp.keys.filter(isKept)
  return [...cached, ...pinned.filter((key) => !isAmong(cached, key))]
}

/** The stored fields of the metadata. */
function withoutReadOnlyParts({
  skipped: _,
  validUntil: __,
  isSignedBy: ___,
  ...stored
}: ReadMetadata): IdentityProvider {
  return stored
}

function addressesOf({ singleSignOn, singleLogout }: IdentityProvider): readonly string[] {
  const all = [singleSignOn.redirect, singleSignOn.post, singleLogout?.requests, singleLogout?.answers]
  return [...new Set(all.filter((address) => address !== undefined))]
}

function hasSameAddresses(one: IdentityProvider, other: IdentityProvider): boolean {
  const places = ({ singleSignOn: { redirect, post }, singleLogout }: IdentityProvider) =>
    JSON.stringify([redirect, post, singleLogout?.requests, singleLogout?.answers])
  return places(one) === places(other)
}

/** Lines for the admin page; unknown values are marked. */
export function linesOf(
  idp: IdentityProvider,
  known: Known | undefined,
  pinned: readonly TrustedKey[],
): MetadataSummary['lines'] {
  const trusted = known === undefined ? pinned : withoutReplacedKeys(known, pinned)
  const addresses = known === undefined ? [] : addressesOf(known.idp)
  return [
    { name: 'entity id', value: idp.entityId, known: known?.idp.entityId === idp.entityId },
    ...addressesOf(idp).map((value) => ({ name: 'address', value, known: addresses.includes(value) })),
    ...idp.keys.map((key) => ({ name: 'certificate', value: fingerprintOf(key), known: isAmong(trusted, key) })),
  ]
}

export function digestOf(idp: IdentityProvider): string {
  const { content } = trustedMetadataOf({ idp, pinned: [] }, '')
  return createHash('sha256').update(content).digest('hex').slice(0, 16)
}

/** SHA-256 of the certificate, as other tools show it. */
export function fingerprintOf({ pem, publicKey }: TrustedKey): string {
  const certificate = certificateOf(pem)
  if (certificate !== undefined) return `SHA-256 ${certificate.fingerprint256}`
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return `SHA-256 of its public key ${createHash('sha256').update(der).digest('hex')}`
}

function isAmong(keys: readonly TrustedKey[], key: TrustedKey): boolean {
  return keys.some((known) => isSameKey(known, key))
}

export function pemsOf(keys: readonly TrustedKey[]): string[] {
  return keys.map(({ pem }) => pem)
}

export function keysOf(certificates: readonly string[]): readonly TrustedKey[] {
  return certificates.flatMap(trustedKeys)
}

/** A shared entity ID would give one connection the users of the other. */
export function issuerTakenError(entityId: string, connection: string): GatehouseError {
  const expected =
    'one that no other connection of the tenant has, unless entityId in the config says that both are one'
  const got = `${entityId}, which is that of connection ${connection}`
  return new GatehouseError('upstream_invalid', `the entityID of the metadata has to be ${expected}; it is ${got}`, {
    check: { name: 'entityID of the metadata', ok: false, expected, got },
  })
}
