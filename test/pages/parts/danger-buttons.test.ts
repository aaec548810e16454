/** A button that ends something for good is red, a reversible step is not. */
import { describe, expect, it } from 'vitest'
import { userActions } from '../../../src/web/admin/users/user-actions.ts'
import { accountPages } from '../../support/pages/account-samples.ts'
import { developerPages } from '../../support/pages/developer-samples.ts'
import { factorPages } from '../../support/pages/factor-samples.ts'
import { keysPages } from '../../support/pages/keys-samples.ts'
import { samplePages } from '../../support/pages/samples.ts'
import { settingsPages } from '../../support/pages/settings-samples.ts'

const pages: Readonly<Record<string, string>> = {
  ...samplePages(),
  ...accountPages(),
  ...factorPages(),
  ...settingsPages(),
  ...developerPages(),
  ...keysPages(),
}
const isDanger = (name: string) => /<button type="submit" class="danger">/.test(pages[name] ?? '')

describe('the button of a confirm page', () => {
  it.each([
    'account-delete',
    'account-app-revoke',
    'account-method-remove',
    'developer-app-remove-key',
    'developer-app-revoke-secret',
    'factors-app-remove',
    'factors-codes-replace',
    'keys-remove',
    'keys-retire-active',
    'keys-rotate',
    'recover-complete',
    'settings-revoke',
    'settings-revoke-all',
  ])('is red on %s', (name) => {
    expect(isDanger(name)).toBe(true)
  })

  it.each(['account-session-end', 'factors-app-rename', 'factors-device-forget', 'settings-rotate'])(
    'is not red on %s',
    (name) => {
      expect(pages[name]).toContain('<button type="submit"')
      expect(isDanger(name)).toBe(false)
    },
  )

  it('is red for what an administrator takes from a user', () => {
    const red = userActions.filter(({ ask }) => ask('Ada', 'admin', 'active').danger === true).map(({ path }) => path)
    expect(red.toSorted()).toEqual([
      'block',
      'consents/:item/revoke',
      'factors/reset',
      'roles/:item/remove',
      'tokens/:item/revoke',
      'tokens/revoke',
    ])
  })
})
