/**
 * GitHub, on github.com or Enterprise Server: OAuth 2.0. `id` identifies a user; a `login` can
 * change and be taken by others. Only the primary address of /user/emails counts, never the public
 * one of /user. https://docs.github.com/apps/oauth-apps
 */
import { z } from 'zod'
import { fillable, plainText, secretText } from '../../src/crypto/secret.ts'
import { described } from '../../src/provider/options.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { oauth2Provider } from '../oauth2/oauth2.ts'
import { isSafeUrl } from '../oidc/discovery.ts'

const address = fillable(z.string()).refine(
  (url) => isSafeUrl(url) && !/\?|\/$/.test(url),
  'must be an https URL (http only on localhost), without query, fragment and slash at the end',
)
const options = {
  clientId: plainText,
  clientSecret: secretText,
  organizations: z.boolean().default(true),
  baseUrl: address.default('https://github.com'),
  apiUrl: address.default('https://api.github.com'),
}
const sentences = {
  clientId: 'Client ID of the OAuth app. Required.',
  clientSecret: 'Client secret that belongs to it, as an environment variable or file: reference. Required.',
  organizations: 'A person’s organizations are groups; asks for the scope read:org. Default true.',
  baseUrl: 'Address of GitHub or your Enterprise Server, and the issuer of identities. Default https://github.com.',
  apiUrl: 'Its API: https://<host>/api/v3 of an Enterprise Server. Default https://api.github.com.',
}
const config = z.strictObject(described(options, sentences)).readonly()

const answers = z.object({
  user: z.looseObject({ id: z.unknown(), login: z.unknown() }),
  emails: z
    .array(z.looseObject({ email: z.string(), primary: z.boolean(), verified: z.unknown().optional() }))
    .default([]),
  organizations: z.array(z.looseObject({ login: z.string() })).optional(),
})
const pageSize = 100

export const github: Provider = oauth2Provider({
  kind: 'github',
  brand: { name: 'GitHub', logo: new URL('./logo.svg', import.meta.url) },
  config,
  endpoints: ({ baseUrl }) => ({
    ...{ issuer: baseUrl, token: `${baseUrl}/login/oauth/access_token` },
    authorization: `${baseUrl}/login/oauth/authorize`,
    answerIssuer: `${baseUrl}/login/oauth`,
  }),
  scopes: ({ organizations }) => ['read:user', 'user:email', ...(organizations ? ['read:org'] : [])],
  requests: ({ apiUrl, organizations }) => ({
    user: { url: `${apiUrl}/user` },
    emails: { url: `${apiUrl}/user/emails?per_page=${pageSize}`, optional: true },
    ...(organizations && { organizations: { url: `${apiUrl}/user/orgs?per_page=${pageSize}`, optional: true } }),
  }),
  headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  answers,
  subject: ({ user }) => (z.int().positive().safeParse(user.id).success ? String(user.id) : undefined),
  claims({ user, emails, organizations }) {
    const primary = emails.find((one) => one.primary)
    const isMailbox = !primary?.email.endsWith('@users.noreply.github.com')
    return {
      ...{ ...user, nickname: user.login, preferred_username: user.login, picture: user['avatar_url'] },
      ...{ profile: user['html_url'], website: user['blog'], groups: organizations?.map(({ login }) => login) },
      ...{ email: isMailbox ? primary?.email : undefined, email_verified: primary?.verified ?? false },
    }
  },
  // a full page may not be the last one
  groupsOmitted: ({ organizations }) => organizations?.length === pageSize,
  parameters: (login) => ({ login }),
  reauthentication: { prompt: 'select_account' },
  unknownCodeErrors: ['bad_verification_code'],
  clientErrors: ['incorrect_client_credentials'],
})
