/** Codeberg and other Forgejo servers as a plugin: what differs from OAuth 2.0 and its API. */
import { oauth2Provider } from 'gatehouse/oauth2'
import { plainText, secretText } from 'gatehouse/secret'
import { z } from 'zod'

export const provider = oauth2Provider({
  kind: 'codeberg',
  brand: { name: 'Codeberg' },
  config: z.strictObject({
    clientId: plainText.describe('Client ID of the OAuth2 application. Required.'),
    clientSecret: secretText.describe('Client secret that belongs to it. Required.'),
    server: z.url().default('https://codeberg.org').describe('Address of the server. Default https://codeberg.org.'),
  }),
  endpoints: ({ server }) => ({
    issuer: server,
    authorization: `${server}/login/oauth/authorize`,
    token: `${server}/login/oauth/access_token`,
  }),
  scopes: () => ['read:user'],
  requests: ({ server }) => ({
    user: { url: `${server}/api/v1/user` },
    emails: { url: `${server}/api/v1/user/emails`, whenDenied: [] },
  }),
  answers: z.object({
    user: z.looseObject({ id: z.int().positive(), login: z.string() }),
    emails: z.array(z.looseObject({ email: z.string(), primary: z.boolean() })).default([]),
  }),
  subject: ({ user }) => String(user.id),
  claims: ({ user, emails }) => {
    const primary = emails.find((one) => one.primary)
    const email = { email: primary?.email, email_verified: primary?.['verified'] }
    return { ...user, name: user['full_name'], nickname: user.login, picture: user['avatar_url'], ...email }
  },
})
