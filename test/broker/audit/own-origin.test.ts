/** What a user sees of the origin of events about them. */
import { describe, expect, it } from 'vitest'
import { originFor } from '../../../src/broker/audit/own-origin.ts'

describe('originFor', () => {
  const origin = { address: '192.0.2.7', agent: 'Firefox' }

  it.each([
    ['the user', 'ada', origin],
    ['another person, such as an administrator', 'root', {}],
    ['a connection', 'connection:okta', origin],
    ['an app', 'app:shop', origin],
    ['the command line', 'cli', origin],
    ['a job', 'system', origin],
  ])('of an event of %s', (_, actor, expected) => {
    expect(originFor('ada', { actor, ...origin })).toEqual(expected)
  })
})
