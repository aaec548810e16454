/** A cookie jar with the rules of RFC 6265bis that Gatehouse relies on. */

interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  readonly path: string
  readonly attributes: string
  /** Infinity for as long as the browser is open. */
  readonly seconds: number
}

export class CookieJar {
  #cookies: readonly Cookie[] = []

  keep(url: URL, lines: readonly string[]): void {
    for (const line of lines) this.#keepOne(url, line)
  }

  headerFor(url: URL): string {
    return this.#cookies
      .filter(({ host, path }) => host === url.hostname && url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
  }

  /** The value of the cookie whose name ends with this. */
  value(name: string): string {
    const found = this.find(name)
    if (found === undefined) throw new Error(`no cookie ${name}`)
    return found.value
  }

  find(name: string): Cookie | undefined {
    return this.#cookies.find((cookie) => cookie.name.endsWith(name))
  }

  /** So much later, what has lived its Max-Age is gone. */
  forward(by: number): void {
    this.#cookies = this.#cookies
      .map((cookie) => ({ ...cookie, seconds: cookie.seconds - by }))
      .filter(({ seconds }) => seconds > 0)
  }

  set(url: URL, name: string, value: string): void {
    this.#keepOne(url, `${name}=${value}; Path=/; Secure`)
  }

  remove(name: string): void {
    this.#cookies = this.#cookies.filter((cookie) => !cookie.name.endsWith(name))
  }

  #keepOne(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/)
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const attribute = (wanted: string) =>
      attributes.map((each) => each.split('=')).find(([key]) => key?.toLowerCase() === wanted)?.[1]
    const has = (wanted: string) => attributes.some((each) => each.toLowerCase() === wanted)
    const host = attribute('domain') ?? url.hostname
    const path = attribute('path') ?? '/'
    const overHttps = url.protocol === 'https:'
    if (has('secure') && !overHttps) return
    if (name.startsWith('__Host-') && (!has('secure') || path !== '/' || attribute('domain') !== undefined)) return
    this.#cookies = this.#cookies.filter(
      (cookie) => !(cookie.name === name && cookie.host === host && cookie.path === path),
    )
    const expires = attribute('expires')
    const seconds = Number(attribute('max-age') ?? Number.POSITIVE_INFINITY)
    const gone = value === '' || (expires !== undefined && Date.parse(expires) < Date.now())
    const cookie = { name, value, host, path, attributes: attributes.join('; '), seconds }
    if (!gone) this.#cookies = [...this.#cookies, cookie]
  }
}
