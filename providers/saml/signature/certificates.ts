/** Certificates as key containers: a pinned key counts whatever its issuer or age. */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { TrustedKey } from './signature.ts'

const minRsaBits = 2048
/** P-256, P-384, P-521. */
const curves: readonly unknown[] = ['prime256v1', 'secp384r1', 'secp521r1']

/** Undefined unless it is RSA with at least 2048 bits or a NIST curve. */
export function trustedKey(pem: string): TrustedKey | undefined {
  const certificate = certificateOf(pem)
  if (certificate === undefined) return bareKey(pem)
  const { publicKey } = certificate
  return isStrong(publicKey) ? { pem: certificate.toString(), publicKey } : undefined
}

/** A key without a certificate, such as a KeyValue of metadata. */
function bareKey(pem: string): TrustedKey | undefined {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const publicKey = createPublicKey(pem)
    return isStrong(publicKey) ? trustedPublicKey(publicKey) : undefined
  } catch {
    return undefined
  }
}

function trustedPublicKey(publicKey: KeyObject): TrustedKey {
  return { pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(), publicKey }
}

/** The usable keys of certificates in PEM text or bare base64. */
export function trustedKeys(text: string): readonly TrustedKey[] {
  const blocks = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [pemOf(text)]
  return blocks.flatMap((pem) => trustedKey(pem) ?? [])
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits
  return asymmetricKeyType === 'ec' && curves.includes(asymmetricKeyDetails?.namedCurve)
}

export function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

export function pemOf(base64: string): string {
  const lines = base64.replace(/\s+/g, '').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

export function base64Of(pem: string): string {
  return pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '')
}

export function isSameKey(one: TrustedKey, other: TrustedKey): boolean {
  return one.publicKey.equals(other.publicKey)
}

/** Undefined for a key without a certificate. */
function validUntil(pem: string): Date | undefined {
  const certificate = certificateOf(pem)
  return certificate && new Date(certificate.validTo)
}

/**
 * End of the certificate that ends last: earlier ones are for key changes. Undefined: keys without
 * certificate never end.
 */
export function lastValidUntil(pems: readonly string[]): Date | undefined {
  const last = Math.max(...pems.map((pem) => validUntil(pem)?.getTime() ?? Number.POSITIVE_INFINITY))
  return Number.isFinite(last) ? new Date(last) : undefined
}
