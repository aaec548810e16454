/** `GET /api/v1/users/me`, for the user and for apps that they consented to. */
import { claimsOfScopes } from '../../../app/scopes.ts'
import type { User } from '../../../broker/ports/users.ts'
import { permissionView, profileIn } from '../../../broker/session/permissions.ts'
import { isLive, type Session } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import type { AccessTokenUse } from '../../../http/interaction.ts'
import { profileView, userView } from '../../../http/views.ts'
import type { Shell } from '../../shell.ts'
import { exampleUser } from '../openapi/examples.ts'
import { answer, apiRoute, isAccessTokenUse } from '../route.ts'
import { schemas } from '../schemas.ts'

export const userRoute = apiRoute('getUser', 'get', '/api/v1/users/me', {
  caller: 'session or access token',
  permission: 'profile:read',
  acceptsDeveloperSecret: true,
  fromReturnOrigins: true,
  summary: 'Get the user and their sign-in methods',
  description:
    'An access token with the scope `openid` gets what its scopes allow: the ID, the tenant and the attributes of `profile`, `email`, `groups` and so on. It gets no sign-in methods.',
  answer: answer(200, 'The stored user.', schemas.User, exampleUser),
  errors: ['permission_refused'],
  handler: async ({ shell, caller }) =>
    isAccessTokenUse(caller) ? userForApp(shell, caller) : userForThemselves(shell, caller),
})

async function userForThemselves(shell: Shell, session: Session) {
  const { tenant, userId, connection } = session
  const [user, identities] = await Promise.all([
    activeUser(shell, session),
    shell.parts.users.identitiesOf(tenant, userId),
  ])
  return userView(user, identities, visibleProfile(shell, user, connection))
}

/** Throws `permission_refused` without the scope `openid`, which stands for the id. */
async function userForApp(shell: Shell, use: AccessTokenUse) {
  if (!use.scopes.includes('openid'))
    throw new GatehouseError('permission_refused', 'an access token without openid', {
      text: 'This access token does not have the scope openid. Request it at /oauth2/auth.',
    })
  const [user, session] = await Promise.all([
    activeUser(shell, use),
    use.sessionId === undefined ? null : shell.parts.sessions.find(use.sessionId),
  ])
  const claims = claimsOfScopes(use.scopes)
  const connection = session !== null && isLive(session, shell.parts.now()) ? session.connection : undefined
  const profile = profileView(visibleProfile(shell, user, connection))
  const allowed = Object.entries(profile).filter(([name]) => claims.has(name))
  return { id: user.id, tenant: user.tenant, profile: Object.fromEntries(allowed) }
}

const visibleProfile = ({ parts, tenants }: Shell, user: User, connection: string | undefined) =>
  profileIn(user, permissionView(tenants.get(user.tenant), connection, parts.now()))

async function activeUser({ parts }: Shell, { tenant, userId }: Pick<Session, 'tenant' | 'userId'>): Promise<User> {
  const user = await parts.users.find(tenant, userId)
  if (user?.status === 'active') return user
  throw new GatehouseError('session_invalid', 'the user is gone')
}
