import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { providers } from '../../providers/index.ts'
import { submitScript } from '../../src/pages/assets.ts'
import { openBrowser } from '../support/browser/chromium.ts'
import { axeScript, inspectPage } from '../support/browser/inspect.ts'
import { accountPages } from '../support/pages/account-samples.ts'
import { type PageServer, servePages } from '../support/pages/page-server.ts'
import { samplePages } from '../support/pages/samples.ts'

const pages = samplePages()
const longPages = Object.fromEntries(
  Object.entries(samplePages(() => 'Donaudampfschifffahrt'.repeat(12))).map(([name, html]) => [`long-${name}`, html]),
)

let browser: Browser
let server: PageServer

beforeAll(async () => {
  server = await servePages({ ...pages, ...longPages, ...accountPages() })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  server?.close()
})

async function open(name: string, width: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' })
  await page.goto(`${server.url}/${name}`)
  return page
}

/** What the tab key visits, in order, by visible text or name. */
async function tabStops(page: Page, count: number): Promise<readonly string[]> {
  const stops: string[] = []
  for (let step = 0; step < count; step += 1) {
    await page.keyboard.press('Tab')
    stops.push(await page.evaluate<string>('document.activeElement.name || document.activeElement.textContent'))
  }
  return stops
}

describe('in Chromium at 360 and 1440 px, light and dark', () => {
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    page = await browser.newPage()
    await page.addInitScript(axeScript)
    page.on('console', (message) => complaints.push(message.text()))
  })

  it.each(Object.keys(pages))('the page %s passes axe and never scrolls sideways', async (name) => {
    await page.goto(`${server.url}/${name}`)
    await inspectPage(page, name)
    expect(complaints).toEqual([])
  })
})

describe('buttons of brands with guidelines, in Chromium', () => {
  interface Painted {
    readonly fill: string
    readonly edge: string
    readonly text: string
    readonly paper: string
  }
  const painted = (page: Page, kind: string) =>
    page.evaluate<Painted>(`(() => {
      const button = getComputedStyle(document.querySelector('.connection.${kind}'))
      const logo = getComputedStyle(document.querySelector('.connection.${kind} img'))
      return { fill: button.backgroundColor, edge: button.borderTopColor, text: button.color, paper: logo.backgroundColor }
    })()`)
  const rgb = (hex: string) => {
    const [, ...parts] = /^#(..)(..)(..)$/.exec(hex.length === 4 ? hex.replace(/[^#]/g, '$&$&') : hex) ?? []
    return `rgb(${parts.map((part) => Number.parseInt(part, 16)).join(', ')})`
  }

  it.each([
    ['login', 'google'],
    ['login', 'apple'],
    ['linking', 'google'],
    ['linking', 'apple'],
  ] as const)(
    'on the page %s, that of %s has its colors, light and dark, and no white background under its logo',
    async (name, kind) => {
      const page = await open(name, 360)
      for (const scheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
        const {
          fill = '',
          border = '',
          text = '',
        } = providers.find((one) => one.kind === kind)?.brand.colors?.[scheme] ?? {}
        expect(await painted(page, kind), scheme).toEqual({
          fill: rgb(fill),
          edge: rgb(border),
          text: rgb(text),
          paper: 'rgba(0, 0, 0, 0)',
        })
      }
      await page.close()
    },
  )

  it('a brand without guidelines looks like the page', async () => {
    const page = await open('login', 360)
    expect(await page.evaluate(`document.querySelector('[href*=okta].connection').className`)).toBe('connection')
    await page.close()
  })
})

describe('in Chromium', () => {
  it('a long word anywhere causes no horizontal scrolling at 360 px', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } })
    for (const name of Object.keys(longPages)) {
      await page.goto(`${server.url}/${name}`)
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(360)
    }
    await page.close()
  })

  it('the stylesheet applies under the strict policy and nothing else is requested', async () => {
    const page = await open('login', 1440)
    expect(await page.evaluate('getComputedStyle(document.querySelector(".card")).borderRadius')).toBe('16px')
    await page.close()
    expect(server.unknownPaths).toEqual([])
  })

  it('buttons and fields are at least 44 px high', async () => {
    const page = await open('login', 360)
    const heights = await page.evaluate<number[]>(
      '[...document.querySelectorAll("button, .connection, input:not([type=hidden])")].map((each) => each.offsetHeight)',
    )
    expect(heights).toHaveLength(6)
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
    await page.close()
  })

  it('the tab order is the buttons, the form, then the links below', async () => {
    const page = await open('login', 360)
    expect(await tabStops(page, 8)).toEqual([
      'Sign in with OktaLast used',
      'Sign in with Google',
      'Sign in with Apple',
      'Sign in with Acme Partner Network',
      'email',
      'Continue',
      'Sign up',
      'Get help with signing in',
    ])
    await page.close()
  })

  it('a page with a single field focuses it', async () => {
    const page = await open('login-password', 360)
    await page.waitForSelector('#password:focus')
    await page.keyboard.type('correct horse')
    expect(await page.inputValue('#password')).toBe('correct horse')
    expect(await tabStops(page, 4)).toEqual(['Show password', 'keep', 'Sign in', 'Forgot password?'])
    await page.close()
  })

  it('the focus is visible', async () => {
    const page = await open('login', 360)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')).toBe('3px')
    await page.close()
  })

  it('a relay form submits itself', async () => {
    const page = await browser.newPage()
    await page.route(`**${submitScript.path}`, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: submitScript.content }),
    )
    const [request] = await Promise.all([
      page.waitForRequest('**/callback'),
      page.goto(`${server.url}/repost`, { waitUntil: 'commit' }),
    ])
    expect(request.headers()['content-type']).toBe('application/x-www-form-urlencoded')
    expect(request.postData()).toBe('state=9f2c1e&code=c0de')
    await page.close()
  })

  it('the form works without scripts and includes its hidden fields', async () => {
    const page = await open('login-password', 360)
    await page.fill('#password', 'correct horse')
    const [request] = await Promise.all([page.waitForRequest('**/login'), page.click('button[type=submit]')])
    expect(request.method()).toBe('POST')
    const email = 'ada.lovelace%40acme.test'
    const sent = `transaction=9f2c1e&email=${email}&password=correct+horse&asks_keep=yes&keep=yes`
    expect(request.postData()).toBe(sent)
    await page.close()
  })
})
