import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret, secretText } from '../../../src/crypto/secret.ts'

const canary = 'canary-4711-secret'
const secret = new Secret(canary)

describe('a secret', () => {
  it('returns its value by reveal()', () => {
    expect(secret.reveal()).toBe(canary)
  })

  it.each([
    ['in a template', () => `${secret}`],
    ['joined to a text', () => `the secret ${String(secret)}`],
    ['in a list', () => [secret].join()],
    ['as JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['inspected', () => inspect({ secret }, { depth: 9, showHidden: true, getters: true })],
    ['formatted', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['in an error', () => inspect(new Error(`no ${secret}`, { cause: secret }))],
    ['by its entries', () => JSON.stringify([Object.entries(secret), { ...secret }])],
    ['cloned', () => inspect(structuredClone(secret))],
  ])('LK-01 does not show %s', (_, shown) => {
    expect(shown()).not.toContain('4711')
  })

  it('is read from a config value that is a text', () => {
    expect(secretText.parse(canary).reveal()).toBe(canary)
    for (const given of ['', 7, null, undefined, {}]) expect(secretText.safeParse(given).success).toBe(false)
  })
})
