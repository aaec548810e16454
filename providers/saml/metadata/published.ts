/** Certificates, endpoints and expiries of a SAML identity provider: published, or configured. */
import type { Expiry, Published } from '../../../src/provider/published.ts'
import { lastValidUntil } from '../signature/certificates.ts'
import type { Upstream } from '../upstream.ts'
import { fingerprintOf, pemsOf } from './trusted-metadata.ts'

/** Undefined before the metadata is fetched. */
export function published({ idp, config }: Upstream): Published | undefined {
  const known = idp.cached
  if (known === undefined) return undefined
  const { singleSignOn, singleLogout } = known
  return {
    expiries: [
      ...lastOf('certificate', pemsOf(known.keys)),
      ...lastOf('our certificate', config.certificate === undefined ? [] : [config.certificate]),
      ...(idp.validUntil === undefined
        ? []
        : [{ kind: 'metadata' as const, name: 'validUntil', expiresAt: idp.validUntil }]),
    ],
    certificates: known.keys.map(fingerprintOf).toSorted(),
    endpoints: Object.entries({ ...singleSignOn, ...singleLogout })
      .map(([name, url]) => `${name} ${url}`)
      .toSorted(),
  }
}

function lastOf(kind: Expiry['kind'], pems: readonly string[]): readonly Expiry[] {
  const expiresAt = lastValidUntil(pems)
  return expiresAt === undefined ? [] : [{ kind, name: kind, expiresAt }]
}
