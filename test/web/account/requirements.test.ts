import { expect, it } from 'vitest'
import { defaultMfaPolicy } from '../../../src/tenant.ts'
import { mfaRequirements } from '../../../src/web/account/security/requirements.ts'

const now = new Date('2026-11-30T09:00:00Z')
const of = (required: 'none' | 'all' | { roles: string[] }, graceUntil?: Date) => ({
  name: 'Acme',
  mfa: { ...defaultMfaPolicy, required, ...(graceUntil !== undefined && { graceUntil }) },
})

it.each([
  ['nothing required', of('none'), false, []],
  ['of another role', of({ roles: ['admin'] }), false, []],
  ['of all, who have one', of('all'), true, ['Acme requires a second factor of all its users.']],
  [
    'of their role',
    of({ roles: ['developer'] }),
    false,
    ['Acme requires a second factor of users with the role Developer.', 'You have none yet. Set one up below.'],
  ],
  [
    'in the grace period',
    of('all', new Date('2026-12-31T00:00:00Z')),
    false,
    [
      'Acme requires a second factor of all its users.',
      'You have none yet. From 31 Dec 2026, 00:00 UTC on, you cannot sign in without one.',
    ],
  ],
] as const)('the security page says what is required: %s', (_, tenant, hasFactor, sentences) => {
  expect(mfaRequirements(tenant, ['developer', 'member'], hasFactor, now)).toEqual(sentences)
})
