/** What holds for every mail: both forms from one tree, links of our own, nothing loaded. */
import { describe, expect, it } from 'vitest'
import { sampleMails } from '../../../src/jobs/mail/samples.ts'

const publicUrl = new URL('https://login.acme.test')
const evil = 'Ac<me>\r\nBcc: eve@evil.test\u202e'
const plain = sampleMails({ tenantName: 'Acme', publicUrl })
const hostile = sampleMails({ tenantName: evil, color: '#0a6640', publicUrl })

const linksIn = (html: string) => [...html.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => link)

describe.each(Object.entries(plain))('the email %s', (name, { subject, text, html }) => {
  it('has the same words in text and HTML', () => {
    const shown = html
      .slice(html.indexOf('</h1>'))
      .replace(/Or copy this address: <span>[^<]*<\/span>/g, '')
      .replace(/<[^>]+>/g, ' ')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&')
    const words = (given: string) => given.match(/[\p{L}\d]+/gu) ?? []
    const withoutLinks = text.replace(/^https?:.*$/gm, '')
    expect(words(withoutLinks)).toEqual(words(shown))
  })

  it('RE-01 links to the public URL only, in text and HTML', () => {
    expect(linksIn(html).every((link) => new URL(link).origin === publicUrl.origin)).toBe(true)
    const inText = [...text.matchAll(/^https?:.*$/gm)].map(([link]) => link)
    expect(inText).toEqual(linksIn(html).map((link) => link.replaceAll('&amp;', '&')))
  })

  it('loads nothing and runs nothing', () => {
    expect(html).not.toMatch(/<(img|script|link|iframe|object|form)\b|url\(|@import|\bon\w+=/i)
  })

  it('RE-04 has a subject of one short line, also with a hostile name', () => {
    expect(subject.length).toBeLessThanOrEqual(80)
    expect(hostile[name]?.subject).not.toMatch(/[\r\n\u202e]/)
    expect(hostile[name]?.html).not.toContain('<me>')
  })
})

it('shows the color of the tenant', () => {
  expect(hostile['new-device']?.html).toContain('background:#0a6640')
  expect(plain['new-device']?.html).toContain('background:#1f4fd8')
})
