/** Developer settings as HTML. */
import { describe, expect, it } from 'vitest'
import { pageScript } from '../../src/pages/assets.ts'
import { tokenBadges } from '../../src/web/account/developer-settings/token-badges.ts'
import { expiryChoices } from '../../src/web/account/developer-settings/token-form.tsx'
import { scopeChoices } from '../../src/web/account/developer-settings/token-scopes.ts'
import { now } from '../support/pages/samples.ts'
import { settingsPages } from '../support/pages/settings-samples.ts'

const pages = settingsPages()
const page = (name: string) => pages[name] ?? ''
const hostile = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;`

describe.each(Object.entries(pages))('the page %s', (_name, html) => {
  it('is one document with one main landmark and one first heading, and its only script is ours', () => {
    expect(html).toMatch(/^<!doctype html><html lang="en">.*<\/html>$/s)
    expect(html.match(/<main[ >]/g)).toHaveLength(1)
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/i)
    const scripts = [...html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)
    expect(scripts).toEqual([`<script src="${pageScript.path}" defer>`])
  })

  it('labels every field and uses every ID once', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(ids.length).toBe(new Set(ids).size)
    for (const [, target] of html.matchAll(/(?:<label for|data-copies|data-hides)="([^"]+)"/g))
      expect(ids).toContain(target)
    for (const [, list = ''] of html.matchAll(/aria-describedby="([^"]+)"/g))
      for (const id of list.split(' ')) expect(ids).toContain(id)
  })

  it('never has a credential in an address (AP-01)', () => {
    expect(html).not.toMatch(/(?:href|action|src|value)="[^"]*gth_/)
  })
})

describe.each(Object.entries(settingsPages(() => hostile)))('OP-32 hostile text on the page %s', (_name, html) => {
  it('stays text', () => {
    expect(html).not.toMatch(/<script(?! src="\/static)|<img/i)
    expect(html.match(/<title>[^<]*<\/title>/g)).toHaveLength(1)
  })
})

describe('the list of API tokens', () => {
  const rows = page('settings').split('Your client secret')[0]?.split('<li><div><h3>').slice(1) ?? []

  it('shows creation, last use with address and program, expiry and permissions', () => {
    const text = rows[0]?.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    expect(text).toContain('Nightly build')
    expect(text).toMatch(/Last used 2 minutes ago from 203\.0\.113\.7 by curl on Linux/)
    expect(text).toMatch(/Created \d+ \w+ \d{4}, \d\d:\d\d UTC , expires/)
    expect(text).toContain('All your permissions')
    expect(rows[2]).toContain('<summary>4 permissions</summary>')
    expect(rows[2]).toContain('<li>Read your apps</li>')
    expect(rows[3]).toContain('Only from 192.0.2.0/24, 2001:db8::/32')
  })

  it('names the token in every action, and offers to rotate only what can be', () => {
    expect(rows[0]).toContain('<span class="unseen">Rotate Nightly build</span>')
    expect(rows[0]).toContain('<span class="unseen">Revoke Nightly build</span>')
    expect(rows.map((row) => /tokens\/[^"]+\/rotate"/.test(row))).toEqual([true, false, true, true, true, false])
    expect(rows[5]).toContain('action="/account/developer/tokens/token-6/confirm"')
  })

  it('is paged', () => {
    expect(page('settings-many')).toContain('51–100 of 200')
    expect(page('settings-many').match(/\/tokens\/[^"]+\/revoke"/g)).toHaveLength(50)
  })
})

describe('badges of an API token', () => {
  const day = 86_400_000
  const at = (days: number) => new Date(now.getTime() + days * day)
  const fresh = { endsAt: undefined, replacedBy: undefined, suspendedAt: undefined, lastUse: undefined }
  const badges = (created: number, expires: number, used?: number) => {
    const lastUse = used === undefined ? undefined : { at: at(used), address: undefined, agent: undefined }
    return tokenBadges({ ...fresh, createdAt: at(created), expiresAt: at(expires), lastUse }, 365 * 86_400, now)
  }

  it.each([
    ['new', badges(0, 3650), []],
    ['not used for 90 days', badges(-91, 3650), ['Unused for 90 days']],
    ['used 91 days ago', badges(-200, 3650, -91), ['Unused for 90 days']],
    ['used yesterday', badges(-200, 3650, -1), []],
    ['expiring', badges(-335, 30, 0), ['Expires soon']],
    ['for a week, on its first day', badges(0, 7), []],
    ['for a week, on its sixth day', badges(-6, 1), ['Expires soon']],
    ['older than rotateAfter', badges(-366, 3000, 0), ['Older than 365 days']],
  ])('%s', (_what, found, expected) => {
    expect(found).toEqual(expected)
  })
})

describe('the list of tokens', () => {
  it('says what its pictures do', () => {
    const legend = /<ul class="icon-legend.*?<\/ul>/s.exec(page('settings'))?.[0]
    expect(legend).toContain('Rotate: replaces the token with a new one')
    expect(legend).toContain('Revoke: ends the token at once')
    expect(page('settings')).toContain('title="Rotate"')
  })
})

describe('the form of a new token', () => {
  it("offers lifetimes up to the tenant's maximum", () => {
    const labels = (seconds: number) => expiryChoices(seconds, now).map(({ label }) => label)
    expect(labels(3650 * 86_400)).toEqual(['7 days', '30 days', '90 days', '1 year', '10 years'])
    expect(labels(60 * 86_400)).toEqual(['7 days', '30 days', '60 days'])
    expect(labels(3600)).toEqual(['1 hour'])
    const created = new Date('2026-11-30T10:00:00Z')
    const days = expiryChoices(3650 * 86_400, created).map(({ at }) => at.toISOString().slice(0, 10))
    expect(days).toEqual(['2026-12-07', '2026-12-30', '2027-02-28', '2027-11-30', '2036-11-30'])
  })

  it('AP-02 offers no permission that needs a session, or that the user does not have', () => {
    const names = (roles: Parameters<typeof scopeChoices>[0]) => scopeChoices(roles).map(({ value }) => value)
    expect(names(['member'])).not.toContain('tokens:write')
    expect(names(['member'])).not.toContain('apps:read')
    expect(names(['developer', 'member'])).toContain('apps:read')
  })
})
