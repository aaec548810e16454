/** A page of another site with our buttons, under the strictest policy that allows them. */
import type { APIResponse, Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { CookieJar } from '../browser/cookie-jar.ts'
import { publicOrigin } from '../gatehouse/tenants.ts'

export const hostOrigin = 'https://shop.acme.test'

export interface HostPage {
  readonly page: Page
  readonly context: BrowserContext
  /** What the console said: violations of the policy among it. */
  readonly complaints: readonly string[]
  /** Paths of Gatehouse that were asked for. */
  readonly asked: readonly string[]
}

export interface HostOptions extends BrowserContextOptions {
  /** The house's port, or undefined when nothing answers there. */
  readonly port: number | undefined
  readonly element: string
  readonly policy?: string
  /** Of the page's root element. */
  readonly root?: string
}

export const strictPolicy = [
  "default-src 'none'",
  `script-src ${publicOrigin}`,
  `connect-src ${publicOrigin}`,
  `img-src ${publicOrigin}`,
  "style-src 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const maxRedirects = 5

export async function openHostPage(browser: Browser, options: HostOptions): Promise<HostPage> {
  const { port, element, policy = strictPolicy, root = 'lang="en"', ...contextOptions } = options
  const context = await browser.newContext(contextOptions)
  const page = await context.newPage()
  const complaints: string[] = []
  const asked: string[] = []
  // runs whatever the page's policy says
  await context.addInitScript(`addEventListener('gatehouse-failed', () => { window.failed = true })`)
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await context.route(`${hostOrigin}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: {
        'content-security-policy': policy,
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-opener-policy': 'same-origin',
      },
      body: documentWith(element, root),
    }),
  )
  const jar = new CookieJar()
  await context.route(`${publicOrigin}/**`, async (route) => {
    // Playwright does not route redirected requests: follow redirects within Gatehouse here
    let url = new URL(route.request().url())
    let isSeeOther = false
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      asked.push(url.pathname)
      if (port === undefined) return route.abort()
      const response: APIResponse = await route.fetch({
        url: `http://127.0.0.1:${port}${url.pathname}${url.search}`,
        headers: { ...route.request().headers(), host: url.host, cookie: jar.headerFor(url) },
        // after 303 a POST becomes a GET without a body (RFC 9110 15.4.4)
        ...(isSeeOther && { method: 'GET', postData: '' }),
        maxRedirects: 0,
      })
      jar.keep(url, setCookiesOf(response))
      const { location } = response.headers()
      const next = location === undefined ? null : new URL(location, url)
      if (next?.origin !== publicOrigin) return route.fulfill({ response })
      url = next
      isSeeOther ||= response.status() === 303
    }
    complaints.push(`more than ${maxRedirects} redirects, the last one to ${url.pathname}`)
    return route.abort()
  })
  await page.goto(`${hostOrigin}/`)
  return { page, context, complaints, asked }
}

const setCookiesOf = (response: APIResponse) =>
  response.headersArray().flatMap(({ name, value }) => (name.toLowerCase() === 'set-cookie' ? [value] : []))

const documentWith = (element: string, root: string) => `<!doctype html><html ${root}><head><title>The shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<script type="module" src="${publicOrigin}/buttons.js"></script></head>
<body><main><h1>Sign in to the shop</h1>${element}</main></body></html>`
