/** Answers of GitHub's API about a user. */
import { z } from 'zod'
import type { Claims } from '../oidc/claims/claims.ts'
import type { GitHubConfig } from './config.ts'

export const answers = z.object({
  user: z.looseObject({ id: z.unknown(), login: z.unknown().optional() }),
  emails: z.array(z.looseObject({ email: z.string(), primary: z.boolean() })).default([]),
  organizations: z.array(z.looseObject({ login: z.string(), id: z.int().positive() })).optional(),
})

export type GitHubAnswers = z.output<typeof answers>

/** Members of organizations are in groups of their names. */
export function claimsOf({ user, emails, organizations }: GitHubAnswers, { groupNames }: GitHubConfig): Claims {
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
}
