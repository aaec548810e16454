import { describe, expect, it } from 'vitest'
import { type AccountIdentity, type AccountSession, accountPage } from '../../src/pages/account-page.tsx'

const now = new Date('2026-11-14T09:05:00Z')

function shown(sessions: readonly Partial<AccountSession>[], identities: readonly Partial<AccountIdentity>[] = []) {
  return accountPage({
    tenant: { name: 'Acme' },
    profile: {},
    signedInWith: 'Okta',
    apps: { list: [], revoke: '/revoke' },
    ways: {
      identities: identities.map((given) => ({ id: 'i', gate: 'Okta', lastUsedAt: now, usable: true, ...given })),
      addable: [],
      actions: { unlink: '/unlink', add: '/add' },
    },
    sessions: sessions.map((given, index) => ({
      ...{ id: `session-${index}`, device: 'Chrome on Linux', connection: 'Okta', current: index === 0 },
      ...{ createdAt: now, seenAt: now, endsAt: now, ...given },
    })),
    actions: { signOut: '/sign-out', endSession: '/end', endOthers: '/end-others' },
    now,
  })
}

/** What each button that ends a session is called. */
const endings = (html: string) =>
  [...html.matchAll(/action="\/end".*?<button[^>]*>(.*?)<\/button>/g)].map(([, label = '']) =>
    label.replace(/<[^>]+>/g, ''),
  )

describe('sessions of one person', () => {
  it('that look alike are told apart by the beginning of their ids', () => {
    const html = shown([{ id: '4fTn8YbQxx' }, { id: 'Zk03mWcdxx' }, { id: 'other', device: 'Safari on iPhone' }])
    expect(html).toContain('4fTn8Y</code>')
    expect(html).toContain('Zk03mW</code>')
    expect(html.match(/<code/g)).toHaveLength(2)
    expect(endings(html)).toEqual([
      'End this session',
      'End the session of Chrome on Linux Zk03mW',
      'End the session of Safari on iPhone',
    ])
  })

  it('that differ need no ids', () => {
    expect(shown([{}, { device: 'Firefox on Windows' }])).not.toContain('<code')
  })
})

describe('a way in', () => {
  it('without an email is recognised by what the upstream calls the person', () => {
    const html = shown([{}], [{ knownAs: 'Alan Turing' }, { gate: 'Google', knownAs: 'ada@mail.test' }])
    expect(html).toContain('<p class="small">Alan Turing</p>')
    expect(html).toContain('Unlink<span class="unseen"> Okta, Alan Turing</span>')
  })
})
