/**
 * Okta: an org authorization server (`https://acme.okta.com`) or a custom one
 * (`https://acme.okta.com/oauth2/default`). Its ID token lacks profile and email, so userinfo is
 * fetched. A missing `groups` claim does not mean no groups.
 * https://developer.okta.com/docs/concepts/auth-servers
 */
import type { Provider } from '../../src/provider/provider.ts'
import { oidcProvider } from '../oidc/oidc.ts'
import { oktaBrand, oktaSetup } from './setup.ts'
import { universalLogout } from './universal-logout.ts'

export const okta: Provider = oidcProvider({
  kind: 'okta',
  brand: oktaBrand,
  setup: oktaSetup,
  issuerSentence:
    'Issuer URL of the Okta authorization server, exactly as Okta shows it: https://acme.okta.com (org) or https://acme.okta.com/oauth2/default (custom).',
  scopesSentence: 'Scopes to request. Add groups to receive group names from an org authorization server.',
  // each org belongs to one organization
  isOpenToAnyone: () => false,
  initiatesLogin: true,
  receiveLogouts: true,
  providesAuthTime: true,
  revocations: { endpoint: 'global-token-revocation', names: ['subject', 'email'], open: universalLogout },
})
