/** The JSON of `/api/v1/admin/apps`. */
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()

const AdminApp = z.object({
  id: text,
  name: text,
  kind: z.enum(['web', 'single-page', 'native', 'service']),
  declared: z
    .boolean()
    .describe('Declared in gatehouse.yaml: only operators see the app, and the API cannot change it.'),
  owner: z.object({ id: text, tenant: text, email: text.optional() }).optional(),
  state: z.enum(['on', 'disabled', 'owner blocked']),
  disabledAt: time.optional(),
  createdAt: time,
})

const AdminAppPage = z.object({
  apps: z.array(AdminApp),
  next: text.optional().describe('The `cursor` of the next page. Absent: there are no more apps.'),
})

const AdminAppDetails = z
  .object({
    app: AdminApp,
    redirectUris: z.array(text),
    postLogoutRedirectUris: z.array(text),
    backchannelLogoutUri: text.optional(),
    tenants: z.union([z.literal('all'), z.array(text)]),
    scopes: z.array(text),
    grants: z.array(text),
    firstParty: z.boolean(),
    credentials: z
      .array(
        z.object({
          kind: z.enum(['client secret', 'key', 'key set']),
          id: text,
          name: text.optional(),
          createdAt: time,
          expiresAt: time.optional(),
          lastUsedAt: time.optional().describe('Absent if it was not used; not recorded for apps of gatehouse.yaml.'),
        }),
      )
      .describe('Credentials without their values.'),
    consents: z.int().describe('Users who consented; 10000 means that many or more.'),
    days: z
      .array(z.object({ day: text, signIns: z.int(), refusals: z.int() }))
      .describe('Counts of the last 30 days (UTC), oldest first.'),
  })
  .describe('All about one app, without any secret.')

export const adminAppSchemas = { AdminApp, AdminAppPage, AdminAppDetails } as const

const word = (max: number) => text.min(1).max(max).optional()

export const appsQuery = z.strictObject({
  name: word(256).describe('Part of the name, in any case.'),
  owner: word(256).describe('ID or email of the developer.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many apps; 1 to 200.'),
  cursor: word(128).describe('`next` of the page before.'),
  tenant: word(64).describe('For operators: another tenant than their own, or `*`: all tenants.'),
})
