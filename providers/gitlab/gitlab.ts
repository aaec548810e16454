/**
 * GitLab, on gitlab.com or self-hosted. Only userinfo lists all groups; the ID token has the direct
 * ones. `auth_time` is the last sign-in, and `prompt=login` asks for a new one.
 * https://docs.gitlab.com/integration/openid_connect_provider
 */
import type { Provider } from '../../src/provider/provider.ts'
import { oidcProvider } from '../oidc/oidc.ts'
import { gitlabBrand, gitlabSetup } from './setup.ts'

export const gitlab: Provider = oidcProvider({
  kind: 'gitlab',
  brand: gitlabBrand,
  setup: gitlabSetup,
  issuerSentence: 'Address of GitLab, without a slash at the end: https://gitlab.com or your own. Required.',
  scopesSentence: 'Scopes to request. GitLab refuses those that its application does not list.',
  isOpenToAnyone: (issuer) => issuer === 'https://gitlab.com',
  providesAuthTime: true,
  // every token response has a refresh token
  refreshScope: false,
})
