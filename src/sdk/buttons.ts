/**
 * `<gatehouse-buttons>`: the sign-in buttons of a tenant on your page. Your CSP needs Gatehouse's
 * origin in script-src, connect-src and img-src.
 *
 *     <script type="module" src="https://login.example/buttons.js"></script>
 *     <gatehouse-buttons app="shop" tenant="acme" href="/login">
 *       <a href="/login">Sign in</a>
 *     </gatehouse-buttons>
 *
 * The inner link is shown without scripts, while the buttons load, and if they fail to load.
 *
 * Attributes
 * - `tenant` (required): whose connections to show.
 * - `app`: your client_id. No buttons for an app that does not serve the tenant.
 * - `href`: where your app starts a login. Each button adds `tenant` and `provider` to the query:
 *   pass both on in the authorization request. Use this with an OpenID Connect library.
 * - `redirect-uri`, `code-challenge` (S256), `state`, `scope` (default `openid`): without `href`,
 *   each button is an authorization request. Create new values for each visit, and check `state`.
 * - `theme`: `light`, `dark`, or `auto` (default), which follows the page's `color-scheme`.
 * - `label`: the text, with `{name}` for the brand, unless the tenant sets one: `Weiter mit
 *   {name}`.
 * - `aria-label`: name of the list, default "Ways to sign in".
 * - `origin`: Gatehouse's origin, if you bundle this module.
 *
 * Custom properties: `--gatehouse-gap`, `-radius`, `-height`, `-font`, `-background`, `-color`,
 * `-border`, `-focus`. Parts: `list`, `item`, `button`, `button-{kind}`, `logo`, `label`. Some
 * brands have rules for their buttons: keep their logos, labels and contrast.
 *
 * Events (they bubble): `gatehouse-ready`, and `gatehouse-failed` when the inner link stays.
 */

/** A button in `/buttons.json`. */
export interface SignInButton {
  readonly connection: string
  readonly kind: string
  /** The brand's own name. */
  readonly name: string
  /** The whole text. */
  readonly label: string
  /** URL of the brand's logo. */
  readonly logoUri?: string
  /** Colors that the brand requires. */
  readonly colors?: { readonly light: ButtonScheme; readonly dark: ButtonScheme }
  /** Start of the authorization request: add redirect_uri, scope, state and code_challenge. */
  readonly authorize: string
}

/** Colors as `#rgb` or `#rrggbb`. */
export interface ButtonScheme {
  readonly fill: string
  readonly border: string
  readonly text: string
  readonly hover: string
}

// Declares the used parts of the DOM, because the program is compiled without its types.
interface Element {
  className: string
  readonly style: { setProperty(name: string, value: string): void }
  textContent: string | null
  setAttribute(name: string, value: string): void
  append(...children: readonly Element[]): void
  remove(): void
  focus(): void
  addEventListener(type: string, listener: () => void): void
}
interface ShadowRoot {
  adoptedStyleSheets: readonly StyleSheet[]
  replaceChildren(...children: readonly Element[]): void
}
interface StyleSheet {
  replaceSync(css: string): void
}
declare class HostElement {
  readonly isConnected: boolean
  attachShadow(options: { readonly mode: 'open' }): ShadowRoot
  getAttribute(name: string): string | null
  contains(other: Element | null): boolean
  dispatchEvent(event: Event): boolean
}
declare class CSSStyleSheet implements StyleSheet {
  replaceSync(css: string): void
}
declare const CSS: { supports(property: string, value: string): boolean }
declare const HTMLElement: typeof HostElement
declare const customElements: {
  get(name: string): unknown
  define(name: string, element: typeof GatehouseButtons): void
}
declare const document: {
  readonly baseURI: string
  readonly activeElement: Element | null
  createElement(name: string): Element
}

const css = `
:host{display:block}
ul{--bg:#fff;--fg:#1f1f1f;--edge:#747775;--ring:#2b4fcb;--hover:#f2f5fa;--chip:transparent}
@supports (color:light-dark(red,red)){ul{--bg:light-dark(#fff,#131314);--fg:light-dark(#1f1f1f,#e3e3e3);--edge:light-dark(#747775,#8e918f);--ring:light-dark(#2b4fcb,#9bb4ff);--hover:light-dark(#f2f5fa,#26272a);--chip:light-dark(transparent,#fff)}}
:host([hidden]){display:none}
:host([theme=light]) ul{color-scheme:light}
:host([theme=dark]) ul{color-scheme:dark}
ul{display:grid;gap:var(--gatehouse-gap,.75rem);margin:0;padding:0;list-style:none}
a{position:relative;display:flex;align-items:center;justify-content:center;box-sizing:border-box;min-height:max(44px,var(--gatehouse-height,3rem));padding:.5rem 2.75rem;border:1px solid var(--gatehouse-border,var(--edge));border-radius:var(--gatehouse-radius,.625rem);background:var(--gatehouse-background,var(--bg));color:var(--gatehouse-color,var(--fg));font:var(--gatehouse-font,600 1rem/1.25 system-ui,sans-serif);text-align:center;text-decoration:none;overflow-wrap:anywhere}
a:hover{background:var(--gatehouse-background,var(--hover))}
a:focus-visible{outline:3px solid var(--gatehouse-focus,var(--ring));outline-offset:2px}
img{position:absolute;inset-inline-start:.75rem;box-sizing:border-box;width:1.625rem;height:1.625rem;padding:.1875rem;border-radius:.375rem;background:var(--chip);object-fit:contain}
@media (prefers-reduced-motion:no-preference){a{transition:background-color .12s}}
@media (forced-colors:active){a:hover{border-color:Highlight}img{background:#fff}}
`

const timeoutMs = 8000
/** Attributes that are parameters of the authorization request (RFC 6749 4.1.1, RFC 7636 4.3). */
const requestAttributes: Readonly<Record<string, string>> = {
  'redirect-uri': 'redirect_uri',
  'code-challenge': 'code_challenge',
  state: 'state',
  scope: 'scope',
}
const defaultWords = 'Sign in with {name}'
let style: StyleSheet | undefined

/** On a server the module can be imported, and does nothing. */
const Base: typeof HostElement = typeof HTMLElement === 'undefined' ? (class {} as typeof HostElement) : HTMLElement

export class GatehouseButtons extends Base {
  static readonly observedAttributes = [
    'app',
    'tenant',
    'origin',
    'href',
    'label',
    'aria-label',
    ...Object.keys(requestAttributes),
  ]
  #root: ShadowRoot | undefined
  #buttons: readonly SignInButton[] = []
  /** URL of the buttons that are shown or loading. */
  #source = ''

  connectedCallback(): void {
    if (this.#root === undefined) {
      this.#root = this.attachShadow({ mode: 'open' })
      style ??= new CSSStyleSheet()
      style.replaceSync(css)
      this.#root.adoptedStyleSheets = [style]
      this.#root.replaceChildren(document.createElement('slot'))
    }
    this.#refresh()
  }

  attributeChangedCallback(): void {
    if (this.isConnected && this.#root !== undefined) this.#refresh()
  }

  #refresh(): void {
    const origin = this.getAttribute('origin') ?? import.meta.url
    const source = URL.canParse('/buttons.json', origin) ? new URL('/buttons.json', origin) : undefined
    for (const name of ['app', 'tenant']) source?.searchParams.set(name, this.getAttribute(name) ?? '')
    if (this.getAttribute('app') === null) source?.searchParams.delete('app')
    if (source?.href === this.#source) return this.#show()
    this.#source = source?.href ?? ''
    this.#buttons = []
    this.#show()
    if (source !== undefined && this.getAttribute('tenant')) return void this.#load(source.href)
    warn(source === undefined ? 'origin is not a URL' : 'the attribute tenant is missing')
  }

  async #load(source: string): Promise<void> {
    const buttons = await buttonsFrom(source).catch((error: unknown) => {
      warn(`${error instanceof Error ? error.message : error}. The inner link stays.`)
      return []
    })
    if (source !== this.#source) return // an attribute has changed
    this.#buttons = buttons
    this.#show()
    this.dispatchEvent(new Event(buttons.length > 0 ? 'gatehouse-ready' : 'gatehouse-failed', { bubbles: true }))
    if (buttons.length === 0) this.#source = '' // load again at the next change
  }

  #show(): void {
    if (this.#buttons.length === 0) return this.#root?.replaceChildren(document.createElement('slot'))
    const list = document.createElement('ul')
    list.setAttribute('part', 'list')
    list.setAttribute('role', 'list') // Safari drops the role of lists without bullets
    list.setAttribute('aria-label', this.getAttribute('aria-label') ?? 'Ways to sign in')
    const links = this.#buttons.map((button) => this.#link(button))
    for (const link of links) list.append(wrapped('li', 'item', link))
    const focused = this.contains(document.activeElement)
    this.#root?.replaceChildren(list)
    if (focused) links[0]?.focus() // the focused inner link is removed
  }

  #link(button: SignInButton): Element {
    const link = document.createElement('a')
    link.className = button.kind
    link.setAttribute('part', `button button-${button.kind}`)
    link.setAttribute('href', this.#address(button))
    if (button.colors !== undefined) paint(link, button.colors)
    if (button.logoUri !== undefined) link.append(logoElement(button.logoUri))
    const text = document.createElement('span')
    text.setAttribute('part', 'label')
    text.setAttribute('dir', 'auto')
    text.textContent = this.#words(button)
    link.append(text)
    return link
  }

  #words({ label, name }: SignInButton): string {
    const ours = defaultWords.replace('{name}', name)
    return label === ours ? (this.getAttribute('label') ?? defaultWords).replace('{name}', () => name) : label
  }

  #address({ connection, authorize }: SignInButton): string {
    const own = this.getAttribute('href')
    const base = own ?? authorize
    const url = URL.canParse(base, document.baseURI) ? new URL(base, document.baseURI) : undefined
    if (url === undefined || !/^https?:$/.test(url.protocol)) return '#'
    const more = own === null ? this.#request() : { tenant: this.getAttribute('tenant'), provider: connection }
    for (const [name, value] of Object.entries(more)) if (value !== null) url.searchParams.set(name, value)
    return url.href
  }

  #request(): Record<string, string | null> {
    const values = Object.entries(requestAttributes).map(([name, parameter]) => [parameter, this.getAttribute(name)])
    const given: Record<string, string | null> = Object.fromEntries(values)
    const method = given['code_challenge'] === null ? null : 'S256'
    return { ...given, scope: given['scope'] ?? 'openid', code_challenge_method: method }
  }
}

async function buttonsFrom(source: string): Promise<readonly SignInButton[]> {
  const signal = AbortSignal.timeout(timeoutMs)
  const answer = await fetch(source, { credentials: 'omit', referrerPolicy: 'no-referrer', signal })
  if (!answer.ok) throw new Error(await refusalOf(answer, new URL(source).searchParams))
  const { buttons } = (await answer.json()) as { readonly buttons: readonly SignInButton[] }
  if (buttons.length === 0) throw new Error('the tenant has no sign-in method with a button')
  return buttons
}

/** Text of the problem document, with the wrong attributes. */
async function refusalOf(answer: Response, asked: URLSearchParams): Promise<string> {
  const { detail, code } = (await answer.json().catch(() => ({}))) as {
    readonly detail?: string
    readonly code?: string
  }
  const tenant = `tenant "${asked.get('tenant')}"`
  if (code === 'connection_unknown') return `there is no ${tenant}`
  if (code === 'app_unknown') return `there is no app "${asked.get('app')}" that signs in users of the ${tenant}`
  return detail ?? `Gatehouse returned ${answer.status}`
}

/** Warns the developer of the page. */
function warn(text: string): void {
  // biome-ignore lint/suspicious/noConsole: all that the developer of another site sees
  console.warn(`gatehouse-buttons: ${text}`)
}

const properties = { fill: '--bg', border: '--edge', text: '--fg', hover: '--hover' } as const

/** Sets colors by script, because the page's CSP may refuse style attributes. */
function paint({ style }: Element, { light, dark }: NonNullable<SignInButton['colors']>): void {
  const both = CSS.supports('color', 'light-dark(red,red)')
  for (const name of Object.keys(properties) as readonly (keyof ButtonScheme)[])
    style.setProperty(properties[name], both ? `light-dark(${light[name]},${dark[name]})` : light[name])
  style.setProperty('--chip', 'transparent') // these logos need no white background
}

function logoElement(address: string): Element {
  const logo = wrapped('img', 'logo')
  logo.setAttribute('alt', '')
  logo.addEventListener('error', () => logo.remove()) // blocked by the page's CSP
  logo.setAttribute('src', address)
  return logo
}

function wrapped(name: string, part: string, ...children: readonly Element[]): Element {
  const element = document.createElement(name)
  element.setAttribute('part', part)
  element.append(...children)
  return element
}

if (typeof customElements !== 'undefined' && customElements.get('gatehouse-buttons') === undefined)
  customElements.define('gatehouse-buttons', GatehouseButtons)
