import { expect, it } from 'vitest'
import { securityEvents } from '../../../src/broker/audit/security-events.ts'
import type { AuditEvent } from '../../../src/broker/ports/audit.ts'

const now = new Date('2026-05-01T12:00:00Z')
const user = { tenant: 'acme', userId: 'ada' }

const event = (id: string, action: string, actor: string, target: string, details = {}): AuditEvent => ({
  ...{ id, action, actor, target, tenant: 'acme', at: now, details },
})

async function shown(events: readonly AuditEvent[]): Promise<readonly string[]> {
  const audit = { add: () => undefined, recent: async () => events }
  const found = await securityEvents({ audit, now: () => now } as never, user)
  return found.map(({ id }) => id)
}

it.each([
  ['session.ended', 'ada', 'ada', true],
  ['session.ended', 'admin', 'ada', true],
  ['session.ended', 'ada', 'bob', false],
  ['tokens.revoked', 'ada', 'bob', false],
  ['tokens.revoked', 'ada', 'acme', false],
  ['token.revoked', 'system', 'ada', true],
  ['user.blocked', 'ada', 'bob', false],
  ['role.assigned', 'admin', 'ada', true],
  ['app.disabled', 'ada', 'app1', false],
  ['app.changed', 'ada', 'app1', true],
  ['consent.given', 'ada', 'app1', true],
  ['consent.revoked', 'ada', 'app1', true],
  ['trace.shared', 'ada', 'connection:okta', false],
  ['grant.created', 'ada', 'app1', false],
])('shows %s by %s to %s: %s', async (action, actor, target, isShown) => {
  expect(await shown([event('one', action, actor, target)])).toEqual(isShown ? ['one'] : [])
})

it('leaves out a consent that an administrator withdrew', async () => {
  expect(await shown([event('one', 'consent.revoked', 'ada', 'bob', { app: 'app1' })])).toEqual([])
})

it('leaves out the events of others before it counts to 50', async () => {
  const others = Array.from({ length: 60 }, (_, at) => event(`other-${at}`, 'session.ended', 'ada', 'bob'))
  expect(await shown([...others, event('own', 'session.ended', 'ada', 'ada')])).toEqual(['own'])
})
