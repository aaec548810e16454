/** A page of another origin that calls the API with credentials, as Chromium would. */
import { TestBrowser } from '../browser/test-browser.ts'
import { appOrigin } from '../gatehouse/tenants.ts'
import type { TestGatehouse } from '../gatehouse/test-gatehouse.ts'

export interface ApiReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any call
  readonly body: any
}

export class HeadlessPage {
  readonly browser: TestBrowser
  readonly #headers: Readonly<Record<string, string>>

  /** @param site `Sec-Fetch-Site`, as the browser sees this origin */
  constructor(server: Pick<TestGatehouse, 'port'>, origin = appOrigin, site: 'same-site' | 'cross-site' = 'same-site') {
    this.browser = new TestBrowser(server)
    this.#headers = { origin, 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' }
  }

  async call(
    method: string,
    path: string,
    json?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiReply> {
    const page = await this.browser.ask(path, { method, json, headers: { ...this.#headers, ...headers } })
    return { status: page.status, headers: page.headers, body: page.body === '' ? undefined : JSON.parse(page.body) }
  }

  post(path: string, json: unknown): Promise<ApiReply> {
    return this.call('POST', path, json)
  }

  get(path: string): Promise<ApiReply> {
    return this.call('GET', path)
  }

  /** The lines of Set-Cookie for the session cookie. */
  static sessionCookies({ headers }: ApiReply): readonly string[] {
    return [headers['set-cookie'] ?? []].flat().filter((line) => line.startsWith('__Host-gatehouse_session='))
  }
}
