/** Any OpenID Connect issuer without a folder of its own: Entra, Keycloak, GitLab, Auth0 and their like, by its issuer URL. */
import type { Provider } from '../../src/provider/provider.ts'
import { oidcProvider } from './oidc.ts'

export const oidc: Provider = oidcProvider({
  kind: 'oidc',
  brand: { name: 'OpenID Connect', logo: new URL('./logo.svg', import.meta.url) },
})
