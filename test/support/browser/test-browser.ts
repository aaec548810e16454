/**
 * A browser without JavaScript: cookies, redirects and forms, with the headers of Chromium. It maps
 * the public URL to the server's port, like a proxy that ends TLS.
 */
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { publicOrigin } from '../gatehouse/tenants.ts'
import { CookieJar } from './cookie-jar.ts'

export interface Page {
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface PageRequest {
  readonly method?: string
  readonly form?: Readonly<Record<string, string>> | string
  readonly json?: unknown
  readonly headers?: OutgoingHttpHeaders
}

/** A Gatehouse, or its port. */
export interface TestOrigin {
  readonly port: number
}

const userAgent = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36'

export class TestBrowser {
  readonly jar = new CookieJar()
  /** The network address it comes from, if the proxy is trusted. */
  readonly source: string | undefined
  #server: TestOrigin

  constructor(server: TestOrigin, source?: string) {
    this.#server = server
    this.source = source
  }

  get server(): TestOrigin {
    return this.#server
  }

  /** From now on the public address leads to this process. */
  moveTo(server: TestOrigin): void {
    this.#server = server
  }

  /** One request with the jar's cookies; redirects are not followed. */
  async ask(address: string | URL, requested: PageRequest = {}): Promise<Page> {
    const url = new URL(address, publicOrigin)
    const cookie = this.jar.headerFor(url)
    const forwarded = this.source === undefined ? {} : { 'x-forwarded-for': this.source }
    const page = await send(this.#portOf(url), url, {
      ...requested,
      headers: { 'user-agent': userAgent, ...forwarded, ...(cookie !== '' && { cookie }), ...requested.headers },
    })
    this.jar.keep(url, page.headers['set-cookie'] ?? [])
    return page
  }

  /** Follows redirects to a page, or to a URL that starts with `stopAt`, which is not requested. */
  async open(address: string | URL, stopAt?: string, from?: URL): Promise<Page> {
    let url = new URL(address, publicOrigin)
    let context = from === undefined ? 'none' : contextOf(from, url)
    for (let redirects = 0; redirects < 15; redirects += 1) {
      if (stopAt !== undefined && url.href.startsWith(stopAt)) return { url, status: 0, headers: {}, body: '' }
      const page = await this.ask(url, { headers: { 'sec-fetch-site': context, 'sec-fetch-mode': 'navigate' } })
      const next = page.headers.location ?? refreshOf(page)
      if (next === undefined) return page
      const target = new URL(next, url)
      context = context === 'same-origin' || context === 'none' ? contextOf(url, target) : context
      url = target
    }
    throw new Error(`too many steps to ${url.origin}${url.pathname}`)
  }

  /** Follows the link of a page with these words. */
  click(page: Page, words: string | RegExp, stopAt?: string): Promise<Page> {
    return this.open(new URL(linkOn(page, words), page.url), stopAt, page.url)
  }

  /** Fills in and sends the form with this action, whatever its query. */
  async submit(
    page: Page,
    action: string,
    fields: Readonly<Record<string, string>> = {},
    stopAt?: string,
  ): Promise<Page> {
    const form = formsOn(page).find(
      (candidate) => candidate.action.split('?')[0] === action || candidate.action === action,
    )
    if (form === undefined) throw new Error(`no form ${action} on ${page.url.pathname}: ${page.body.slice(0, 2000)}`)
    const target = new URL(form.action, page.url)
    const answer = await this.ask(target, {
      method: 'POST',
      form: { ...form.fields, ...fields },
      // our pages say `Referrer-Policy: no-referrer`: then Chromium sends `Origin: null` with a
      // form
      headers: { origin: 'null', 'sec-fetch-site': contextOf(page.url, target), 'sec-fetch-mode': 'navigate' },
    })
    const next = answer.headers.location ?? refreshOf(answer)
    return next === undefined ? answer : this.open(new URL(next, target), stopAt, target)
  }

  #portOf(url: URL): number {
    return url.origin === publicOrigin ? this.#server.port : Number(url.port)
  }
}

/** One request on a connection of its own. */
export function send(port: number, url: URL, { method = 'GET', form, json, headers = {} }: PageRequest): Promise<Page> {
  const content =
    form !== undefined
      ? {
          type: 'application/x-www-form-urlencoded',
          text: typeof form === 'string' ? form : String(new URLSearchParams(form)),
        }
      : json !== undefined
        ? { type: 'application/json', text: typeof json === 'string' ? json : JSON.stringify(json) }
        : undefined
  return new Promise((done, failed) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: url.pathname + url.search,
      agent: false,
      headers: {
        host: url.host,
        ...(content !== undefined && {
          'content-type': content.type,
          'content-length': Buffer.byteLength(content.text),
        }),
        ...headers,
      },
    })
    request.on('error', failed)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', failed)
      response.on('end', () =>
        done({
          url,
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.end(content?.text)
  })
}

/** What Chromium writes into Sec-Fetch-Site; test hosts have no sites in common but their own. */
function contextOf(from: URL, to: URL): 'same-origin' | 'cross-site' {
  return from.origin === to.origin ? 'same-origin' : 'cross-site'
}

function refreshOf(page: Page): string | undefined {
  return /^0; url=(.*)$/.exec(String(page.headers['refresh'] ?? ''))?.[1]
}

export function linkOn(page: Page, words: string | RegExp): string {
  const links = [...page.body.matchAll(/<a\b[^>]*\bhref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)]
  const matches = (text: string) => (typeof words === 'string' ? text.includes(words) : words.test(text))
  const found = links.find(([, , inside = '']) => matches(unescaped(inside.replace(/<[^>]*>/g, ' '))))
  if (found?.[1] === undefined) throw new Error(`no link ${words} on ${page.url.pathname}: ${page.body.slice(0, 2000)}`)
  return unescaped(found[1])
}

interface FormOnPage {
  readonly id: string | undefined
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

/** Also those that a button of the form sends elsewhere. */
export function formsOn({ body }: Page): readonly FormOnPage[] {
  const forms = ownFormsOn(body)
  const buttons = [...body.matchAll(/<button\b([^>]*\sformaction=[^>]*)>/g)].flatMap(([, button = '']) => {
    const form = forms.find(({ id }) => id !== undefined && id === attribute(button, 'form'))
    return form === undefined ? [] : [{ ...form, action: attribute(button, 'formaction') ?? '' }]
  })
  return [...forms, ...buttons]
}

function ownFormsOn(body: string): readonly FormOnPage[] {
  return [...body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', inside = '']) => ({
    id: attribute(head, 'id'),
    action: attribute(head, 'action') ?? '',
    fields: Object.fromEntries(
      [...inside.matchAll(/<input\b([^>]*)>/g)].flatMap(([, input = '']) => {
        const name = attribute(input, 'name')
        const isUnchecked = /type="(checkbox|radio)"/.test(input) && !/\schecked\b/.test(input)
        return name === undefined || isUnchecked ? [] : [[name, attribute(input, 'value') ?? '']]
      }),
    ),
  }))
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined ? undefined : unescaped(value)
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

export function unescaped(text: string): string {
  return text
    .replace(/&(amp|lt|gt|quot);/g, (_, name: string) => entities[name] ?? '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

/** The reference an error page or a problem document shows. */
export function referenceOn({ body }: Page): string {
  const found = /\b([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\b/.exec(body)?.[1]
  if (found === undefined) throw new Error(`no reference on ${body.slice(0, 1000)}`)
  return found
}
