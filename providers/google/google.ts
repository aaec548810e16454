/**
 * Google. Only `sub` is stable; an email may change owners. Only the ID token's `hd` claim proves
 * the workspace: users can remove the `hd` parameter. Google hosts the mailboxes of gmail.com and
 * of that workspace; an email of another domain was verified only once.
 * https://developers.google.com/identity/openid-connect/openid-connect
 */
import { z } from 'zod'
import { plainText, secretText } from '../../src/crypto/secret.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { wordOf } from '../oidc/claims/claims.ts'
import { audiencesOption } from '../passport/audiences.ts'
import { type Endpoints, endpointsOption } from '../passport/endpoints.ts'
import { oauth2StrategyProvider } from '../passport/oauth2.ts'
import { googleBrand, googleScopes, googleSetup } from './setup.ts'

const own: Endpoints = {
  authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
  token: 'https://oauth2.googleapis.com/token',
  userinfo: 'https://openidconnect.googleapis.com/v1/userinfo',
  jwks: 'https://www.googleapis.com/oauth2/v3/certs',
  issuer: 'https://accounts.google.com',
}

const config = z
  .strictObject({
    clientId: plainText.describe(
      'Client ID of the Google OAuth client, such as 1234-abc.apps.googleusercontent.com. Required.',
    ),
    clientSecret: secretText.describe(
      'Client secret that belongs to it, as an environment variable or file: reference. Required.',
    ),
    hostedDomain: z
      .string()
      .regex(
        /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*$/,
        'must be a domain in lower case, such as acme.com',
      )
      .optional()
      .describe('Primary domain of the Google Workspace whose users may sign in. Default: any Google account.'),
    prompt: z
      .enum(['select_account', 'consent'])
      .optional()
      .describe('Page that Google shows even to a user whom it knows. Default: Google decides.'),
    providesAuthTime: z
      .boolean()
      .default(false)
      .describe(
        'The Google project has "Session age claims" on: a sign-in asked for anew is refused where Google does not say when it was. Default false.',
      ),
    audiences: audiencesOption(
      'Client IDs of apps whose ID tokens of Google (native, One Tap, FedCM) may be exchanged for a session.',
    ),
    endpoints: endpointsOption('Google', own),
  })
  .readonly()

type GoogleConfig = z.infer<typeof config>

export const google: Provider = oauth2StrategyProvider<GoogleConfig>({
  kind: 'google',
  brand: googleBrand,
  config,
  endpoints: own,
  setup: () => googleSetup,
  scopes: googleScopes,
  pkce: true,
  async strategy(options, _config, { userinfo = '' }) {
    const { Strategy } = await import('passport-google-oauth20')
    return new Strategy({ ...options, userProfileURL: userinfo }, () => undefined)
  },
  clientSecret: ({ clientSecret }) => clientSecret.reveal(),
  idToken: {
    nonce: true,
    algorithms: ['RS256'],
    // tokens may name the issuer without the scheme
    otherIssuers: (issuer) => [issuer.replace(/^https?:\/\//, '')],
    providesAuthTime: ({ providesAuthTime }) => providesAuthTime,
    audiences: ({ audiences }) => audiences,
    checks: (claims, { hostedDomain }) =>
      hostedDomain === undefined ? [] : [workspaceCheck(claims['hd'], hostedDomain)],
  },
  userinfo: 'asked',
  authoritativeDomains: ({ hd }) => [
    'gmail.com',
    'googlemail.com',
    ...(typeof hd === 'string' ? [hd.toLowerCase()] : []),
  ],
  parameters: ({ hostedDomain, prompt }, loginHint) => ({ hd: hostedDomain, prompt, login_hint: loginHint }),
  // Google shows accounts without asking for a password; auth_time needs "Session age claims"
  reauthentication: {
    prompt: 'select_account',
    max_age: '0',
    claims: JSON.stringify({ id_token: { auth_time: { essential: true } } }),
  },
})

function workspaceCheck(got: unknown, hostedDomain: string) {
  return {
    name: 'hd',
    ok: got === hostedDomain,
    expected: hostedDomain,
    got: wordOf(got),
    text: `Only people with a Google account of ${hostedDomain} can sign in here. Start again and choose that account.`,
  }
}
