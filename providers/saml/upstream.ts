/** The state of one SAML connection, which its modules share. */
import type { KeyObject } from 'node:crypto'
import type { ConnectionContext } from '../../src/provider/provider.ts'
import { mappingOf, type ProviderTraits, privateKeyOf, type SamlConfig } from './config.ts'
import type { DecryptionKey } from './encryption/decryption.ts'
import { openIdentityProvider } from './metadata/idp.ts'
import type { IdentityProvider } from './metadata/idp-metadata.ts'
import type { IdentityProviderSource } from './metadata/metadata-source.ts'
import type { AttributeMapping } from './response/attributes.ts'
import { certificateOf } from './signature/certificates.ts'

export interface Upstream {
  readonly config: SamlConfig
  readonly context: ConnectionContext
  readonly idp: IdentityProviderSource
  readonly mapping: AttributeMapping
  readonly privateKey: KeyObject | undefined
  readonly decryptionKey: DecryptionKey
  /** Our ACS URL, logout URL and entity ID, with which messages are compared. */
  readonly acs: string
  readonly slo: string
  readonly entityId: string
  /** Set by an assertion encrypted by AES-CBC; the health check then warns. */
  readonly seen: { weakEncryption: boolean }
}

export function openUpstream(config: SamlConfig, traits: ProviderTraits, context: ConnectionContext): Upstream {
  const privateKey = privateKeyOf(config.privateKey)
  // config.certificate may be a chain, whose first certificate is ours
  const ourCertificate = config.certificate === undefined ? undefined : certificateOf(config.certificate)?.toString()
  return {
    config,
    context,
    idp: openIdentityProvider(config, context),
    mapping: mappingOf(traits),
    privateKey,
    decryptionKey: { privateKey, certificate: ourCertificate, entityId: context.entityId.href },
    acs: context.callbackUrl.href,
    slo: new URL('logout', context.callbackUrl).href,
    entityId: context.entityId.href,
    seen: { weakEncryption: false },
  }
}

/** Verifies with the known keys, otherwise with keys published since. */
export async function verifiedByAnyKey<T>(
  { idp }: Upstream,
  known: IdentityProvider,
  verify: (idp: IdentityProvider) => T,
): Promise<T> {
  try {
    return verify(known)
  } catch (error) {
    const newer = await idp.newerThan(known)
    if (newer.keys === known.keys || newer.entityId !== known.entityId) throw error
    return verify(newer)
  }
}
