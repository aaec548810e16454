/** Each brand's steps, and how they become a page. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import type { RegisteredAddress } from '../../../src/broker/health/registered-urls.ts'
import { instructionsOf } from '../../../src/broker/health/setup-instructions.ts'
import { sharedChecks } from '../../../src/broker/health/shown-checks.ts'

const address = (name: RegisteredAddress['name'], last: string = name): RegisteredAddress => ({
  name,
  label: `our ${name}`,
  url: `https://login.example.com/t/acme/okta/${last}`,
})
const callback = address('callback')
const start = address('start')

/** What the steps of any kind read of a configuration. */
const config = { scopes: ['openid', 'email'], groupsClaim: 'groups', signed: 'either' }

/** A page of the vendor as text: without emphasis, on one line. */
const plain = (markdown: string) => markdown.replace(/[*_]/g, '').replace(/\s+/g, ' ')

describe.each(providers.filter(({ setup }) => setup !== undefined).map((each) => [each.kind, each] as const))(
  'the steps at %s',
  (kind, provider) => {
    const setup = provider.setup?.(config)
    const file = new URL(`../../../providers/${kind}/setup.md`, import.meta.url)

    it('use words of its setup guide, so that the two do not differ', () => {
      expect(existsSync(file)).toBe(true)
      const guide = plain(readFileSync(file, 'utf8')).toLowerCase()
      const words = [...(setup?.steps ?? []).map(({ text }) => text), ...(setup?.sendBack ?? [])]
        .flatMap((text) => text.split('**').filter((_, index) => index % 2 === 1))
        .concat(Object.values(setup?.names ?? {}))
        .flatMap((text) => text.split('→').map((part) => part.trim()))
        .filter((part) => part !== '')
      expect(words.filter((word) => !guide.includes(plain(word).toLowerCase()))).toEqual([])
    })

    it('mention the callback, and what to send back', () => {
      expect(setup?.steps.map((step) => step.address)).toContain('callback')
      expect(setup?.names.callback).toBeDefined()
      expect(setup?.sendBack.length).toBeGreaterThan(0)
    })
  },
)

describe('the instructions', () => {
  const setup = {
    needs: 'an administrator',
    names: { callback: 'Redirect URI' },
    steps: [
      { text: 'Enter it.', address: 'callback', values: [{ name: 'Scopes', value: 'openid' }] },
      { text: 'Enter the sign-out.', address: 'signed-out' },
      { text: 'Assign users.' },
    ],
    sendBack: ['Client ID'],
  } as const

  it("name our addresses by the vendor's words, and leave out steps about addresses that are missing", () => {
    expect(instructionsOf(setup, [callback, address('initiate'), start])).toEqual({
      needs: 'an administrator',
      steps: [
        {
          text: 'Enter it.',
          values: [
            { name: 'Redirect URI', value: callback.url },
            { name: 'Scopes', value: 'openid' },
          ],
        },
        { text: 'Assign users.', values: [] },
      ],
      others: [{ name: 'our initiate', value: address('initiate').url }],
      sendBack: ['Client ID'],
      start: start.url,
    })
  })

  it('of a plugin without steps give its addresses, each once', () => {
    const found = instructionsOf(undefined, [callback, address('idp-initiated', 'callback'), address('logout'), start])
    expect(found.steps.flatMap(({ values }) => values)).toEqual([{ name: 'our callback', value: callback.url }])
    expect(found.others).toEqual([{ name: 'our logout', value: address('logout').url }])
  })
})

describe('checks for a person without an account', () => {
  it('say who can fix them, without email addresses and without what is for the operator', () => {
    const checks = [
      { name: 'discovery', ok: true, detail: 'found' },
      { name: 're-check', ok: true, detail: 'users to re-check: 4211' },
      { name: 'client credentials', ok: false, detail: 'refused for ada@acme.test', fixer: 'tenant admin' },
      { name: 'network', ok: false, detail: 'connect ECONNREFUSED 10.0.0.7', fixer: 'operator' },
      { name: 'secret', ok: true, warning: true, detail: 'expires soon' },
    ] as const
    expect(sharedChecks({ checks })).toEqual([
      { name: 'discovery', result: 'passed', detail: 'found' },
      { name: 'client credentials', result: 'failed', detail: 'refused for [address]', fixer: 'tenant admin' },
      {
        name: 'network',
        result: 'failed',
        detail: 'The operator of this service sees the details.',
        fixer: 'operator',
      },
      { name: 'secret', result: 'warning', detail: 'expires soon', fixer: 'tenant admin' },
    ])
  })
})
