/** `<gatehouse-buttons>` in real Chromium, on a page of another site with a strict policy. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser/chromium.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { type HostOptions, hostOrigin, openHostPage, strictPolicy } from '../support/sdk/host-site.ts'

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
/** Where to leave pictures for human eyes; none are taken unless it is set. */
const pictures = process.env['PAGE_PICTURES']

const longWord = 'Donaudampfschifffahrt'.repeat(6).slice(0, 60)

const manyYaml = `tenant: many
name: Many
connections:
  google: { clientId: 1-a.apps.googleusercontent.com, clientSecret: canary-of-google }
  linkedin: { clientId: 78abc, clientSecret: canary-of-linkedin }
  partners:
    kind: oidc
    label: ${longWord}
    issuer: https://partners.example
    clientId: many
    clientSecret: canary-of-partners
  password: {}
`

const shopYaml = `apps:
  shop:
    name: Shop
    kind: single-page
    redirectUris: ['https://shop.test/cb']
    tenants: [acme]
`

let server: TestGatehouse
let browser: Browser
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta), 'beta.yaml': betaYaml(okta), 'many.yaml': manyYaml }
  server = await startTestGatehouse({ okta, tenants, settings: shopYaml })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await server?.okta.close()
})

const fallback = `<a href="${publicOrigin}/login?tenant=acme">Sign in</a>`
const buttons = (attributes: string, inside = fallback) =>
  `<gatehouse-buttons ${attributes}>${inside}</gatehouse-buttons>`

const open = (element: string, options: Partial<HostOptions> = {}) =>
  openHostPage(browser, { port: server.port, element, ...options })

async function shown(page: Page): Promise<readonly { readonly text: string; readonly href: string }[]> {
  await page.waitForSelector('gatehouse-buttons li')
  return page.evaluate(
    `[...document.querySelector('gatehouse-buttons').shadowRoot.querySelectorAll('a')].map((a) => ({ text: a.textContent, href: a.href }))`,
  )
}

const inElement = <T>(page: Page, expression: string): Promise<T> =>
  page.evaluate<T>(`((root) => ${expression})(document.querySelector('gatehouse-buttons').shadowRoot)`)

/** The link inside is what the person sees. */
const fallsBack = (page: Page) => page.locator('gatehouse-buttons > a').isVisible()

const setAttribute = (page: Page, name: string, value: string) =>
  page.evaluate(`document.querySelector('gatehouse-buttons').setAttribute('${name}', '${value}')`)

describe('the link of a button', () => {
  it('is an authorization request, or the href of the app with tenant and connection; never a script URL', async () => {
    const { page, context, complaints } = await open(
      buttons('app="shop" tenant="acme" redirect-uri="https://shop.test/cb" code-challenge="c" state="s"'),
    )
    const query = (provider: string) =>
      `client_id=shop&response_type=code&tenant=acme&provider=${provider}&redirect_uri=https%3A%2F%2Fshop.test%2Fcb&code_challenge=c&state=s&scope=openid&code_challenge_method=S256`
    expect(await shown(page)).toEqual([
      { text: 'Sign in with Okta', href: `${publicOrigin}/oauth2/auth?${query('okta')}` },
      { text: 'Sign in with email', href: `${publicOrigin}/oauth2/auth?${query('password')}` },
    ])
    await setAttribute(page, 'href', '/login?from=shop')
    expect((await shown(page))[0]?.href).toBe(`${hostOrigin}/login?from=shop&tenant=acme&provider=okta`)
    for (const wrong of ['javascript:alert(1)', 'http://[', 'data:text/html,x']) {
      await setAttribute(page, 'href', wrong)
      expect((await shown(page)).map(({ href }) => href)).toEqual([`${hostOrigin}/#`, `${hostOrigin}/#`])
    }
    expect(complaints).toEqual([])
    await context.close()
  })

  it('leads a click to the sign-in page of the upstream', async () => {
    const redirectUri = 'https://shop.test/cb'
    const values = `redirect-uri="${redirectUri}" code-challenge="${'c'.repeat(43)}" state="s"`
    const { page, context } = await open(buttons(`app="shop" tenant="acme" ${values}`))
    await shown(page)
    const [request] = await Promise.all([
      page.waitForRequest((asked) => asked.url().startsWith(server.okta.issuer)),
      page.getByRole('link', { name: 'Sign in with Okta' }).click(),
    ])
    expect(new URL(request.url()).searchParams.get('client_id')).toBe('gatehouse-acme')
    await context.close()
  })
})

describe('labels and connections', () => {
  it('are those of the tenant, and follow the attributes', async () => {
    const { page, context } = await open(buttons('tenant="many" label="Weiter mit {name}"'))
    expect((await shown(page)).map(({ text }) => text)).toEqual([
      'Weiter mit Google',
      'Weiter mit LinkedIn',
      longWord,
      'Weiter mit email',
    ])
    await setAttribute(page, 'tenant', 'beta')
    await page.getByRole('link', { name: 'Weiter mit Okta' }).waitFor()
    expect(await shown(page)).toHaveLength(2)
    await context.close()
  })

  it('have the colors of their brands, under a policy that refuses style attributes', async () => {
    const { page, context, complaints } = await open(buttons('tenant="many" theme="dark"'))
    await shown(page)
    const fill = (kind: string) => inElement(page, `getComputedStyle(root.querySelector('a.${kind}')).backgroundColor`)
    const own = (kind: string) => inElement(page, `root.querySelector('a.${kind}').style.getPropertyValue('--bg')`)
    expect([await own('google'), await fill('google')]).toEqual(['light-dark(#fff,#131314)', 'rgb(19, 19, 20)'])
    expect(await own('linkedin')).toBe('')
    expect(complaints).toEqual([])
    await context.close()
  })

  it('are a named list of links for screen readers; the keyboard reaches each with a visible focus', async () => {
    const { page, context } = await open(buttons('tenant="acme"'))
    await shown(page)
    expect(await page.getByRole('list', { name: 'Ways to sign in' }).getByRole('listitem').count()).toBe(2)
    await page.keyboard.press('Tab')
    expect(await inElement(page, `root.activeElement.textContent`)).toBe('Sign in with Okta')
    expect(await inElement(page, `getComputedStyle(root.activeElement).outlineWidth`)).toBe('3px')
    await page.keyboard.press('Tab')
    expect(await inElement(page, `root.activeElement.textContent`)).toBe('Sign in with email')
    await context.close()
  })

  it('keep the focus when the buttons replace the inner link', async () => {
    const { page, context } = await open(buttons('tenant="nobody"'))
    await page.focus('gatehouse-buttons > a')
    await setAttribute(page, 'tenant', 'acme')
    await shown(page)
    expect(await inElement(page, `root.activeElement.textContent`)).toBe('Sign in with Okta')
    await context.close()
  })
})

describe('buttons that fail to load', () => {
  it.each([
    ['scripts are off', { javaScriptEnabled: false }, 'tenant="acme"', false],
    ['nothing answers', { port: undefined }, 'tenant="acme"', false],
    ['the tenant is unknown', {}, 'tenant="nobody"', true],
    ['no tenant is named', {}, '', false],
    [
      'the page’s policy forbids asking',
      { policy: strictPolicy.replace(/connect-src [^;]*/, "connect-src 'none'") },
      'tenant="acme"',
      true,
    ],
    ['the origin is none', {}, 'tenant="acme" origin="nonsense"', false],
  ] as const)('leave the inner link when %s', async (_, options, attributes, settles) => {
    const { page, context } = await open(buttons(attributes), options)
    if (settles) await expect.poll(() => page.evaluate('window.failed')).toBe(true)
    await expect.poll(() => fallsBack(page)).toBe(true)
    expect(await page.locator('gatehouse-buttons > a').getAttribute('href')).toBe(`${publicOrigin}/login?tenant=acme`)
    await context.close()
  })

  it('tell the developer why in the console, and keep the colors of the page under the inner link', async () => {
    const { page, context, complaints } = await open(buttons('tenant="nobody" theme="dark"'))
    await expect.poll(() => complaints.filter((text) => text.startsWith('gatehouse-buttons: '))).toHaveLength(1)
    expect(complaints.join('\n')).toContain('there is no tenant "nobody"')
    await page.evaluate(axe)
    const results = await page.evaluate<AxeResults>('axe.run("gatehouse-buttons", { resultTypes: ["violations"] })')
    expect(results.violations.map(({ id }) => id)).toEqual([])
    await context.close()
  })

  it('dispatch an event', async () => {
    const { page, context } = await open(buttons('tenant="acme"'))
    await shown(page)
    const stated = page.evaluate<string>(`new Promise((done) => {
      for (const type of ['gatehouse-failed', 'gatehouse-ready']) document.addEventListener(type, () => done(type))
      document.querySelector('gatehouse-buttons').setAttribute('tenant', 'nobody')
    })`)
    expect(await stated).toBe('gatehouse-failed')
    expect(await fallsBack(page)).toBe(true)
    await context.close()
  })

  it('are shown without logos when the CSP blocks them', async () => {
    const { page, context } = await open(buttons('tenant="acme"'), {
      policy: strictPolicy.replace(/img-src [^;]*/, "img-src 'none'"),
    })
    expect(await shown(page)).toHaveLength(2)
    const hasNoImage = `!document.querySelector('gatehouse-buttons').shadowRoot.querySelector('img')`
    await expect.poll(() => page.evaluate(hasNoImage)).toBe(true)
    await context.close()
  })
})

describe('the layout', () => {
  it('passes axe and does not scroll sideways at 360 and 1440 px, light and dark', async () => {
    const { page, context, complaints, asked } = await open(buttons('tenant="many"'), { reducedMotion: 'reduce' })
    expect(await shown(page)).toHaveLength(4)
    const areImagesLoaded = `[...document.querySelector('gatehouse-buttons').shadowRoot.querySelectorAll('img')].every((img) => img.naturalWidth > 0)`
    // waitForFunction evaluates it in the page from the second time on, which the policy forbids
    await expect.poll(() => page.evaluate(areImagesLoaded)).toBe(true)
    expect(await inElement(page, `root.querySelectorAll('img').length`)).toBe(4)
    await page.evaluate(axe)
    for (const width of [360, 1440]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 700 })
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const results = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })')
        const faults = results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
        expect([width, colorScheme, faults]).toEqual([width, colorScheme, []])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const heights = await inElement<number[]>(page, `[...root.querySelectorAll('a')].map((a) => a.offsetHeight)`)
        expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
        if (pictures !== undefined) await page.screenshot({ path: `${pictures}/buttons-${colorScheme}-${width}.png` })
      }
    }
    expect(complaints).toEqual([])
    expect(new Set(asked).size).toBe(asked.length)
    await context.close()
  })

  it('uses the theme attribute, or the color scheme of the page', async () => {
    const { page, context } = await open(buttons('tenant="acme"'), { reducedMotion: 'reduce' })
    await shown(page)
    for (const [theme, colorScheme, background] of [
      ['dark', 'light', 'rgb(19, 19, 20)'],
      ['light', 'dark', 'rgb(255, 255, 255)'],
      ['auto', 'dark', 'rgb(19, 19, 20)'],
      ['auto', 'light', 'rgb(255, 255, 255)'],
    ] as const) {
      await setAttribute(page, 'theme', theme)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect([theme, await inElement(page, `getComputedStyle(root.querySelector('a')).backgroundColor`)]).toEqual([
        theme,
        background,
      ])
    }
    await context.close()
  })

  it('places logos at the right on a right-to-left page', async () => {
    const { page, context } = await open(buttons('tenant="acme"'), { root: 'lang="ar" dir="rtl"' })
    await shown(page)
    const side = `(() => { const a = root.querySelector('a').getBoundingClientRect(), logo = root.querySelector('img').getBoundingClientRect()
      return a.right - logo.right < logo.left - a.left ? 'right' : 'left' })()`
    expect(await inElement(page, side)).toBe('right')
    await context.close()
  })

  it('accepts colors, borders and parts from the page’s stylesheet', async () => {
    const policy = strictPolicy.replace("style-src 'none'", "style-src 'unsafe-inline'")
    const styled = `<style>gatehouse-buttons { --gatehouse-radius: 24px; --gatehouse-gap: 4px }
      gatehouse-buttons::part(button-okta) { border-style: dashed }</style>`
    const { page, context } = await open(styled + buttons('tenant="acme"'), { policy })
    await shown(page)
    const style = (property: string) => inElement(page, `getComputedStyle(root.querySelector('a')).${property}`)
    expect([await style('borderRadius'), await style('borderTopStyle')]).toEqual(['24px', 'dashed'])
    await context.close()
  })
})
