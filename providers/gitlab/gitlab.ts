/**
 * GitLab, on gitlab.com or self-hosted. Only userinfo lists all groups; the ID token has the direct
 * ones. `auth_time` is the last sign-in, and `prompt=login` asks for a new one.
 * https://docs.gitlab.com/integration/openid_connect_provider
 */
import type { Provider } from '../../src/provider/provider.ts'
import { oidcProvider } from '../oidc/oidc.ts'
import { gitlabBrand, gitlabSetup } from './setup.ts'

const gitlabCom = 'https://gitlab.com'

export const gitlab: Provider = oidcProvider({
  kind: 'gitlab',
  brand: gitlabBrand,
  setup: gitlabSetup,
  defaultIssuer: gitlabCom,
  issuerSentence: 'Address of GitLab, without a slash at the end, such as https://gitlab.acme.com for your own.',
  scopesSentence: 'Scopes to request. GitLab refuses those that its application does not list.',
  isOpenToAnyone: (issuer) => issuer === gitlabCom,
  providesAuthTime: true,
  // every token response has a refresh token
  refreshScope: false,
})
