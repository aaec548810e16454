/** Certificates as carriers of keys: a pinned key counts, whoever issued it and however old it is; its age is known to health. */
import { X509Certificate } from 'node:crypto'
import type { TrustedKey } from './signature.ts'

const leastRsaBits = 2048

/** The key of a certificate, or undefined for what is none, or holds no RSA key of at least 2048 bits. */
export function trustedKey(pem: string): TrustedKey | undefined {
  const certificate = certificateOf(pem)
  if (certificate === undefined) return undefined
  const { publicKey } = certificate
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (publicKey.asymmetricKeyType !== 'rsa' || bits < leastRsaBits) return undefined
  return { pem: certificate.toString(), publicKey }
}

export function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

/** The base64 of a metadata document as PEM. */
export function pemOf(base64: string): string {
  const lines = base64.replace(/\s+/g, '').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** The base64 between the lines of a PEM text. */
export function base64Of(pem: string): string {
  return pem.replace(/-----[^-]+-----/g, '').replace(/\s+/g, '')
}

export function isSameKey(one: TrustedKey, other: TrustedKey): boolean {
  return one.publicKey.equals(other.publicKey)
}

export function validUntil(pem: string): Date {
  return new Date(certificateOf(pem)?.validTo ?? 0)
}
