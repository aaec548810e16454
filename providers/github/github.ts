/**
 * GitHub, on github.com or Enterprise Server: OAuth 2.0. `id` identifies a user; a `login` can
 * change and be taken by others. Only the primary address of /user/emails counts, never the public
 * one of /user. https://docs.github.com/apps/oauth-apps
 */
import { z } from 'zod'
import type { Provider } from '../../src/provider/provider.ts'
import { oauth2Provider } from '../oauth2/oauth2.ts'
import { answers, claimsOf } from './answers.ts'
import { config } from './config.ts'
import { githubBrand, githubSetup } from './setup.ts'

// refused organizations are none, so that no former membership stays (1000 is the limit of groups)
const organizationPages = { whenDenied: [], maxPages: 10 }

export const github: Provider = oauth2Provider({
  kind: 'github',
  brand: githubBrand,
  config,
  setup: () => githubSetup,
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
  claims: claimsOf,
  parameters: (login) => ({ login }),
  reauthentication: { prompt: 'select_account' },
  unknownCodeErrors: ['bad_verification_code'],
  clientErrors: ['incorrect_client_credentials'],
})
