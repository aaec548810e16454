/** Writes the AuthnRequest and our metadata. */
import { GatehouseError } from '../../src/errors.ts'
import type { Challenge, LoginStart, Memo } from '../../src/provider/provider.ts'
import { signatureRules } from './config.ts'
import { loadNodeSaml } from './load-node-saml.ts'
import { singleLogoutOf } from './logout/logout-request.ts'
import type { IdentityProvider } from './metadata/idp-metadata.ts'
import type { Upstream } from './upstream.ts'
import { bindings, nameIdFormats } from './xml/names.ts'

export async function challengeOf(
  upstream: Upstream,
  idp: IdentityProvider,
  { state, reauthenticate = false }: LoginStart,
  memo: Memo & { readonly requestId: string },
): Promise<Challenge> {
  const { config } = upstream
  const { binding, address } = bindingFor(idp, config.binding)
  const { authnRequest } = await loadNodeSaml()
  const options = {
    ...serviceProviderOptions(upstream),
    entryPoint: address,
    idpCert: idp.keys.map(({ pem }) => pem),
    generateUniqueId: () => memo.requestId,
    forceAuthn: reauthenticate,
    identifierFormat: config.nameIdFormat === undefined ? null : nameIdFormats[config.nameIdFormat],
    disableRequestedAuthnContext: config.requiredAuthnContext.length === 0,
    authnContext: [...config.requiredAuthnContext],
    authnRequestBinding: binding === 'post' ? 'HTTP-POST' : 'HTTP-Redirect',
    skipRequestCompression: binding === 'post', // SAML bindings 3.5.4: only HTTP-Redirect deflates
  }
  const request = await authnRequest(options, state)
  if (request instanceof URL) return { step: 'redirect', url: request, memo }
  return { step: 'post', url: new URL(address), fields: request, memo }
}

function bindingFor({ singleSignOn, entityId }: IdentityProvider, wanted: 'redirect' | 'post' | undefined) {
  const candidates = wanted === undefined ? (['redirect', 'post'] as const) : [wanted]
  for (const binding of candidates) {
    const address = singleSignOn[binding]
    if (address !== undefined) return { binding, address }
  }
  throw new GatehouseError('upstream_invalid', `${entityId} takes no requests by ${candidates.join(' or ')}`)
}

function serviceProviderOptions({ config, decryptionKey, acs, entityId }: Upstream) {
  const { privateKey } = config
  const { certificate } = decryptionKey
  const pair = privateKey &&
    certificate !== undefined && { privateKey: `${privateKey.reveal().trim()}\n`, publicCert: certificate }
  return { callbackUrl: acs, issuer: entityId, ...pair }
}

/** States our signing and encryption: some identity providers enforce it. */
export async function spMetadata(upstream: Upstream, idp: IdentityProvider | undefined): Promise<string> {
  const { config, privateKey, decryptionKey } = upstream
  const { nodeSaml } = await loadNodeSaml()
  const certificate = decryptionKey.certificate?.trim() ?? null
  // an IdP may read this only once, before we know its metadata (P2)
  const takesLogouts = privateKey !== undefined || singleLogoutOf(upstream, idp) !== undefined
  const saml = nodeSaml({
    ...serviceProviderOptions(upstream),
    idpCert: 'unused',
    identifierFormat: nameIdFormats[config.nameIdFormat ?? 'persistent'],
    wantAssertionsSigned: signatureRules[config.signed].asksForAssertion,
    generateUniqueId: () => '_gatehouse',
    ...(takesLogouts && { logoutCallbackUrl: upstream.slo }),
    ...(privateKey !== undefined && { decryptionPvk: privateKey.export({ format: 'pem', type: 'pkcs8' }) }),
  })
  // removes the library's CBC encryption methods: we offer only AES-GCM
  return saml
    .generateServiceProviderMetadata(certificate, certificate)
    .replace(/\n? {0,40}<EncryptionMethod Algorithm="[^"]{0,100}-cbc"\/>/g, '')
    .replace(
      /(\n? {0,40}<SingleLogoutService Binding=")[^"<]*("[^<>]*>)/,
      `$1${bindings.redirect}$2$1${bindings.post}$2`,
    )
}
