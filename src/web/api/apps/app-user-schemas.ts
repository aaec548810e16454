/** The JSON of an app's users in `/api/v1`. */
import { isIP } from 'node:net'
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()

const Claims = z
  .looseObject({ email: text.optional(), email_verified: z.boolean().optional(), name: text.optional() })
  .describe('Names as in Profile. Only those that the user agreed to share with this app.')

const TokenToCheck = z.strictObject({
  token: text.min(1).max(512).describe('A session token or an API token.'),
  address: text
    .max(45)
    .refine((address) => isIP(address) !== 0 && !address.includes('%'), 'must be an IP address')
    .optional()
    .describe('IP address of the client that sent it. An API token with ranges is inactive without.'),
  agent: text.max(1000).optional().describe('User-Agent of that client, for the last use of an API token.'),
})
const CheckedToken = z
  .union([
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      tenant: text,
      user: z.object({ id: text }),
      claims: Claims,
      scopes: z.array(text).describe('Scopes that the user agreed to.'),
      authenticatedAt: time,
      expiresAt: time,
    }),
  ])
  .describe('Inactive: the token is malformed or unknown, its session ended, or the app may not see its user.')

const AppUser = z.object({ id: text, tenant: text, status: z.literal('active'), claims: Claims, scopes: z.array(text) })

const AppUserPage = z.object({
  users: z.array(
    z.object({
      id: text.describe('The `sub` of their ID token.'),
      tenant: text,
      scopes: z.array(text).describe('Scopes that the user agreed to.'),
      firstGrantedAt: time,
      grantedAt: time,
    }),
  ),
  next: text.optional().describe('The `cursor` of the next page. Absent: there are no more users.'),
})

const AppStatistics = z.object({
  days: z.array(
    z.object({
      day: text.describe('UTC.').meta({ format: 'date' }),
      signIns: z.int().describe('Authorization requests and devices that were granted.'),
      refusals: z.int().describe('Authorization requests that ended with an error, but for questions by prompt=none.'),
    }),
  ),
})

export const appUserSchemas = { Claims, TokenToCheck, CheckedToken, AppUser, AppUserPage, AppStatistics } as const
