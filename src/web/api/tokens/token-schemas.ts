/** The JSON of API tokens in `/api/v1`. */
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()

const ApiToken = z
  .object({
    id: text.describe('Public: it is not the token.'),
    name: text,
    scopes: z.array(text).optional().describe('Permission names. Absent: all that the user has.'),
    ranges: z.array(text).describe('Addresses and CIDR ranges of its clients. Empty: all clients.'),
    createdAt: time,
    expiresAt: time,
    endsAt: time.optional().describe('End of a rotated token, which still works until then.'),
    replacedBy: text.optional().describe('ID of the token that it was rotated to.'),
    suspendedAt: time.optional().describe('Rejected since then, until its owner confirms it.'),
    lastUsed: z
      .object({ at: time, address: text.optional(), agent: text.optional() })
      .optional()
      .describe('Stored at most once a minute. Absent: never.'),
    stale: z.boolean().describe('The token was not used for 90 days.'),
  })
  .describe('A personal access token, without its secret.')

const ApiTokenList = z.object({ tokens: z.array(ApiToken).describe('Newest first, without those that ended.') })

const NewApiToken = z.strictObject({
  name: text.describe('1 to 60 characters, without markup.'),
  expiresAt: text
    .optional()
    .describe('Default: the maximum of the tenant, which is 10 years unless it sets another.')
    .meta({ format: 'date-time' }),
  scopes: z.array(text).max(100).optional().describe('Permission names. Default: all that the user has.'),
  ranges: z
    .array(text)
    .max(1000)
    .optional()
    .describe('At most 50 addresses or CIDR ranges of clients that may use the token. Default: all.'),
})

const CreatedApiToken = z.object({
  token: text.describe('The token, `gth_a_…`. Only this response contains it.'),
  apiToken: ApiToken,
})

const TokenRotation = z.strictObject({
  overlapSeconds: z
    .number()
    .optional()
    .describe('How long the old token still works: 0 to 7776000 (90 days). Default 0: it ends at once.'),
})

const RevokedTokens = z.object({ revoked: z.int().describe('How many tokens ended.') })

const ServiceAccount = z
  .object({ id: text, tenant: text, name: text, status: z.enum(['active', 'blocked', 'revoked']), createdAt: time })
  .describe('A user of a program. No person signs in as it.')
const ServiceAccountList = z.object({
  serviceAccounts: z.array(ServiceAccount),
  next: z.string().optional().describe('The `cursor` of the next page, if there may be one.'),
})
const NewServiceAccount = z.strictObject({
  name: text.describe('1 to 60 characters, without markup.'),
  tenant: text.max(64).optional().describe("Default: the caller's. An operator may name another."),
})

export const tokenSchemas = {
  ApiToken,
  ApiTokenList,
  NewApiToken,
  CreatedApiToken,
  TokenRotation,
  RevokedTokens,
  ServiceAccount,
  ServiceAccountList,
  NewServiceAccount,
} as const
