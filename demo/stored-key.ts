/** The key of the emulated EPAM SSO is stored, because Gatehouse trusts no other key later. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type CertifiedKey, certifiedKey } from '../providers/saml/emulator/certificate.ts'

/** Reads key and certificate (PEM) from the file, or creates it. */
export async function keptKey(file: string, name: string): Promise<CertifiedKey> {
  const stored = textOf(file)
  const certificate = stored?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/)?.[0]
  if (stored !== undefined && certificate !== undefined)
    return { privateKey: createPrivateKey(stored), publicKey: createPublicKey(certificate), certificate }
  const made = await certifiedKey(name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${made.privateKey.export({ format: 'pem', type: 'pkcs8' })}${made.certificate}`, { mode: 0o600 })
  return made
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
