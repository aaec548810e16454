import { expect, it } from 'vitest'
import { countsOf } from '../../../src/broker/sign-ins/count-trace.ts'
import type { Trace } from '../../../src/broker/trace.ts'

const at = new Date('2026-11-29T12:00:00Z')
const refused: Trace = {
  reference: '7KQ2-M9XD',
  tenant: 'acme',
  connection: 'okta',
  startedAt: at,
  outcome: 'refused',
  code: 'upstream_invalid',
  cause: 'upstream_invalid: signature',
  reasons: [],
  steps: [],
}

it('counts a refused login as a failure of its connection', () => {
  expect(countsOf(refused, at)).toMatchObject({ refused: 1, failure: { cause: 'upstream_invalid: signature' } })
})

it('counts no refused request of a signed-in user, which is no sign-in', () => {
  expect(countsOf({ ...refused, connection: 'unknown', code: 'permission_refused' }, at)).toBeNull()
  expect(countsOf({ ...refused, connection: 'unknown', code: 'connection_unknown' }, at)).toMatchObject({ refused: 1 })
})

it('counts no refused logout message, which anyone may send', () => {
  expect(countsOf({ ...refused, purpose: 'logout' }, at)).toBeNull()
})
