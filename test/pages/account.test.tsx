import { describe, expect, it } from 'vitest'
import { endText } from '../../demo/pages.ts'
import type { AccountSession } from '../../src/web/account/sessions/sessions-page.tsx'
import { sessionsPage } from '../../src/web/account/sessions/sessions-page.tsx'
import type { AccountIdentity } from '../../src/web/account/sign-in-methods/methods-page.tsx'
import { signInMethodsPage } from '../../src/web/account/sign-in-methods/methods-page.tsx'

const now = new Date('2026-11-14T09:05:00Z')
const viewer = { tenant: { name: 'Acme' }, name: 'Ada', isAdministrator: false }

function shown(sessions: readonly Partial<AccountSession>[], pageNumber?: number) {
  return sessionsPage({
    viewer,
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
    pageNumber,
    now,
  })
}

function methods(identities: readonly Partial<AccountIdentity>[]) {
  return signInMethodsPage({
    viewer,
    identities: identities.map((given) => ({ id: 'i', connection: 'Okta', lastUsedAt: now, usable: true, ...given })),
    addable: [],
    now,
  })
}

/** What each link that ends a session is called. */
const sessionForms = (html: string) =>
  [...html.matchAll(/href="\/account\/sessions\/end\?session=[^"]*">(.*?)<\/a>/g)].map(([, label = '']) =>
    label.replace(/<[^>]+>/g, ''),
  )

describe('sessions of one person', () => {
  it('are named by device and last use, never by an ID', () => {
    const minutes = (count: number) => new Date(now.getTime() - count * 60_000)
    const html = shown([
      { id: '4fTn8YbQxx' },
      { id: 'Zk03mWcdxx', lastSeenAt: minutes(3) },
      { id: 'other', device: 'Safari on iPhone', lastSeenAt: minutes(90) },
    ])
    expect(html).not.toContain('<code')
    expect(sessionForms(html)).toEqual([
      'End this session',
      'End the session of Chrome on Linux, active 3 minutes ago',
      'End the session of Safari on iPhone, active 1 hour ago',
    ])
  })
})

describe('many sessions', () => {
  const sessions = Array.from({ length: 120 }, (_, number) => ({ id: `id${number}`, current: number === 119 }))

  it('are shown in pages of 50, the current one first', () => {
    const first = shown(sessions)
    expect(sessionForms(first)).toHaveLength(50)
    expect(sessionForms(first)[0]).toBe('End this session')
    expect(first).toContain('1–50 of 120')
    expect(first).toContain('href="/account/sessions?page=2"')
    expect(first).not.toContain('Previous')
    const last = shown(sessions, 3)
    expect(sessionForms(last)).toHaveLength(20)
    expect(last).toContain('href="/account/sessions?page=2"')
    expect(last).not.toContain('Next')
  })

  it('show the last page for a number that is too high, and end together on every page', () => {
    expect(shown(sessions, 99)).toContain('101–120 of 120')
    expect(shown(sessions, 3)).toContain('End all other sessions')
  })
})

describe('the expiry of a session', () => {
  const expiresAt = new Date('2026-12-14T08:12:00Z')
  const text = (idleSeconds: number) => shown([{ expiresAt, idleSeconds }]).replace(/<[^>]+>/g, '')

  it('is the last possible day and the idle timeout, here as in the demo', () => {
    expect(text(14 * 86_400)).toContain('Ends14 Dec 2026, 08:12 UTC, or after 14 days without use')
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
    const html = methods([{ knownAs: 'Alan Turing' }, { connection: 'Google', knownAs: 'ada@mail.test' }])
    expect(html).toContain('<p class="small">Alan Turing</p>')
    expect(html).toContain('Remove<span class="unseen"> Okta, Alan Turing</span>')
  })
})
