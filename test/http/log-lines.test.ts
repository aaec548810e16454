/** Log lines of sign-ins, and the format of the log. */
import { expect, it } from 'vitest'
import type { Trace } from '../../src/broker/trace.ts'
import { signInLine } from '../../src/main/log/core-lines.ts'
import { isPretty } from '../../src/main/log/pretty.ts'

const trace: Trace = {
  reference: '7KQ2-M9XD',
  tenant: 'acme',
  connection: 'okta',
  startedAt: new Date(0),
  outcome: 'signed in',
  userId: 'u1',
  email: 'ada@okta.example',
  reasons: [],
  steps: [],
}
const place = { tenant: 'acme', connection: 'okta', user: 'u1', reference: '7KQ2-M9XD' }

it.each<[string, Partial<Trace>, object | undefined]>([
  ['a sign-in', {}, { ...place, outcome: 'signed in' }],
  ['a sign-in to an app', { app: 'shop' }, { ...place, outcome: 'signed in', app: 'shop' }],
  [
    'a refused one, with code and fixer',
    { outcome: 'refused', code: 'user_blocked', fixer: 'tenant admin' },
    { ...place, outcome: 'refused', code: 'user_blocked', fixer: 'tenant admin' },
  ],
  ['one that has only begun', { outcome: 'started' }, undefined],
  ["an upstream's message that ends sessions", { outcome: 'sessions ended' }, undefined],
  ['a refused message of an upstream', { outcome: 'refused', purpose: 'logout' }, undefined],
])('the line of %s, without the email', (_, changes, expected) => {
  expect(signInLine({ ...trace, ...changes })).toEqual(expected)
})

it.each([
  ['auto', true, true],
  ['auto', false, false],
  ['pretty', false, true],
  ['json', true, false],
] as const)('log.format %s on a terminal (%s) is pretty: %s', (format, isTerminal, expected) => {
  expect(isPretty(format, isTerminal)).toBe(expected)
})
