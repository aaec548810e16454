/** A user with sessions and apps with grants, as the OpenID Provider stores them. */
import { randomUUID } from 'node:crypto'
import type { App } from '../../../src/app/app.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { sampleApp, sampleIdentity, sampleSession, sampleUser } from '../store/samples.ts'
import { type Broker, openBroker } from './broker.ts'

export interface UserWithApps extends Broker {
  readonly user: User
  /** Open, and of this person. */
  open(): Promise<Session>
  isOpen(session: Session): Promise<boolean>
  /** Signs the session in to the app: a grant with a refresh token, which is the token's id. */
  signIn(session: Session, app: App): Promise<string>
  isGood(refreshToken: string): Promise<boolean>
  /** Takes what is queued: app id and `sid` of each. */
  queued(): Promise<readonly string[]>
}

export const notes = sampleApp({ id: 'notes', name: 'Notes', tenants: 'all' })
export const maps = sampleApp({ id: 'maps', name: 'Maps', tenants: 'all' })
/** Does not want to know. */
export const withoutLogoutUri = sampleApp({ id: 'deaf', name: 'Deaf', tenants: 'all', backchannelLogoutUri: undefined })

export const brokerWithApps = () => openBroker({ apps: [notes, maps, withoutLogoutUri] })

export async function userWithApps(on?: Broker): Promise<UserWithApps> {
  const broker = on ?? (await brokerWithApps())
  const { parts } = broker
  const user = sampleUser({ tenant: 'acme' })
  await parts.users.create(user, sampleIdentity())
  return {
    ...broker,
    user,
    open: async () => {
      const now = parts.now()
      const times = { createdAt: now, lastSeenAt: now, authenticatedAt: now }
      const session = sampleSession({
        ...times,
        tenant: 'acme',
        userId: user.id,
        expiresAt: new Date(now.getTime() + 86_400_000),
      })
      await parts.sessions.put(session)
      return session
    },
    isOpen: async ({ id }) => (await parts.sessions.find(id)) !== null,
    signIn: async (session, app) => {
      const [grantId, token] = [randomUUID(), randomUUID()]
      await parts.artifacts.put({ model: 'Grant', id: grantId, content: { accountId: session.userId }, seconds: 3600 })
      await parts.artifacts.put({
        model: 'RefreshToken',
        id: token,
        content: { grantId },
        seconds: 3600,
        grant: grantId,
      })
      await parts.sessionApps.put(session, app.id, { sid: sidOf(session, app), grantId })
      return token
    },
    isGood: async (token) => {
      const found = await parts.artifacts.find('RefreshToken', token)
      const grant = String(found?.content['grantId'])
      return found !== null && (await parts.artifacts.find('Grant', grant)) !== null
    },
    queued: async () => {
      const now = parts.now()
      const taken = await parts.logouts.claim(now, new Date(now.getTime() + 1000), 500)
      for (const { id } of taken) await parts.logouts.sent(id)
      return taken.map(({ content: { appId, subject, sid } }) => `${subject === user.id ? '' : '?'}${appId} ${sid}`)
    },
  }
}

export const sidOf = (session: Session, app: App) => `sid of ${session.id} at ${app.id}`
export const logoutOf = (session: Session, app: App) => `${app.id} ${sidOf(session, app)}`
