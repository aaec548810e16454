/** The account page and the linking page as HTML. */
import { describe, expect, it } from 'vitest'
import { accountPage } from '../../src/web/account/account-page.tsx'
import { linkingPage } from '../../src/web/sign-in/linking-page.tsx'
import { now, samplePages } from '../support/pages/samples.ts'

const pages = samplePages()
const page = (name: string) => pages[name] ?? ''

describe('the account page', () => {
  it('lists what each app may do, with a button that revokes it', () => {
    const [, apps = ''] = page('account').split('Connected apps')
    expect(apps).toContain(
      "It can see your email address and keep access when you're not using the app, until you remove it.",
    )
    expect(apps.match(/action="\/account\/apps\/revoke"/g)).toHaveLength(2)
    expect(apps).toContain('<input type="hidden" name="app" value="a-1"/>')
    expect(apps).toContain('Revoke<span class="unseen"> access of Notes</span>')
    expect(apps.match(/renewed/g)).toHaveLength(1)
    expect(page('account-alone')).toContain("You haven't connected any apps yet.")
  })

  it('shows initials and never loads the picture', () => {
    expect(page('account')).toContain('aria-hidden="true">AL<')
    expect(page('account')).not.toContain('pictures.elsewhere.test')
  })

  it('lists the current session first, with an End button for every session that says what it ends', () => {
    const [, sessions = ''] = page('account').split('Active sessions')
    expect(sessions.match(/<h3>[^<]+/g)).toEqual([
      '<h3>Firefox on Linux ',
      '<h3>Safari on iPhone ',
      '<h3>Chrome on Windows ',
    ])
    expect(page('account').match(/action="\/account\/sessions\/end"/g)).toHaveLength(3)
    expect(page('account')).toContain('End<span class="unseen"> the session of Safari on iPhone</span>')
    expect(page('account')).toContain('<input type="hidden" name="session" value="s-3"/>')
    expect(page('account')).toContain('End all other sessions')
  })

  it('ID-09 offers to unlink all but the last sign-in method, and to add others', () => {
    expect(page('account').match(/action="\/account\/identities\/unlink"/g)).toHaveLength(3)
    expect(page('account')).toContain('Remove<span class="unseen"> Google</span>')
    expect(page('account')).toContain('<input type="hidden" name="connection" value="linkedin"/>')
    expect(page('account')).toContain('<a class="connection" href="/sign-up">')
    expect(page('account-alone')).toContain("You can't remove your only sign-in method.")
  })

  it('ID-08 asks for a new sign-in before changing methods if the last one is too old', () => {
    expect(page('account')).not.toContain('Sign in again')
    expect(page('account-alone')).toContain('href="/t/acme/okta/start?prompt=login"')
    expect(page('account-alone')).not.toMatch(/identities\/(unlink|add)/)
  })

  it('says that there is no other session', () => {
    expect(page('account-alone')).toContain('No other active sessions.')
    expect(page('account-alone')).not.toContain('End all other sessions')
  })

  it('shows the known attributes if the upstream sends none', () => {
    const html = accountPage({
      tenant: { name: 'Acme' },
      profile: {},
      signedInWith: 'Okta',
      signInMethods: { identities: [], addable: [] },
      apps: [],
      sessions: [],
      now,
    })
    expect(html).toContain('<h1>Signed in</h1>')
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
    ['holder unproven', "the other user's address was never verified"],
    ['unlinked', 'this sign-in method was removed from that account'],
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
    expect(page('linking-declinable')).toContain('I have no other account')
  })
})
