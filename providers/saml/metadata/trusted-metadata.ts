/**
 * What is believed of an identity provider that describes itself at an address. The first description is believed and kept for good;
 * from then on new keys and new addresses count only when a known key signed them, or an admin said yes: who can change what an address
 * answers must not be able to sign people in, nor to send them elsewhere, not after a restart either (SA-87).
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { GatehouseError } from '../../../src/errors.ts'
import type { TrustedMetadata } from '../../../src/provider/provider.ts'
import { certificateOf, isSameKey, trustedKeys } from '../signature/certificates.ts'
import type { TrustedKey } from '../signature/signature.ts'
import type { IdentityProvider, ReadMetadata } from './idp-metadata.ts'

export interface Known {
  readonly idp: IdentityProvider
  /** The keys that stood in the config then. */
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
    ...{ entityId, singleSignOn, ...(singleLogout !== undefined && { singleLogout }) },
    ...{ keys: pemsOf(idp.keys), wantsSignedRequests, pinned: pemsOf(pinned) },
  }
  return { issuer: entityId, source, content: JSON.stringify(written) }
}

/** Undefined where nothing is believed yet of the identity provider that the config means now. */
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
  readonly problem?: Problem
}

export interface Problem {
  readonly name: 'new certificate' | 'new address'
  readonly detail: string
}

/** @param pinned the keys of the config: believed as long as they stand there */
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
  const addresses = addressesOf(found).filter(
    (address) => known === undefined || !addressesOf(known.idp).includes(address),
  )
  const detail = `its metadata names other addresses (${addresses.join(', ') || 'fewer than before'})`
  return { idp: { ...addKnownKey, keys: found.keys }, problem: { name: 'new address', detail } }
}

/** A key that gave way to others in the config since is trusted no more, though it was believed then. */
function withoutReplacedKeys({ idp, pinned: before }: Known, pinned: readonly TrustedKey[]): readonly TrustedKey[] {
  const isKept = (key: TrustedKey) => pinned.length === 0 || !isAmong(before, key) || isAmong(pinned, key)
  const cached = idp.keys.filter(isKept)
  return [...cached, ...pinned.filter((key) => !isAmong(cached, key))]
}

/** Without what only a description just read can answer. */
function withoutReadOnlyParts({
  entityId,
  singleSignOn,
  singleLogout,
  keys,
  wantsSignedRequests,
}: ReadMetadata): IdentityProvider {
  return {
    ...{ entityId, singleSignOn, keys, wantsSignedRequests },
    ...(singleLogout !== undefined && { singleLogout }),
  }
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

export interface Line {
  readonly name: string
  readonly value: string
  readonly known: boolean
}

/** For an admin's eyes; what is not known yet is marked. */
export function linesOf(
  idp: IdentityProvider,
  known: Known | undefined,
  pinned: readonly TrustedKey[],
): readonly Line[] {
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

/** As other programs show it: SHA-256 of the certificate. */
function fingerprintOf({ pem, publicKey }: TrustedKey): string {
  const certificate = certificateOf(pem)
  if (certificate !== undefined) return `SHA-256 ${certificate.fingerprint256}`
  return `SHA-256 of its public key ${createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex')}`
}

function isAmong(keys: readonly TrustedKey[], key: TrustedKey): boolean {
  return keys.some((known) => isSameKey(known, key))
}

function pemsOf(keys: readonly TrustedKey[]): string[] {
  return keys.map(({ pem }) => pem)
}

export function keysOf(certificates: readonly string[]): readonly TrustedKey[] {
  return certificates.flatMap(trustedKeys)
}

/** Names lead to users: one that another connection's upstream has would lead to that one's. */
export function issuerTakenError(entityId: string, connection: string): GatehouseError {
  const expected =
    'one that no other connection of the tenant has, unless entityId in the config says that both are one'
  const got = `${entityId}, which is that of connection ${connection}`
  return new GatehouseError('upstream_invalid', `the entityID of the metadata has to be ${expected}; it is ${got}`, {
    check: { name: 'entityID of the metadata', ok: false, expected, got },
  })
}
