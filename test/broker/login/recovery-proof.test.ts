/** `decideProof` as a table: a user's sign-in methods and those proven in the browser. */
import { expect, it } from 'vitest'
import { decideProof } from '../../../src/broker/factors/recovery/proven-methods.ts'

const own = (names: readonly string[]) =>
  names.map((name) => ({
    connection: name.replace('new ', ''),
    isMailbox: name === 'email' || name.startsWith('new '),
  }))

it.each<[own: readonly string[], proven: readonly string[], isEnough: boolean]>([
  [['password'], ['password'], true],
  [['okta', 'password'], ['password'], false],
  [['okta', 'password'], ['password', 'okta'], true],
  [['okta', 'google', 'password'], ['okta'], false],
  [['okta', 'google', 'password'], ['okta', 'google'], true],
  // a method of another user, or one removed since, proves nothing
  [['okta', 'password'], ['password', 'saml'], false],
  [['password'], ['okta'], false],
  [[], [], false],
  // the mailbox alone is one proof, however often it is read
  [['new password'], ['password'], false],
  [['email'], ['email'], false],
  [['email', 'new password'], ['email', 'password'], false],
  [['email', 'new password', 'okta'], ['email', 'password'], false],
  [['email', 'new password', 'okta'], ['email', 'okta'], true],
  [['okta', 'new password'], ['password', 'okta'], true],
  [['email', 'password'], ['email', 'password'], true],
])('of %j, %j: %s', (names, proven, isEnough) => {
  expect(decideProof(own(names), proven).isEnough).toBe(isEnough)
})

it.each<[own: readonly string[], proven: readonly string[], missing: readonly string[], isPossible: boolean]>([
  [['okta', 'new password'], ['password'], ['okta'], true],
  [['email', 'new password', 'okta'], ['email'], ['password', 'okta'], true],
  [['email', 'new password', 'okta'], ['email', 'password'], ['okta'], true],
  [['email', 'new password'], ['email'], ['password'], false],
  [['new password'], ['password'], [], false],
])('of %j, %j: %j is missing; possible: %s', (names, proven, missing, isPossible) => {
  expect(decideProof(own(names), proven)).toMatchObject({ missing, isPossible })
})
