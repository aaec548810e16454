/** A user with sessions and API tokens, stored by the real adapters. */
import { randomUUID } from 'node:crypto'
import type { ApiToken } from '../src/broker/ports/api-tokens.ts'
import type { User } from '../src/broker/ports/users.ts'
import type { Sessions } from '../src/broker/ports/volatile.ts'
import { tokenId } from '../src/crypto/token.ts'
import { openPostgres } from '../src/store/postgres/postgres.ts'
import { type Deployment, type Storage, tenant } from './gatehouse.ts'
import { openUserSession, profile } from './sessions.ts'

export async function putUser({ postgres }: Storage, { keyRing }: Deployment, tokenCount: number): Promise<User> {
  const now = new Date()
  const user = { id: randomUUID(), tenant, status: 'active', profile, emailProven: true, createdAt: now } as const
  const identity = { issuer: 'http://localhost:1', subject: user.id, connection: 'okta', profile, lastLoginAt: now }
  const store = openPostgres({ url: postgres, keyRing, now: () => new Date() })
  try {
    await store.users.create(user, identity)
    for (let number = 0; number < tokenCount; number += 1)
      await store.apiTokens.create(user, tokenOf(user, number), tokenCount)
    return user
  } finally {
    await store.close()
  }
}

/** Every second one was used. */
function tokenOf({ id: userId, createdAt }: User, number: number): ApiToken {
  const lastUse = { at: createdAt, address: '203.0.113.7', agent: 'curl on Linux' }
  return {
    id: tokenId(randomUUID()),
    tenant,
    userId,
    name: `deployment ${number}`,
    scopes: ['profile:read', 'apps:read', 'apps:write'],
    ranges: ['203.0.113.0/24'],
    createdAt,
    expiresAt: new Date(createdAt.getTime() + 86_400_000 * (number + 1)),
    endsAt: undefined,
    replacedBy: undefined,
    suspendedAt: undefined,
    lastUse: number % 2 === 0 ? lastUse : undefined,
  }
}

/** More than any ended login of the run. */
const epoch = 1_000_000

/** Returns the token of the last of them. */
export async function putSessionsOf(user: User, sessions: Pick<Sessions, 'put'>, count: number): Promise<string> {
  const now = Date.now()
  const opened = Array.from({ length: count }, () => openUserSession(user, now))
  await Promise.all(opened.map(({ session }) => sessions.put(session, undefined, epoch)))
  return opened.at(-1)?.token ?? ''
}
