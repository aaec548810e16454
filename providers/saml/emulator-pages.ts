/** What a person sees of the emulated identity provider: its sign-in page, its form that leads back, and its faults. */
import type { SamlPerson } from './emulator.ts'
import { type FaultName, faultTable } from './emulator-faults.ts'

export interface SignInPage {
  readonly people: readonly SamlPerson[]
  readonly service: string
  readonly path: string
  readonly name: string
}

export function signInPage({ people, service, path, name }: SignInPage): string {
  const entry = (person: SamlPerson) =>
    `<li><a href="${path}?as=${encodeURIComponent(person.nameId)}">${escaped(nameOf(person))}<small>${escaped(mailOf(person))}</small></a></li>`
  return page(
    'Sign in',
    `<h1>Sign in to ${escaped(service)}</h1><p>An emulated ${escaped(name)}: choose who you are.</p>
<ul class="people">${people.map(entry).join('')}</ul><p><a href="${path}?cancel=1">Cancel</a></p>`,
  )
}

/** HTTP-POST binding: the browser carries the answer. */
export function returnPage(address: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return page(
    'Signed in',
    `<h1>One moment</h1><form method="post" action="${escaped(address)}">${inputs.join('')}<button>Continue</button></form><script>document.forms[0].submit()</script>`,
  )
}

export interface ControlPage {
  readonly name: string
  readonly entityId: string
  readonly people: readonly SamlPerson[]
  readonly faults: readonly FaultName[]
  readonly requests: readonly string[]
}

export function controlPage({ name, entityId, people, faults, requests }: ControlPage): string {
  const button = ([key, sentence]: readonly [string, string]) => {
    const on = faults.some((fault) => fault === key)
    return `<li><form method="post" action="/faults"><button name="${on ? 'off' : 'on'}" value="${key}" aria-pressed="${on}">${on ? 'End' : 'Start'}</button> ${escaped(sentence)}</form></li>`
  }
  const switchable = Object.entries(faultTable).filter(([, sentence]) => !sentence.includes('from programs'))
  return page(
    `Emulated ${name}`,
    `<h1>Emulated ${escaped(name)}</h1><p>Entity id <code>${escaped(entityId)}</code>, <a href="/metadata">metadata</a></p>
<h2>People</h2><ul>${people.map((person) => `<li>${escaped(nameOf(person))} <small>${escaped(mailOf(person))}</small></li>`).join('')}</ul>
<h2>Faults</h2><form method="post" action="/faults"><button name="reset" value="1">End all</button> <button name="rotate" value="1">Change the signing key</button></form>
<ul class="faults">${switchable.map(button).join('')}</ul><h2>Last requests</h2><pre>${requests.map(escaped).join('\n') || 'none yet'}</pre>`,
  )
}

export function messagePage(title: string, text: string): string {
  return page(title, `<h1>${escaped(title)}</h1><p>${escaped(text)}</p>`)
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:42rem;margin:3rem auto;padding:0 1rem}
ul{padding-left:1.2rem}.people,.faults{list-style:none;padding:0}.people a{display:block;padding:.7rem 1rem;margin:.4rem 0;border:1px solid #8888;border-radius:.5rem;text-decoration:none}
.people small{display:block;opacity:.75}.faults button{min-width:4rem}button[aria-pressed=true]{font-weight:bold}pre{overflow:auto}`

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head><body><main>${body}</main></body></html>`
}

const nameOf = ({ nameId, attributes }: SamlPerson): string => attributes['displayName']?.[0] ?? nameId

const mailOf = ({ attributes }: SamlPerson): string => attributes['email']?.[0] ?? 'without an email'

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
