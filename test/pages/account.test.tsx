import { describe, expect, it } from 'vitest'
import { endText } from '../../demo/pages.ts'
import { accountPage } from '../../src/web/account/account-page.tsx'
import type { AccountSession } from '../../src/web/account/sessions-section.tsx'
import type { AccountIdentity } from '../../src/web/account/sign-in-methods-section.tsx'

const now = new Date('2026-11-14T09:05:00Z')

function shown(
  sessions: readonly Partial<AccountSession>[],
  identities: readonly Partial<AccountIdentity>[] = [],
  sessionsPage?: number,
) {
  return accountPage({
    tenant: { name: 'Acme' },
    profile: {},
    signedInWith: 'Okta',
    apps: [],
    signInMethods: {
      identities: identities.map((given) => ({ id: 'i', connection: 'Okta', lastUsedAt: now, usable: true, ...given })),
      addable: [],
    },
    sessions: sessions.map((given, index) => ({
      id: `session-${index}`,
      device: 'Chrome on Linux',
      connection: 'Okta',
      current: index === 0,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now,
      idleSeconds: 60,
      ...given,
    })),
    sessionsPage,
    now,
  })
}

/** What each button that ends a session is called. */
const sessionForms = (html: string) =>
  [...html.matchAll(/action="\/account\/sessions\/end".*?<button[^>]*>(.*?)<\/button>/g)].map(([, label = '']) =>
    label.replace(/<[^>]+>/g, ''),
  )

describe('sessions of one person', () => {
  it('that look alike are distinguished by the start of their ids', () => {
    const html = shown([{ id: '4fTn8YbQxx' }, { id: 'Zk03mWcdxx' }, { id: 'other', device: 'Safari on iPhone' }])
    expect(html).toContain('4fTn8Y</code>')
    expect(html).toContain('Zk03mW</code>')
    expect(html.match(/<code/g)).toHaveLength(2)
    expect(sessionForms(html)).toEqual([
      'End this session',
      'End the session of Chrome on Linux Zk03mW',
      'End the session of Safari on iPhone',
    ])
  })

  it('that differ show no ids', () => {
    expect(shown([{}, { device: 'Firefox on Windows' }])).not.toContain('<code')
  })
})

describe('many sessions', () => {
  const sessions = Array.from({ length: 120 }, (_, number) => ({ id: `id${number}`, current: number === 119 }))

  it('are shown in pages of 50, the current one first', () => {
    const first = shown(sessions)
    expect(sessionForms(first)).toHaveLength(50)
    expect(sessionForms(first)[0]).toBe('End this session')
    expect(first).toContain('1–50 of 120')
    expect(first).toContain('href="/account?sessions=2#sessions"')
    expect(first).not.toContain('Previous')
    const last = shown(sessions, [], 3)
    expect(sessionForms(last)).toHaveLength(20)
    expect(last).toContain('href="/account?sessions=2#sessions"')
    expect(last).not.toContain('Next')
  })

  it('show the last page for a number that is too high, and end together on every page', () => {
    expect(shown(sessions, [], 99)).toContain('101–120 of 120')
    expect(shown(sessions, [], 3)).toContain('End all other sessions')
  })
})

describe('the expiry of a session', () => {
  const expiresAt = new Date('2026-12-14T08:12:00Z')
  const text = (idleSeconds: number) => shown([{ expiresAt, idleSeconds }]).replace(/<[^>]+>/g, '')

  it('is the last possible day and the idle timeout, here as in the demo', () => {
    expect(text(14 * 86_400)).toContain('ends 14 Dec 2026, 08:12 UTC, or after 14 days without use')
    const person = { name: undefined, email: undefined, emailVerified: false, connection: 'okta' }
    const stated = { lastSeenAt: now, idleExpiresAt: new Date(now.getTime() + 14 * 86_400_000), expiresAt }
    expect(endText({ ...person, ...stated })).toBe('2026-12-14 08:12 UTC, or after 14 days without use')
    expect(endText({ ...person, ...stated, idleExpiresAt: expiresAt })).toBe('2026-12-14 08:12 UTC')
  })

  it('is that day alone if the idle timeout is not earlier', () => {
    expect(text(60 * 86_400)).not.toContain('without use')
  })
})

describe('a sign-in method', () => {
  it("without an email is labeled with the upstream's name for the user", () => {
    const html = shown([{}], [{ knownAs: 'Alan Turing' }, { connection: 'Google', knownAs: 'ada@mail.test' }])
    expect(html).toContain('<p class="small">Alan Turing</p>')
    expect(html).toContain('Remove<span class="unseen"> Okta, Alan Turing</span>')
  })
})
