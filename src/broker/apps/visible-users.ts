/** Users whom an app may see: of its tenants, in consented scopes (first-party: all). */
import { type App, mayServe } from '../../app/app.ts'
import { decide } from '../access/decide.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { type CredentialPorts, checkCredential } from '../session/check-credential.ts'
import { endsAt, type Session } from '../session/session.ts'
import type { TokenClient } from '../tokens/check-token.ts'

type UserPorts = Ports<'consents' | 'users'>

/** Null for users outside its tenants, blocked users, and users of removed tenants. */
export async function userVisibleToApp(
  ports: UserPorts,
  { tenants }: Pick<CredentialPorts, 'tenants'>,
  app: App,
  id: string,
): Promise<{ readonly user: User; readonly scopes: readonly string[] } | null> {
  const user = id.length > 64 ? null : await ports.users.findById(id)
  if (user === null || user.status !== 'active' || !tenants.has(user.tenant)) return null
  const scopes = await agreedScopes(ports, app, user.tenant, user.id)
  return scopes === null ? null : { user, scopes }
}

interface ReceivedToken {
  readonly token: string
  /** The client of the app, as the app names it. */
  readonly client: TokenClient
}

/** Null for a token that is not live, and for a session the app may not see; both look the same. */
export async function sessionVisibleToApp(
  ports: UserPorts,
  check: CredentialPorts,
  app: App,
  { token, client }: ReceivedToken,
) {
  const session = await checkCredential(check, token, 'header', () => client)
  if (session === null || !mayAccessSites(session)) return null
  const scopes = await agreedScopes(ports, app, session.tenant, session.userId)
  return scopes === null ? null : { session, scopes, endsAt: endsAt(session) }
}

/** An API token without this scope signs its user in nowhere. */
const mayAccessSites = (session: Session) =>
  decide({ roles: ['member'], credential: session, permission: 'sites:access' }) === 'allowed'

async function agreedScopes({ consents }: UserPorts, app: App, tenant: string, userId: string) {
  if (!mayServe(app, tenant)) return null
  if (app.firstParty) return app.scopes
  const consent = await consents.find(tenant, userId, app.id)
  return consent === null ? null : consent.scopes.filter((scope) => app.scopes.includes(scope))
}
