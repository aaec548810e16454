/** Discord by the strategy of npm as it is: npm install passport-discord. */
import { oauth2StrategyProvider } from 'gatehouse/passport-oauth2'
import { plainText, secretText } from 'gatehouse/secret'
import { Strategy } from 'passport-discord'
import { z } from 'zod'

export const provider = oauth2StrategyProvider({
  kind: 'passport-discord',
  brand: { name: 'Discord' },
  config: z.strictObject({
    clientId: plainText.describe('Client ID of the Discord application. Required.'),
    clientSecret: secretText.describe('Client secret that belongs to it. Required.'),
  }),
  endpoints: {
    authorization: 'https://discord.com/oauth2/authorize',
    token: 'https://discord.com/api/oauth2/token',
    issuer: 'https://discord.com',
  },
  scopes: ['identify', 'email'],
  pkce: true,
  clientSecret: ({ clientSecret }) => clientSecret.reveal(),
  strategy: async (options) => new Strategy(options, () => undefined),
  claims: ({ id, global_name: name, email, verified }) => ({ sub: id, name, email, email_verified: verified }),
})
