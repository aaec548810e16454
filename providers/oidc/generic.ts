/** Any OpenID Connect issuer without its own provider: Entra ID, Keycloak, GitLab, Auth0 … */
import type { Provider } from '../../src/provider/provider.ts'
import { oidcProvider } from './oidc.ts'

/** Issuers of brands; the last one is Microsoft's for personal accounts. */
const openToAnyone = [
  /^https:\/\/(?:gitlab\.com|accounts\.google\.com|(?:account|appleid)\.apple\.com)\/?$/,
  /^https:\/\/(?:www\.linkedin\.com(?:\/oauth)?|access\.line\.me)\/?$/,
  /\/9188040d-6c67-4c5b-b112-36a304b66dad\/v2\.0$/i,
]

export const oidc: Provider = oidcProvider({
  kind: 'oidc',
  brand: {
    name: 'OpenID Connect',
    isProtocol: true,
    logo: new URL('./logo.svg', import.meta.url),
    logoDark: new URL('./logo.svg', import.meta.url),
  },
  isOpenToAnyone: (issuer) => openToAnyone.some((known) => known.test(issuer)),
  initiatesLogin: true,
  receiveLogouts: true,
})
