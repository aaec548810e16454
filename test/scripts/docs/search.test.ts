/**
 * Questions as people type them into the search of the documentation site, over the index that it
 * loads.
 */
import MiniSearch from 'minisearch'
import { describe, expect, it } from 'vitest'
import { readSource, sitePages } from '../../../scripts/docs/pages.ts'
import { searchSections } from '../../../scripts/docs/site/search-sections.ts'
import { searchOptions } from '../../../scripts/docs/site/theme/search.ts'

/** As VitePress makes it. */
const index = new MiniSearch({ fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'], searchOptions })
for (const [source, page] of sitePages())
  for (const { anchor, titles, text } of searchSections(readSource(source))) {
    const place = page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')
    index.add({ id: `/docs/${place}#${anchor}`, text, title: titles.at(-1), titles: titles.slice(0, -1) })
  }

const found = (question: string) => index.search(question).map(({ id }) => String(id).replace('/docs/', ''))

describe('the first result', () => {
  it.each([
    ["add a tenant's okta", 'sign-in-methods/okta'],
    ['rotate keys', 'operations/keys'],
    ['how do I restore a backup', 'operations/backup'],
    ['why did a login fail', 'operations/logs'],
    ['protect an express route', 'apps/express'],
    ['fastify', 'sdk'],
    ['put nginx in front of an app', 'reverse-proxies'],
    ['docker', 'operations/install'],
    ['systemd', 'operations/install'],
    ['create an api token', 'sessions/api-tokens'],
    ['saml', 'sign-in-methods/saml'],
    ['passkeys', 'users/passkeys'],
    ['require mfa', 'users/second-factors'],
    ['link_refused', 'reference/errors'],
    ['become the operator', 'operations/install'],
    ['prometheus', 'operations/metrics'],
    ['smtp server', 'operations/mail'],
    ['run two processes', 'operations/scaling'],
    ['delete a user', 'reference/cli'],
    ['export the audit log', 'operations/audit'],
    ['python', 'apps/python'],
    ['sign in with microsoft', 'sign-in-methods/entra'],
    ['forgot password', 'users/passwords'],
    ['upgrade to a new version', 'operations/upgrade'],
  ])('of "%s" is of %s', (question, page) => {
    expect(found(question).slice(0, 3).join('\n')).toMatch(new RegExp(`^${page}#`))
  })
})

describe('a section of the index', () => {
  const page =
    '# One `title`\n\nText with a [link](there.md).\n\n```yaml\n# no heading\nkey: 1\n```\n\n## Two\n\nMore.\n\n### Three\n\n## Two\n'

  it('has the titles above it, its text without marks, and an anchor of its own', () => {
    const sections = searchSections(page).map(({ text, ...rest }) => ({
      ...rest,
      text: text.trim().replace(/\s+/g, ' '),
    }))
    expect(sections).toEqual([
      { anchor: 'one-title', titles: ['One title'], text: 'Text with a link. # no heading key: 1' },
      { anchor: 'two', titles: ['One title', 'Two'], text: 'More.' },
      { anchor: 'three', titles: ['One title', 'Two', 'Three'], text: '' },
      { anchor: 'two-1', titles: ['One title', 'Two'], text: '' },
    ])
  })

  it('is left out of a page that says so', () => {
    expect(searchSections('---\nsearch: false\n---\n\n# File\n')).toEqual([])
  })
})
