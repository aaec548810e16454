/**
 * An emulated SAML identity provider on a real port, for tests and the quickstart: requests by
 * HTTP-Redirect or HTTP-POST, answers by HTTP-POST. Faults are set by `fault` or on the page at
 * `/`.
 */
import { type Emulator, startEmulator } from '../../emulator/emulator.ts'
import { Faults } from '../../emulator/faults.ts'
import { type Call, type ListenOptions, listen } from '../../emulator/http.ts'
import { escaped } from '../../emulator/pages.ts'
import type { LocalApps } from '../../emulator/registered-uris.ts'
import { type CertifiedKey, certifiedKey } from './certificate.ts'
import { type FaultName, faultTable } from './faults.ts'
import { type EmulatedLogout, newEmulatedLogout, sessionList } from './logout.ts'
import { claimsOf, type SamlPerson, type SamlService } from './participants.ts'
import { idpMetadata } from './response.ts'
import { signed } from './signature.ts'
import { singleSignOn } from './sso.ts'

export interface SamlEmulatorOptions extends ListenOptions, LocalApps {
  /** Name on its pages. Default 'identity provider'. */
  readonly name?: string
  readonly services: readonly SamlService[]
  readonly people: readonly SamlPerson[]
  /** The first signing key. Default: generated. */
  readonly key?: CertifiedKey
}

export interface SamlEmulator extends Emulator<FaultName, 'metadata' | 'sso' | 'slo'> {
  readonly entityId: string
  readonly metadataUrl: string
  readonly people: readonly SamlPerson[]
  /** The current signing key, and an untrusted one. */
  readonly key: CertifiedKey
  readonly untrustedKey: CertifiedKey
  readonly logout: EmulatedLogout
  /** Publishes both certificates, signed by the old key unless `silent`. */
  rotateKey(options?: { readonly silent?: boolean }): Promise<void>
}

export async function startSamlEmulator(options: SamlEmulatorOptions): Promise<SamlEmulator> {
  const { name: upstream = 'identity provider', people, services, acceptsLocalUris = false } = options
  sharedUntrustedKey ??= certifiedKey('stranger')
  const [first, untrustedKey] = await Promise.all([options.key ?? certifiedKey(upstream), sharedUntrustedKey])
  const listening = await listen(options)
  const { url } = listening
  const entityId = `${url}/metadata`
  const faults = new Faults(faultTable)
  const keys = signingKeys(upstream, first)
  const signer = () => (faults.has('foreignKey') ? untrustedKey : keys.current())
  const logout = newEmulatedLogout({ entityId, faults, services, signer })
  const { sso, signIn } = singleSignOn({
    ...{ entityId, upstream, people, services, faults, logout, signer },
    acceptsLocalUris,
  })

  function metadata({ response }: Call): void {
    const entity = faults.has('otherEntity') ? 'https://other.idp.example' : entityId
    const { certificates, signer: metadataSigner } = keys.published()
    const addresses = { address: `${url}/sso`, logoutAddress: `${url}/slo` }
    const xml = idpMetadata({ entityId: entity, ...addresses, certificates })
    const document = metadataSigner === undefined ? xml : signed(xml, 'EntityDescriptor', metadataSigner)
    response.writeHead(200, { 'content-type': 'application/samlmetadata+xml' }).end(document)
  }

  const emulator = startEmulator(listening, {
    upstream,
    people: people.map(claimsOf),
    faults,
    faultTable,
    endpoints: { metadata: '/metadata', sso: '/sso', slo: '/slo' },
    routes: { '/metadata': metadata, '/sso': sso, '/signin/': signIn, ...logout.routes },
    page: () => ({
      about: `<p>Entity ID <code>${escaped(entityId)}</code>, <a href="/metadata">metadata</a></p>`,
      sections: sessionList(logout.sessions),
    }),
    rotateKey: keys.rotate,
  })
  return {
    ...emulator,
    entityId,
    people,
    untrustedKey,
    logout,
    metadataUrl: entityId,
    rotateKey: keys.rotate,
    get key() {
      return keys.current()
    },
  }
}

/** Shared by all emulators, because an RSA key takes long to generate. */
let sharedUntrustedKey: Promise<CertifiedKey> | undefined

/** The signing key, and the certificates in the metadata. */
function signingKeys(name: string, first: CertifiedKey) {
  let key = first
  let published: { readonly certificates: readonly string[]; readonly signer: CertifiedKey | undefined } = {
    certificates: [first.certificate],
    signer: first,
  }
  return {
    current: () => key,
    published: () => published,
    async rotate({ silent = false } = {}): Promise<void> {
      const next = await certifiedKey(name)
      published = { certificates: [key.certificate, next.certificate], signer: silent ? undefined : key }
      key = next
    },
  }
}
