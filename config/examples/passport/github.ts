/** GitHub by the strategy of npm as it is: npm install passport-github2. */
import { oauth2StrategyProvider } from 'gatehouse/passport-oauth2'
import { plainText, secretText } from 'gatehouse/secret'
import { Strategy } from 'passport-github2'
import { z } from 'zod'

export const provider = oauth2StrategyProvider({
  kind: 'passport-github2',
  brand: { name: 'GitHub' },
  config: z.strictObject({
    clientId: plainText.describe('Client ID of the OAuth app. Required.'),
    clientSecret: secretText.describe('Client secret that belongs to it. Required.'),
  }),
  endpoints: {
    authorization: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    issuer: 'https://github.com',
  },
  scopes: ['user:email'],
  pkce: true,
  clientSecret: ({ clientSecret }) => clientSecret.reveal(),
  strategy: async (options) => new Strategy({ ...options, allRawEmails: true }, () => undefined),
  unknownCodeErrors: ['bad_verification_code'],
})
