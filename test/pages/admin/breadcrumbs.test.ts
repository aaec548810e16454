import { describe, expect, it } from 'vitest'
import { adminUserPages } from '../../support/pages/admin-users-samples.ts'
import { connectionPages } from '../../support/pages/connection-samples.ts'
import { keysPages } from '../../support/pages/keys-samples.ts'

describe('a page below a section of the admin pages', () => {
  const crumbOf = (html: string | undefined) =>
    /<nav class="breadcrumbs"[^>]*><ol><li><a href="([^"]+)">([^<]+)</.exec(html ?? '')?.slice(1)

  it('links back to its section', () => {
    const { 'admin-user': user, 'admin-users': list } = adminUserPages()
    expect(crumbOf(user)).toEqual([expect.stringMatching('^/admin/users'), 'Users'])
    expect(crumbOf(list)).toBeUndefined()
    expect(crumbOf(connectionPages()['connection-failing'])).toEqual([
      expect.stringMatching('^/admin/connections'),
      'Connections',
    ])
    expect(crumbOf(keysPages()['keys-rotate'])).toEqual(['/admin/keys', 'Keys'])
  })
})
