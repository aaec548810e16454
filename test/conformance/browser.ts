/** A browser without scripts: cookies by host, redirects, Refresh headers, auto-submitted forms. */

export interface Page {
  readonly url: string
  readonly status: number
  readonly html: string
}

export interface Form {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

export interface Browser {
  /** @param stay do not follow to another host */
  open(url: string, options?: { readonly form?: Form['fields']; readonly stay?: boolean }): Promise<Page>
}

const maxRedirects = 20

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>()

  async function request(url: URL, form: Form['fields'] | undefined): Promise<Response> {
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        accept: 'text/html',
        'sec-fetch-mode': 'navigate',
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin }),
      },
      ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=;]*)=([^;]*)/.exec(cookie) ?? []
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  return {
    async open(address, { form, stay = false } = {}) {
      let url = new URL(address)
      let fields = form
      for (let left = maxRedirects; left > 0; left -= 1) {
        const response = await request(url, fields)
        const page = { url: url.href, status: response.status, html: await response.text() }
        fields = undefined
        const { headers } = response
        const next = headers.get('location') ?? /url=(.*)$/i.exec(headers.get('refresh') ?? '')?.[1]
        if (next !== undefined) {
          const before = url
          url = new URL(next, url)
          if (stay && url.host !== before.host) return { ...page, url: url.href }
          continue
        }
        const [relay] = /submit\(\)|onload="[^"]*submit/.test(page.html) ? formsOf(page) : []
        if (relay === undefined || new URL(relay.action).host === url.host) return page
        url = new URL(relay.action)
        fields = relay.fields
      }
      throw new Error(`more than ${maxRedirects} redirects from ${address}`)
    },
  }
}

export function formsOf({ url, html }: Page): readonly Form[] {
  return [...html.matchAll(/<form[\s\S]*?<\/form>/g)].map(([form]) => ({
    action: new URL((/action="([^"]*)"/.exec(form)?.[1] ?? '').replaceAll('&amp;', '&'), url).href,
    fields: Object.fromEntries(
      [...form.matchAll(/<input[^>]*>/g)]
        .map(([input]) => [/name="([^"]*)"/.exec(input)?.[1] ?? '', /value="([^"]*)"/.exec(input)?.[1] ?? ''] as const)
        .filter(([name]) => name !== ''),
    ),
  }))
}
