/**
 * GitHub, on github.com or Enterprise Server: OAuth 2.0. `id` identifies a user; a `login` can
 * change and be taken by others. Only the primary address of /user/emails counts, never the public
 * one of /user. https://docs.github.com/apps/oauth-apps
 */
import { z } from 'zod'
import type { Provider } from '../../src/provider/provider.ts'
import { oauth2Provider } from '../oauth2/oauth2.ts'
import { clientOptions, serverAddress } from '../oauth2/options.ts'

const config = z.strictObject({
  ...clientOptions,
  organizations: z
    .boolean()
    .default(true)
    .describe('A person’s organizations are groups; asks for the scope read:org. Default true.'),
  groupNames: z
    .enum(['login', 'id'])
    .default('login')
    .describe(
      'What names an organization as a group: login, which can be renamed and taken by others, or id. Default login.',
    ),
  baseUrl: serverAddress('Address of GitHub or your Enterprise Server, and the issuer.', 'https://github.com'),
  apiUrl: serverAddress('Its API: https://<host>/api/v3 of an Enterprise Server.', 'https://api.github.com'),
})
const answers = z.object({
  user: z.looseObject({ id: z.unknown(), login: z.unknown() }),
  emails: z.array(z.looseObject({ email: z.string(), primary: z.boolean() })).default([]),
  organizations: z.array(z.looseObject({ login: z.string(), id: z.int().positive() })).optional(),
})

// refused organizations are none, so that no former membership stays (1000 is the limit of groups)
const organizationPages = { whenDenied: [], maxPages: 10 }

export const github: Provider = oauth2Provider({
  kind: 'github',
  brand: { name: 'GitHub', logo: new URL('./logo.svg', import.meta.url) },
  config,
  answers,
  endpoints: ({ baseUrl: issuer }) => ({
    issuer,
    answerIssuer: `${issuer}/login/oauth`,
    authorization: `${issuer}/login/oauth/authorize`,
    token: `${issuer}/login/oauth/access_token`,
  }),
  scopes: ({ organizations }) => ['read:user', 'user:email', ...(organizations ? ['read:org'] : [])],
  requests: ({ apiUrl, organizations }) => ({
    user: { url: `${apiUrl}/user` },
    emails: { url: `${apiUrl}/user/emails?per_page=100`, whenDenied: [] },
    ...(organizations && { organizations: { url: `${apiUrl}/user/orgs?per_page=100`, ...organizationPages } }),
  }),
  headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  subject: ({ user }) => (z.int().positive().safeParse(user.id).success ? String(user.id) : undefined),
  claims({ user, emails, organizations }, { groupNames }) {
    const primary = emails.find((one) => one.primary && !one.email.endsWith('@users.noreply.github.com'))
    return {
      ...user,
      nickname: user.login,
      preferred_username: user.login,
      picture: user['avatar_url'],
      profile: user['html_url'],
      website: user['blog'],
      groups: organizations?.map((one) => String(one[groupNames])),
      email: primary?.email,
      email_verified: primary?.['verified'] ?? false,
    }
  },
  parameters: (login) => ({ login }),
  reauthentication: { prompt: 'select_account' },
  unknownCodeErrors: ['bad_verification_code'],
  clientErrors: ['incorrect_client_credentials'],
})
