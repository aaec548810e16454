/** Sessions with a profile of 400 bytes of JSON, stored by the real core and adapter. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { User } from '../src/broker/ports/users.ts'
import type { Sessions } from '../src/broker/ports/volatile.ts'
import { openSession } from '../src/broker/session/open-session.ts'
import type { Profile } from '../src/profile/profile.ts'
import { tenant } from './gatehouse.ts'

const policy = { lifetimeSeconds: 30 * 86_400, idleSeconds: 30 * 86_400, tokenInQuery: false }

/** 400 bytes as JSON. */
export const profile: Profile = sized({
  email: { address: 'augusta.ada.king-noel@engineering.example.com', verified: true },
  name: 'Augusta Ada King-Noel, Countess of Lovelace',
  givenName: 'Augusta Ada',
  familyName: 'King-Noel',
  pictureUrl: 'https://pictures.example.com/people/augusta-ada-king-noel/256x256.png',
  locale: 'en-GB',
  zoneinfo: 'Europe/London',
  groups: ['Everyone', 'Engineering', 'Analytical Engine'],
})

function sized(begun: Profile): Profile {
  const missing = 400 - Buffer.byteLength(JSON.stringify(begun))
  return { ...begun, pictureUrl: `${begun.pictureUrl}${'?'.padEnd(missing, '0')}` }
}

/** Opens `count` sessions of different users, last seen at different times of the last minute. */
export async function putSessions(sessions: Sessions, count: number): Promise<readonly string[]> {
  const tokens: string[] = []
  const now = Date.now()
  while (tokens.length < count) {
    const opened = Array.from({ length: Math.min(200, count - tokens.length) }, () => open(now))
    await Promise.all(opened.map(({ session }) => sessions.put(session)))
    tokens.push(...opened.map(({ token }) => token))
  }
  return tokens
}

function open(now: number) {
  const id = randomUUID()
  return openUserSession({ id, tenant, status: 'active', profile, emailProven: true, createdAt: new Date(now) }, now)
}

/** Of a user who signed in just now. */
export function openSessionNow(user: User) {
  const evidence = { amr: ['pwd'], authenticatedAt: new Date() }
  const opening = { user, connection: 'okta', kind: 'okta', evidence, device: 'Chrome on Linux', policy }
  return openSession(opening, randomBytes(32), new Date())
}

/** Opened an hour ago, last seen in the last minute. */
export function openUserSession(user: User, now: number) {
  const evidence = { amr: ['pwd'] }
  const opening = { user, connection: 'okta', kind: 'okta', evidence, device: 'Chrome on Linux', policy }
  const { session, token } = openSession(opening, randomBytes(32), new Date(now - 3600_000))
  return { session: { ...session, lastSeenAt: new Date(now - Math.random() * 60_000) }, token }
}
