import { z } from 'zod'

const name = z.string().max(256).nullable().optional()
const time = z.iso.datetime()
const records = z.array(z.looseObject({}))

const NameChange = z.strictObject({
  name: name.describe('Display name, at most 256 characters; null resets it.'),
  given_name: name,
  family_name: name,
})

const ChangedName = z.object({
  profile: z.object({
    name: z.string().optional(),
    given_name: z.string().optional(),
    family_name: z.string().optional(),
  }),
  sources: z
    .record(z.string(), z.string())
    .describe('Attribute → the connection that supplied it, or `user`, who set it.'),
})

const Deletion = z.object({
  requestedAt: time,
  dueAt: time.describe('Time from which the account is deleted, and nothing cancels it.'),
})

const UserData = z.object({
  exportedAt: time,
  user: z.looseObject({}).describe('ID, tenant, status, profile with the source of each attribute.'),
  identities: records.describe('Sign-in methods with what they supplied.'),
  sessions: records,
  tokens: records.describe('API tokens, without their text.'),
  consents: records,
  apps: records.describe('Apps that the user owns.'),
  roles: records,
  authenticators: records.describe('Authenticator apps and passkeys, without keys.'),
  recoveryCodes: z.looseObject({}).optional().describe('How many are left.'),
  devices: records.describe('Browsers that are not asked for a second factor.'),
  deletion: z.looseObject({}).optional().describe('The requested deletion of the account.'),
  events: records.describe('Audit events of the user, newest first.'),
  eventsComplete: z.boolean(),
})

export const ownAccountSchemas = { NameChange, ChangedName, Deletion, UserData } as const
