import { describe, expect, it } from 'vitest'
import { pageScript, passkeyScriptPaths, stylesheet, submitScript } from '../../src/pages/assets.ts'
import { errorPage } from '../../src/pages/error-page.tsx'
import { safeHref } from '../../src/pages/layout.tsx'
import { redirectPage, submittedFormPage } from '../../src/pages/message-page.tsx'
import { initialsOf } from '../../src/pages/site/initials.ts'
import { absoluteTime, relativeTime } from '../../src/pages/time.tsx'
import { loginPage } from '../../src/web/sign-in/pages/login-page.tsx'
import { checkMailPage } from '../../src/web/sign-up/sign-up-pages.tsx'
import { now, samplePages } from '../support/pages/samples.ts'

const pages = samplePages()
const ownScripts = [submitScript.path, pageScript.path, ...passkeyScriptPaths]
const page = (name: string) => pages[name] ?? ''
/** Without our own scripts, which stand in the head. */
const bare = (html: string) =>
  html.replaceAll(/<script src="(\/static\/[\w.-]+)" (?:defer|type="module")><\/script>/g, (script, path: string) =>
    ownScripts.includes(path) ? '' : script,
  )
const hostile = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;`

describe.each(Object.entries(pages))('the page %s', (_name, html) => {
  it('is one complete document in one language, with one main landmark and one first heading', () => {
    expect(html).toMatch(/^<!doctype html><html lang="en">.*<\/html>$/s)
    expect(html.match(/<main[ >]/g)).toHaveLength(1)
    expect(html.match(/<h1>/g)).toHaveLength(1)
  })

  it('has no script but our own, no inline style and no event handler', () => {
    expect(bare(html)).not.toMatch(/<script|<style|\sstyle=|\son\w+=/i)
  })

  it('LK-02 loads nothing from other sites', () => {
    expect(html).not.toMatch(/(?:src|href|action)="(?!\/(?!\/)|mailto:|otpauth:|data:image\/)/)
  })
})

describe.each(Object.entries(samplePages(() => hostile)))('OP-32 hostile text on the page %s', (_name, html) => {
  it('stay text', () => {
    expect(bare(html)).not.toMatch(/<script|<img src="?x/i)
    expect(html.match(/<title>[^<]*<\/title>/g)).toHaveLength(1)
    // no quotation mark of a stranger may end an attribute: take every well-formed tag away and
    // no bracket is left
    expect(html.replace(/<\/?[a-z][a-z0-9]*(?:\s[a-z-]+(?:="[^"<]*")?)*\s*\/?>|<!doctype html>/gi, '')).not.toContain(
      '<',
    )
  })
})

describe('the login page', () => {
  it('shows the connections in the given order as links, with the last used one marked', () => {
    const labels = [...page('login').matchAll(/<a class="connection(?: \w+)?" href="([^"]+)">.*?<\/a>/g)]
    expect(labels.map(([, href]) => href)).toEqual([
      '/t/acme/okta/start',
      '/t/acme/google/start',
      '/t/acme/apple/start',
      '/t/acme/partners/start',
    ])
    expect(labels.map(([link]) => link.includes('Last used'))).toEqual([true, false, false, false])
  })

  it('asks for the email first, then for the password, with the email fixed for password managers', () => {
    expect(page('login')).not.toContain('type="password"')
    expect(page('login-password')).toMatch(
      /<input [^>]*autocomplete="username" value="ada.lovelace@acme.test" readonly/,
    )
    expect(page('login-password')).toContain('autocomplete="current-password"')
    expect(page('login-password')).toContain('href="/reset"')
  })

  it('ties an error to its field, announces it and shows its reference', () => {
    expect(page('login-password-error')).toMatch(/id="error" role="alert"/)
    expect(page('login-password-error')).toMatch(/type="password"[^>]*aria-describedby="error" aria-invalid="true"/)
    expect(page('login-error')).toContain('<code>gth-7K2M-Q9XD</code>')
    expect(page('login-error')).toContain('<title>Error: Sign in to Acme Robotics</title>')
    expect(page('login-error'), 'a canceled sign-in is no fault of the email').not.toContain('aria-invalid')
  })

  it('has no form, divider or sign-up for connections only', () => {
    expect(page('login-buttons-only')).not.toMatch(/<form|divider|Sign up/)
  })

  it('separates the passkey from a form above it, and names the other methods where the email was chosen', () => {
    const passkeyForm = /<form[^>]*data-passkey="get"[^>]*>(?:<input[^>]*>)*(<p class="divider">)?/
    const { passkeys } = pageWithPasskeys
    const html = (more: object) =>
      loginPage({ tenant: { name: 'Acme' }, connections: [], typed: true, passkeys, ...more })
    const form = { action: '/login', step: 'email', changeEmailHref: '/login' } as const
    expect(passkeyForm.exec(html({ form }))?.[1]).toBeDefined()
    expect(passkeyForm.exec(html({ form: { ...form, step: 'password' } }))?.[1]).toBeDefined()
    expect(passkeyForm.exec(html({}))?.[1]).toBeUndefined()
    const chosen = html({ form: { ...form, first: true } })
    expect(passkeyForm.exec(chosen)?.[1]).toBeUndefined()
    expect(chosen).toContain('Other ways to sign in')
  })

  it('links to the legal pages of the tenant, as sign-up does', () => {
    for (const name of ['login', 'login-password', 'sign-up']) {
      expect(page(name), name).toMatch(/<footer>.*<a href="\/terms">Terms of service<\/a>/)
      expect(page(name), name).toContain('<a href="/privacy">Privacy policy</a></footer>')
    }
    expect(page('login-nothing')).toContain('Privacy policy')
    expect(page('choose-tenant')).not.toContain('Privacy policy')
  })

  it('says that no sign-in method is set up', () => {
    expect(page('login-nothing')).toContain('No sign-in method is set up here yet')
  })

  it('never links to a script', () => {
    const connection = { id: 'bad', label: 'Bad', href: 'javascript:alert(1)', lastUsed: false }
    expect(loginPage({ tenant: { name: 'Acme' }, connections: [connection], typed: false })).not.toContain(
      'javascript:',
    )
  })
})

const pageWithPasskeys = {
  passkeys: { action: '/login/passkey', options: '/login/passkey/options', lastUsed: false, autofill: true },
}

describe('an emailed link', () => {
  it('is announced with the same text for known and unknown addresses', () => {
    const again = { action: '/forgot' }
    const links = {
      again,
      changeEmailHref: '/forgot',
      signInHref: '/login',
      pendingHref: '/forgot/waiting',
      savedHref: '/forgot/waiting?saved=yes',
    }
    const html = checkMailPage({ tenant: { name: 'Acme' }, email: 'a@b.test', what: 'reset', ...links })
    expect(html).toContain("If <strong>a@b.test</strong> can sign in here with a password, we've sent a link")
  })

  it('leads to a page that says what the button does and that closing it changes nothing', () => {
    expect(page('choose-password')).toContain('This sets up your account at Acme Robotics.')
    expect(page('choose-password')).toContain('close this page; nothing will change')
    expect(page('choose-password')).toMatch(/autocomplete="new-password"[^>]*aria-describedby="password-hint"/)
    expect(page('choose-password-error')).toContain('aria-describedby="error password-hint"')
  })
})

describe('the error page', () => {
  it('says what happened, who can fix it and what to tell them, with one link', () => {
    expect(page('error')).toContain("Your organization's administrator can fix this.")
    expect(page('error')).toContain('<code>gth-7K2M-Q9XD</code>')
    expect(page('error').match(/class="button"/g)).toHaveLength(1)
  })

  it('links to the sign-in page by default', () => {
    expect(errorPage({ title: 'No', text: 'No.', fixer: 'operator' })).toContain('class="button" href="/login"')
  })
})

describe('interstitial pages', () => {
  it('are the only ones with a script that submits a form', () => {
    const scripted = Object.keys(pages).filter((name) => page(name).includes(submitScript.path))
    expect(scripted).toEqual(['answer', 'post', 'repost'])
  })

  it('keep repeated fields', () => {
    const html = submittedFormPage({
      title: 'Signing you in',
      action: '/t/acme/saml/callback',
      fields: [
        ['RelayState', 'a'],
        ['RelayState', 'b'],
      ],
    })
    expect(html.match(/name="RelayState"/g)).toHaveLength(2)
  })

  it('show the host of their target', () => {
    const html = redirectPage('https://acme.okta.test/authorize?a=1&b=2', 'Okta')
    expect(html).toContain('href="https://acme.okta.test/authorize?a=1&amp;b=2"')
  })

  it('OP-32 never link to a script', () => {
    expect(redirectPage('javascript:alert(1)', 'Okta')).not.toContain('javascript:')
    expect(submittedFormPage({ title: 'x', action: 'javascript:alert(1)', fields: [] })).not.toContain('javascript:')
  })
})

describe('addresses', () => {
  it.each(['/login?a=b#c', 'https://acme.test/', 'http://127.0.0.1:4000/x', 'mailto:help@acme.test'])(
    '%s is accepted',
    (href) => {
      expect(safeHref(href)).toBe(href)
    },
  )

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.test/',
    '/\\evil.test/',
    '/\t/evil.test/',
    'evil.test',
    'https://',
    '',
  ])('OP-32 %j is no link', (href) => {
    expect(safeHref(href)).toBe('#')
  })
})

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada@acme.test', 'A'],
    ['ada.lovelace@acme.test', 'AL'],
    ['Ada King of Lovelace', 'AL'],
    ['Élodie', 'É'],
    ['王 小明', '王小'],
    ['<script>', ''],
    ['', ''],
  ])('of %j are %j', (text, initials) => {
    expect(initialsOf(text)).toBe(initials)
  })
})

describe('timestamps', () => {
  it('are dates in UTC', () => {
    expect(absoluteTime(now)).toBe('14 Nov 2026, 09:05 UTC')
  })

  it.each([
    [0, 'just now'],
    [-5_000, 'just now'],
    [60_000, '1 minute ago'],
    [59 * 60_000, '59 minutes ago'],
    [23 * 3_600_000, '23 hours ago'],
    [24 * 3_600_000, '13 Nov 2026, 09:05 UTC'],
  ])('%d ms ago read as %s', (ago, text) => {
    expect(relativeTime(new Date(now.getTime() - ago), now)).toBe(text)
  })
})

describe('the stylesheet', () => {
  it('has a content-based path and requests nothing', () => {
    expect(stylesheet.path).toMatch(/^\/static\/gatehouse-[0-9a-f]{12}\.css$/)
    expect(stylesheet.content).not.toMatch(/url\(|@import/)
  })
})
