/** Pages of emulated upstreams: sign-in, and control of faults. */

export type Claims = Readonly<Record<string, unknown>>

export interface SignInPage {
  /** Brand name, such as Okta. */
  readonly upstream: string
  readonly people: readonly Claims[]
  /** Its name or ID. */
  readonly client: string
  readonly hint?: string | undefined
  readonly path: string
}

export function signInPage({ upstream, people, client, hint, path }: SignInPage): string {
  const known = people.filter(({ sub, email }) => hint !== undefined && (sub === hint || email === hint))
  const unknown = hint !== undefined && known.length === 0 ? `<p>There is no user <em>${escaped(hint)}</em>.</p>` : ''
  const entry = (person: Claims) => {
    const chosen = known.includes(person) ? ' autofocus class="hinted"' : ''
    return `<li><a${chosen} href="${path}?as=${encodeURIComponent(String(person['sub']))}">${escaped(nameOf(person))}<small>${escaped(mailOf(person))}</small></a></li>`
  }
  const ordered = [...known, ...people.filter((person) => !known.includes(person))]
  return pageOf(
    'Sign in',
    `<h1>Sign in to ${escaped(clientName(client))}</h1><p>An emulated ${escaped(upstream)}: choose a user.</p>${unknown}
<ul class="people">${ordered.map(entry).join('')}</ul><p><a href="${path}?cancel=1">Cancel</a></p>`,
  )
}

/** The host of a client whose ID is a URL, as SAML entity IDs are. */
const clientName = (client: string) => URL.parse(client)?.host || client

export interface ListedFault {
  readonly name: string
  readonly description: string
  /** Input of the fault's form. */
  readonly value:
    | { readonly kind: 'milliseconds' }
    | { readonly kind: 'endpoint'; readonly names: readonly string[]; readonly spared: readonly string[] }
    | undefined
}

export interface FaultGroup {
  readonly title: string
  readonly faults: readonly ListedFault[]
}

export interface ControlPage {
  readonly upstream: string
  /** HTML below the heading. */
  readonly about: string
  readonly people: readonly Claims[]
  /** HTML behind a person's name. */
  personActions?(person: Claims): string
  /** HTML sections between people and faults. */
  readonly sections?: string
  readonly faultGroups: readonly FaultGroup[]
  readonly active: readonly string[]
  readonly requests: readonly string[]
}

/** Lists people, faults and recent requests, with buttons that switch faults. */
export function controlPage({
  upstream,
  about,
  people,
  sections = '',
  faultGroups,
  active,
  requests,
  ...page
}: ControlPage) {
  const item = (fault: ListedFault) => {
    const { name, description } = fault
    const on = active.includes(name)
    const label = `<span id="fault-${name}">${escaped(description)}</span>`
    return `<li><form method="post" action="/faults"><button name="${on ? 'off' : 'on'}" value="${name}" aria-pressed="${on}" aria-describedby="fault-${name}">${on ? 'End' : 'Start'}</button><span>${label}${on ? '' : valueField(fault)}</span></form></li>`
  }
  const group = ({ title, faults }: FaultGroup) =>
    `<h3>${escaped(title)}</h3><ul class="faults">${faults.map(item).join('')}</ul>`
  const entry = (person: Claims) =>
    `<li>${escaped(nameOf(person))} <small>${escaped(mailOf(person))}</small>${page.personActions?.(person) ?? ''}</li>`
  return pageOf(
    `Emulated ${upstream}`,
    `<h1>Emulated ${escaped(upstream)}</h1>${about}
<h2>People</h2><ul>${people.map(entry).join('')}</ul>${sections}
<h2>Faults</h2><form method="post" action="/faults"><button name="reset" value="1">End all</button> <button name="rotate" value="1">Change the signing key</button></form>
${faultGroups.map(group).join('')}
<h2 id="requests">Last requests</h2><pre tabindex="0" role="region" aria-labelledby="requests">${requests.map(escaped).join('\n') || 'none yet'}</pre>`,
  )
}

function valueField({ name, value }: ListedFault): string {
  if (value === undefined) return ''
  const attributes = `name="value" aria-labelledby="fault-${name}"`
  if (value.kind === 'milliseconds') return ` <input ${attributes} type="number" min="2" value="3000"> ms`
  const options = value.names.map((each) => `<option>${escaped(each)}</option>`)
  return ` <select ${attributes}><option value="">all but ${escaped(value.spared.join(', '))}</option>${options.join('')}</select>`
}

/** A form that the browser posts back to the app: OAuth 2.0 Form Post, SAML HTTP-POST. */
export function returnPage(action: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return pageOf(
    'Continue to the app',
    `<h1>Continue to the app</h1><p>If nothing happens, select Continue.</p><form method="post" action="${escaped(action)}">${inputs.join('')}<button>Continue</button></form><script>document.forms[0].submit()</script>`,
  )
}

export function messagePage(title: string, text: string): string {
  return pageOf(title, `<h1>${escaped(title)}</h1><p>${escaped(text)}</p>`)
}

const style = `:root{color-scheme:light dark;--ink:#1c1f24;--paper:#fff;--link:#0645ad;--line:#868e99;font:16px/1.5 system-ui,sans-serif}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--paper:#15181c;--link:#9cc3ff}}
body{max-width:42rem;margin:3rem auto;padding:0 1rem;background:var(--paper);color:var(--ink);overflow-wrap:anywhere}a{color:var(--link)}
ul{padding-left:1.2rem}.people,.faults{list-style:none;padding:0}.people a{display:block;padding:.7rem 1rem;margin:.4rem 0;border:1px solid var(--line);border-radius:.5rem;text-decoration:none}
.people .hinted{border:2px solid}.people small{display:block}.faults button{flex:none;min-width:4rem}button[aria-pressed=true]{font-weight:bold}
button,select,input{font:inherit;padding:.25rem .75rem}.faults form{display:flex;align-items:baseline;gap:.75rem;padding:.25rem 0}.faults form>span{min-width:0}.faults select,.faults input{margin-left:.25rem}.faults input{width:6rem}pre{overflow:auto;overflow-wrap:normal}:focus-visible{outline:3px solid var(--link);outline-offset:2px}`

const icon = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#6b4fa3"/><path d="M5 4h6M5 8h5M5 12h6M5 4v8" stroke="#fff" stroke-width="2"/></svg>')}`

function pageOf(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="${icon}"><title>${escaped(title)}</title><style>${style}</style></head><body><main>${body}</main></body></html>`
}

const nameOf = (person: Claims): string => String(person['name'] ?? person['sub'])

function mailOf({ email, email_verified }: Claims): string {
  if (typeof email !== 'string') return 'without an email'
  return email_verified === true ? email : `${email}, not verified`
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
