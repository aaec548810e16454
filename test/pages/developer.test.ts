import { describe, expect, it } from 'vitest'
import { developerPages } from '../support/pages/developer-samples.ts'

const pages = developerPages()
const hostile = `</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;`

describe.each(Object.entries(pages))('the page %s', (_name, html) => {
  it('is one complete document with one main landmark, one first heading and no script but ours', () => {
    expect(html).toMatch(/^<!doctype html><html lang="en">.*<\/html>$/s)
    expect(html.match(/<main[ >]/g)).toHaveLength(1)
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html).not.toMatch(/<script(?! src="\/static\/)|<style|\sstyle=|\son\w+=/i)
  })

  it('LK-02 loads nothing from other sites', () => {
    expect(html).not.toMatch(/(?:src|href|action)="(?!#|\/(?!\/))/)
  })

  it('labels every field and uses every ID once', () => {
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(ids.length).toBe(new Set(ids).size)
    for (const [, target] of html.matchAll(/<label for="([^"]+)"/g)) expect(ids).toContain(target)
    for (const [, list = ''] of html.matchAll(/aria-describedby="([^"]+)"/g))
      for (const id of list.split(' ')) expect(ids).toContain(id)
  })
})

describe.each(Object.entries(developerPages(() => hostile)))('OP-32 hostile text on the page %s', (_name, html) => {
  it('stay text', () => {
    expect(html).not.toMatch(/<script(?! src="\/static\/)|<img src="?x/i)
    expect(html.match(/<title>[^<]*<\/title>/g)).toHaveLength(1)
  })
})

describe('the settings of an app', () => {
  const settings = (name: string) => pages[name] ?? ''

  it('have the back-channel logout URI only where a server can receive it, or one is set', () => {
    expect(settings('developer-app-settings')).toContain('id="backchannelLogoutUri"')
    expect(settings('developer-native-settings')).not.toContain('id="backchannelLogoutUri"')
    const kept = developerPages((text) => (text === '' ? 'https://shop.acme.test/logout' : text))
    expect(kept['developer-native-settings']).toContain('value="https://shop.acme.test/logout"')
  })

  it('of a service say who sees its name, and why there are no scopes', () => {
    const html = settings('developer-service-settings')
    expect(html).toContain('Shown to developers and administrators.')
    expect(html).toContain('There is no API here that a service may call.')
    expect(html).not.toContain('Users see it')
  })
})
