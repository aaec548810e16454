/** Any OpenID Connect issuer without its own provider: Entra ID, Keycloak, GitLab, Auth0 … */
import type { Provider } from '../../src/provider/provider.ts'
import { oidcProvider } from './oidc.ts'

export const oidc: Provider = oidcProvider({
  kind: 'oidc',
  brand: {
    name: 'OpenID Connect',
    isProtocol: true,
    logo: new URL('./logo.svg', import.meta.url),
    logoDark: new URL('./logo.svg', import.meta.url),
  },
  isOpenToAnyone: () => false, // beyond the issuers of known brands
  initiatesLogin: true,
  receiveLogouts: true,
})
