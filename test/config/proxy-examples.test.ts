/** Proxy examples that cannot run here; nginx and Caddy run in test/e2e. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { withoutOurCookies } from '../../src/http/cookies.ts'
import { headerNames, separatorsOf, spellingsOf } from '../support/servers/header-spellings.ts'

const example = (path: string) => readFileSync(new URL(`../../examples/${path}`, import.meta.url), 'utf8')

const cookies = [
  'a=1;gatehouse_session=s;b=2',
  '__Host-gatehouse_session=s; a=1; gatehouse_device=k',
  'gatehouse_browser=b',
  ' gatehouse_browser=b;gatehouse_login_00=l ;  a=1',
  'theme=gatehouse_dark; not_gatehouse_x=1',
  'token=gth_s_x; a=1;other.token=gth_a_y; token=theirs; b=not_gth_s_z',
]

describe('the Traefik example', () => {
  const { middlewares, routers } = parse(example('traefik/gatehouse.yaml')).http
  const removed = Object.keys(middlewares['no-look-alikes'].headers.customRequestHeaders)
  const copied: readonly string[] = middlewares.gatehouse.forwardAuth.authResponseHeaders

  it('A1: removes every spelling of every identity header before asking Gatehouse', () => {
    const lookAlikes = headerNames.flatMap((name) => separatorsOf(name).filter((spelling) => spelling !== name))
    expect(removed.map((name) => name.toLowerCase()).sort()).toEqual([...lookAlikes].sort())
    expect(Object.values(middlewares['no-look-alikes'].headers.customRequestHeaders)).toEqual(removed.map(() => ''))
    expect(routers.app.middlewares).toEqual(['no-look-alikes', 'gatehouse'])
  })

  it("A1: overwrites or removes the client's headers, in any case", () => {
    const handled = new Set([...removed, ...copied].map(asGoSpells))
    for (const spelling of headerNames.flatMap((name) => spellingsOf(name)))
      expect(handled, spelling).toContain(asGoSpells(spelling))
  })
})

/** Traefik matches header names in this form (net/textproto.CanonicalMIMEHeaderKey). */
const asGoSpells = (name: string) => name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())

describe("the app's cookies", () => {
  it.each(cookies)('behind Caddy are those of "%s" that are not ours', (header) => {
    const lines = [...example('caddy/Caddyfile').matchAll(/^\s*request_header Cookie `([^`]+)` \$9$/gm)]
    expect(lines.length).toBe(2)
    const left = lines.reduce((text, [, pattern = '']) => {
      const caseInsensitive = pattern.startsWith('(?i)') // as Go's syntax has it
      return text.replace(new RegExp(pattern.replace('(?i)', ''), caseInsensitive ? 'gi' : 'g'), '')
    }, header)
    expect(left.replace(/;\s*/g, '; ')).toBe(withoutOurCookies(header, { name: 'gatehouse_session' }))
  })

  it('behind Traefik are those that /verify returns, as the Authorization is', () => {
    const { address, authResponseHeaders } = parse(example('traefik/gatehouse.yaml')).http.middlewares.gatehouse
      .forwardAuth
    expect(new URL(address).searchParams.get('cookies')).toBe('app')
    expect(new URL(address).searchParams.get('authorization')).toBe('app')
    expect(authResponseHeaders).toEqual(expect.arrayContaining(['Cookie', 'Authorization']))
  })

  it('never include the session cookie', () => {
    expect(withoutOurCookies('sid=s; __Host-sid=t; side=1', { name: 'sid' })).toBe('side=1')
    expect(withoutOurCookies(undefined, { name: 'sid' })).toBe('')
    expect(withoutOurCookies('a=\u0001; b=\u00e9', { name: 'sid' })).toBe('b=\u00e9')
  })
})
