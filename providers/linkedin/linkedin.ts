/**
 * LinkedIn, product "Sign In with LinkedIn using OpenID Connect". It refuses `code_verifier`
 * (next-auth#8831, hanko#2405) and its ID tokens have no nonce (authlib#763, social-core#833), so
 * only `state` binds an answer to its login. Emails are verified only if `email_verified` says so.
 */
import { z } from 'zod'
import { plainText, secretText } from '../../src/crypto/secret.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { type Claims, profileOf } from '../oidc/claims/claims.ts'
import { type Endpoints, endpointsOption } from '../passport/endpoints.ts'
import { oauth2StrategyProvider } from '../passport/oauth2.ts'
import { linkedinBrand, linkedinScopes, linkedinSetup } from './setup.ts'

const own: Endpoints = {
  authorization: 'https://www.linkedin.com/oauth/v2/authorization',
  token: 'https://www.linkedin.com/oauth/v2/accessToken',
  userinfo: 'https://api.linkedin.com/v2/userinfo',
  jwks: 'https://www.linkedin.com/oauth/openid/jwks',
  issuer: 'https://www.linkedin.com/oauth', // since April 2024: keycloak#28686
}

const config = z
  .strictObject({
    clientId: plainText.describe('Client ID of the LinkedIn app. Required.'),
    clientSecret: secretText.describe(
      'Primary client secret that belongs to it, as an environment variable or file: reference. Required.',
    ),
    endpoints: endpointsOption('LinkedIn', own),
  })
  .readonly()

type LinkedInConfig = z.infer<typeof config>

export const linkedin: Provider = oauth2StrategyProvider<LinkedInConfig>({
  kind: 'linkedin',
  brand: linkedinBrand,
  config,
  endpoints: own,
  setup: () => linkedinSetup,
  scopes: linkedinScopes,
  pkce: false,
  async strategy(options, _config, { userinfo = '' }) {
    const { LinkedInStrategy } = await import('./strategy.ts')
    return new LinkedInStrategy(options, userinfo)
  },
  clientSecret: ({ clientSecret }) => clientSecret.reveal(),
  idToken: { nonce: false, algorithms: ['RS256'] },
  profile: ({ idToken, userinfo }) => profileOf(withLocale(idToken), userinfo && withLocale(userinfo)),
  denials: ['access_denied', 'user_cancelled_login', 'user_cancelled_authorize'],
  unknownCodeErrors: ['invalid_grant', 'invalid_request'],
})

/** In userinfo the locale is an object: `{"country": "US", "language": "en"}`. */
function withLocale(claims: Claims): Claims {
  const locale = z.object({ language: z.string(), country: z.string().optional() }).safeParse(claims['locale'])
  if (!locale.success) return claims
  const { language, country } = locale.data
  return { ...claims, locale: country === undefined ? language : `${language}-${country}` }
}
