/** The JSON of `/api/v1/admin/users`. */
import { z } from 'zod'
import { roleSchemas } from '../../roles/role-schemas.ts'
import { sessionSchemas } from '../../sessions/session-schemas.ts'
import { tokenSchemas } from '../../tokens/token-schemas.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()
const status = z
  .enum(['active', 'blocked', 'revoked'])
  .describe('`revoked`: an identity provider ended the access; signing in there again ends that.')
const kind = z.enum(['person', 'service']).describe('`service`: of a program; no person signs in as it.')

// extended by nothing, so that they are written out: files of the SDK do not import each other
const Profile = sessionSchemas.Profile.extend({})
const ApiToken = tokenSchemas.ApiToken.extend({})

/** Parameters of a path with a user. */
export const userParams = z.object({ id: z.string().max(128).describe('ID of the user.') })

const AdminUser = z.object({
  id: text,
  tenant: text,
  kind,
  status,
  name: text.optional(),
  email: text.optional(),
  emailProven: z.boolean().describe('Verified, by a connection that may speak for the domain.'),
  createdAt: time,
})

const AdminUserPage = z.object({
  users: z.array(AdminUser),
  next: text.optional().describe('The `cursor` of the next page. Absent: there are no more users.'),
})

const AdminUserDetails = z
  .object({
    user: AdminUser,
    tenantRemoved: z
      .boolean()
      .describe('The configuration has no such tenant any more: sign-ins, sessions and tokens are rejected.'),
    profile: Profile,
    sources: z.record(text, text).describe('Connection that supplied each attribute of the profile.'),
    identities: z.array(
      z.object({
        connection: text,
        connectionRemoved: z.boolean().describe('The configuration has no such connection any more.'),
        issuer: text,
        subject: text,
        knownAs: text.describe('The email or name that the identity provider sent.'),
        lastLoginAt: time,
        addedAt: time.optional(),
        suspendedAt: time.optional().describe('Sign-in is refused until the user confirms it.'),
      }),
    ),
    sessions: z.array(
      z.object({ id: text, connection: text, device: text, createdAt: time, lastSeenAt: time, expiresAt: time }),
    ),
    tokens: z.array(ApiToken).describe('Newest first.'),
    developerSecrets: z
      .array(z.object({ id: text, createdAt: time, expiresAt: time.optional(), lastUsedAt: time.optional() }))
      .describe("The developer's client secrets, without their values."),
    consents: sessionSchemas.ConsentList.shape.consents.describe('Apps that have access to the user.'),
    apps: z.array(z.object({ id: text, name: text, enabled: z.boolean() })).describe('Apps that the user registered.'),
    roles: roleSchemas.RoleList.shape.roles.describe('None of a user who may not sign in.'),
  })
  .describe('All about one user, without any secret.')

export const adminUserSchemas = { AdminUser, AdminUserPage, AdminUserDetails } as const

const word = (max: number) => text.min(1).max(max).optional()

export const usersQuery = z.strictObject({
  email: word(256).describe('An email address, or its beginning, in any case.'),
  name: word(256).describe('The beginning of the name, in any case.'),
  status: status.optional(),
  kind: kind.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many users; 1 to 200.'),
  cursor: word(128).describe('`next` of the page before.'),
  tenant: word(64).describe('For operators: another tenant than their own, or `*`: all tenants.'),
})
