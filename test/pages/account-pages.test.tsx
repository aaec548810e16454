/** The pages of the account site, and the linking page, as HTML. */
import { describe, expect, it } from 'vitest'
import { auditActions } from '../../src/broker/audit/actions.ts'
import type { Authenticator } from '../../src/broker/ports/authenticators.ts'
import { pageScript } from '../../src/pages/assets.ts'
import { removePage } from '../../src/web/account/factors/authenticator-pages.tsx'
import { textOf } from '../../src/web/account/security/event-rows.ts'
import { factorItems, recoveryItems } from '../../src/web/account/security/security-items.ts'
import { linkingPage } from '../../src/web/sign-in/pages/linking-page.tsx'
import { accountPages } from '../support/pages/account-samples.ts'
import { samplePages } from '../support/pages/samples.ts'

const accounts = accountPages()
const pages = { ...samplePages(), ...accounts }
const page = (name: string) => pages[name] ?? ''
const hostile = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;`
const script = `<script src="${pageScript.path}" defer>`

describe.each(Object.entries(accounts))('the page %s', (_name, html) => {
  it('is one document with one main landmark and one first heading, and its only script is ours', () => {
    expect(html).toMatch(/^<!doctype html><html lang="en">.*<\/html>$/s)
    expect(html.match(/<main[ >]/g)).toHaveLength(1)
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/i)
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toBe(script)
  })

  it('has the navigation with one current section, a skip link and the way to sign out', () => {
    expect(html.match(/aria-current="(?:page|true)"/g)).toHaveLength(1)
    expect(html).toContain('<a class="skip" href="#content">')
    expect(html.match(/action="\/account\/sign-out"/g)).toHaveLength(1)
  })

  it('LK-02 loads nothing from other sites', () => {
    expect(html).not.toMatch(/(?:src|href|action)="(?!#|\/(?!\/))/)
  })
})

describe.each(Object.entries(accountPages(() => hostile)))('OP-32 hostile text on the page %s', (_name, html) => {
  it('stays text', () => {
    expect(html).not.toMatch(/<script(?! src="\/static)|<img src="?x/i)
    expect(html.match(/<title>[^<]*<\/title>/g)).toHaveLength(1)
  })
})

describe('the navigation', () => {
  it('leads administrators to the admin pages, and no others', () => {
    expect(page('account-profile')).toContain('href="/admin"')
    expect(page('account-profile-bare')).not.toContain('href="/admin"')
  })
})

describe('the profile', () => {
  it('says where each attribute came from', () => {
    expect(page('account-profile').replace(/<[^>]+>/g, '')).toContain('Lovelace from Okta, 2 hours ago')
    expect(page('account-profile').replace(/<[^>]+>/g, '')).toContain('Ada set by you')
  })

  it('shows initials and never loads the picture', () => {
    expect(page('account-profile')).toContain('aria-hidden="true">AL<')
    expect(page('account-profile')).not.toContain('<img')
  })

  it('offers to verify an email that is not proven', () => {
    expect(page('account-profile')).not.toContain('href="/account/email"')
    expect(page('account-profile-unverified')).toContain('href="/account/email"')
  })
})

describe('connected apps', () => {
  it('say what each app may do, with a link that revokes it', () => {
    const html = page('account-apps')
    expect(html).toContain(
      "It can see your email address and keep access when you're not using the app, until you remove it.",
    )
    expect(html.match(/href="\/account\/apps\/revoke\?app=/g)).toHaveLength(3)
    expect(html).toContain('Revoke<span class="unseen"> access of Notes</span>')
    expect(html.match(/renewed/g)).toHaveLength(1)
    expect(html.match(/last access/g)).toHaveLength(1)
    expect(page('account-apps-none')).toContain("You haven't connected any apps yet.")
  })

  it('are revoked behind a confirmation', () => {
    expect(page('account-app-revoke')).toContain('<h1>Revoke access of Notes?</h1>')
    expect(page('account-app-revoke')).toContain('<input type="hidden" name="app" value="a-1"/>')
  })
})

describe('sessions', () => {
  it('list the current one first, each with a link that says what it ends', () => {
    const html = page('account-sessions')
    expect(html.match(/<h3>[^<]+/g)?.map((text) => text.trimEnd())).toEqual([
      '<h3>Firefox on Linux',
      '<h3>Safari on iPhone',
      '<h3>Chrome on Windows',
    ])
    expect(html.match(/href="\/account\/sessions\/end\?session=/g)).toHaveLength(3)
    expect(html).toContain('End<span class="unseen"> the session of Safari on iPhone, active 5 hours ago</span>')
    expect(html).toContain('End all other sessions')
    expect(html.match(/>Second factor</g)).toHaveLength(2)
    expect(html.match(/<dd>203\.0\.113\.7/g)).toHaveLength(2)
    expect(html.replace(/<[^>]+>/g, '')).toMatch(/203\.0\.113\.7 · active (just now|\d+ \w+ ago) · \w+/)
  })

  it('say that there is no other', () => {
    expect(page('account-sessions-alone')).toContain('No other active sessions.')
    expect(page('account-sessions-alone')).not.toContain('End all other sessions')
  })

  it('are ended behind a confirmation', () => {
    expect(page('account-session-end')).toContain('<input type="hidden" name="session" value="s-2"/>')
    expect(page('account-sessions-end-others')).toContain('End 3 other sessions?')
  })
})

describe('sign-in methods', () => {
  it('ID-09 can be removed but for the last one, and others added', () => {
    const html = page('account-methods')
    expect(html.match(/href="\/account\/sign-in-methods\/remove\?identity=/g)).toHaveLength(4)
    expect(html).toContain('Remove<span class="unseen"> Google</span>')
    expect(html).toContain('<input type="hidden" name="connection" value="linkedin"/>')
    expect(html).toContain('href="/sign-up">Add<span class="unseen"> Password</span>')
    expect(html).toContain('Connect<span class="unseen"> LinkedIn</span>')
    expect(page('account-methods-stale')).toContain("You can't remove your only sign-in method.")
  })

  it('ID-08 ask for a new sign-in before a change if the last one is too old', () => {
    expect(page('account-methods')).not.toContain('Sign in again')
    expect(page('account-methods-stale')).toContain('href="/t/acme/okta/start?prompt=login"')
    expect(page('account-methods-stale')).not.toMatch(/identities\/(unlink|add)|sign-in-methods\/remove/)
    expect(page('account-method-remove-stale')).not.toContain('identities/unlink')
  })

  it('say that a removed one can be added again', () => {
    expect(page('account-method-remove')).toContain('You can add it again at any time.')
  })
})

describe('the linking page', () => {
  it('names the owner of the email, what is added and the connections that prove it', () => {
    expect(page('linking')).toContain('<strong>ada.lovelace@acme.test</strong>, and Okta alone cannot prove')
    expect(page('linking')).toContain('Sign in once with the method you used before')
    expect(page('linking').match(/class="connection[ "]/g)).toHaveLength(4)
    expect(page('linking')).toContain('Choose another way to sign in')
    expect(page('linking')).toContain('<code>gth-7K2M-Q9XD</code>')
    expect(page('linking')).not.toContain('no other account')
  })

  it.each([
    ['unverified', 'Okta does not say whether it has verified'],
    ['foreign domain', 'Okta has verified the address, but does not manage addresses at acme.test'],
    ['domain unproven', 'Acme has not verified yet that it owns acme.test'],
    ['existing user unproven', "the other user's address was never verified"],
    ['unlinked', 'it was removed from that account, so it must be added again'],
  ] as const)('says why one connection is not enough: %s', (why, words) => {
    const asked = {
      tenant: { name: 'Acme' },
      email: 'ada@acme.test',
      newLabel: 'Okta',
      connections: [],
      backHref: '/login',
    }
    expect(linkingPage({ ...asked, why, reference: 'R' })).toContain(words)
  })

  it('has a button for users without another account, if they have the choice', () => {
    expect(page('linking-declinable')).toContain('<form method="post" action="/link">')
    expect(page('linking-declinable')).toContain('value="waiting.code"')
    expect(page('linking-declinable')).toContain('Create a separate account')
  })
})

describe('a requested deletion', () => {
  it('is on the profile with the way back, in place of the button', () => {
    const html = page('account-profile-unverified')
    expect(html).toContain('Your account will be deleted')
    expect(html).toContain('action="/account/delete/keep"')
    expect(html).not.toContain('Delete my account')
    expect(page('account-profile')).toContain('<a class="button quiet danger" href="/account/delete">')
    expect(page('account-delete')).toContain('<button type="submit" class="danger">Delete my account in 14 days')
  })
})

describe('a security event', () => {
  const values = { method: 'Okta', factor: 'A passkey' }

  it.each(Object.keys(auditActions))('is a sentence to its user: %s', (action) => {
    const text = textOf(action, values)
    expect(text).toMatch(/^[A-Z][^`{}]{5,100}$/)
    expect(text).not.toMatch(/^A user/)
  })

  it('names the method or the factor', () => {
    expect(textOf('identity.linked', values)).toBe('Okta was added as a sign-in method')
    expect(textOf('factor.added', values)).toBe('A passkey was added')
  })
})

describe('recovery codes', () => {
  it('are not offered before there is a factor that they could replace', () => {
    const none = { recoveryCodes: undefined, methods: 1 }
    const item = (authenticators: readonly Authenticator[]) => recoveryItems({ ...none, authenticators })[0]
    expect(item([])?.href).toBeUndefined()
    expect(item([{ id: 'a' } as Authenticator])?.label).toBe('Create')
  })
})

describe('second factors that the tenant does not list', () => {
  const protection = {
    ...{ recoveryCodes: undefined, devices: [], password: undefined, methods: 1, canSetPassword: false },
    authenticators: [] as readonly Authenticator[],
  }
  const ids = (authenticators: readonly Authenticator[]) =>
    factorItems({ ...protection, authenticators }, ['passkey']).map(({ id }) => id)

  it('show only to users who have one', () => {
    expect(ids([])).toEqual(['passkeys', 'devices'])
    expect(ids([{ id: 'a', kind: 'totp', name: 'Phone' } as Authenticator])).toContain('authenticator-app')
  })
})

describe('the removal of the only authenticator app', () => {
  const shown = (endsQuestion: boolean) =>
    removePage({
      viewer: { tenant: { name: 'Acme' }, name: 'Ada', isAdministrator: false },
      app: { id: 'a', name: 'Phone' },
      isLast: false,
      endsQuestion,
    })

  it('says that sign-ins with the password no longer ask for a second factor', () => {
    expect(shown(true)).toContain('no longer asked for a second factor after your password')
    expect(shown(false)).not.toContain('no longer asked')
  })
})
