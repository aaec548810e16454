/** What samples of all admin pages share. */
import type { Administrator } from '../../../src/broker/access/target.ts'
import { now } from './samples.ts'

/** Signed in as an operator, or as an admin of acme. */
export function sampleAdministrator(role: 'operator' | 'admin', name = 'Ada Lovelace'): Administrator {
  const later = new Date(now.getTime() + 86_400_000)
  return {
    roles: [role, 'member'],
    session: {
      id: 'session',
      userId: '8f14e45fceea167a5a36',
      tenant: 'acme',
      connection: 'okta',
      kind: 'okta',
      profile: { name },
      acr: undefined,
      amr: undefined,
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: later,
      idleSeconds: 3600,
      device: 'Firefox on Linux',
    },
  }
}
