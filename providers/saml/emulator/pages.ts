/** What a person sees of the emulated identity provider: its sign-in page, its form that leads back, and its faults. */
import { escaped, page, requestList } from '../../oidc/emulator/pages.ts'
import type { SamlPerson } from './emulator.ts'
import { type FaultName, faultTable } from './faults.ts'
import { type SamlSession, sessionList } from './logout.ts'

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
    'Going on',
    `<h1>One moment</h1><form method="post" action="${escaped(address)}">${inputs.join('')}<button>Continue</button></form><script>document.forms[0].submit()</script>`,
  )
}

export interface ControlPage {
  readonly name: string
  readonly entityId: string
  readonly people: readonly SamlPerson[]
  readonly faults: readonly FaultName[]
  readonly requests: readonly string[]
  readonly sessions: readonly SamlSession[]
}

export function controlPage({ name, entityId, people, faults, requests, sessions }: ControlPage): string {
  const button = ([key, sentence]: readonly [string, string]) => {
    const on = faults.some((fault) => fault === key)
    return `<li><form method="post" action="/faults"><button name="${on ? 'off' : 'on'}" value="${key}" aria-pressed="${on}">${on ? 'End' : 'Start'}</button> ${escaped(sentence)}</form></li>`
  }
  const switchable = Object.entries(faultTable).filter(([, sentence]) => !sentence.includes('from programs'))
  return page(
    `Emulated ${name}`,
    `<h1>Emulated ${escaped(name)}</h1><p>Entity id <code>${escaped(entityId)}</code>, <a href="/metadata">metadata</a></p>
<h2>People</h2><ul>${people.map((person) => `<li>${escaped(nameOf(person))} <small>${escaped(mailOf(person))}</small></li>`).join('')}</ul>
${sessionList(sessions)}<h2>Faults</h2><form method="post" action="/faults"><button name="reset" value="1">End all</button> <button name="rotate" value="1">Change the signing key</button></form>
<ul class="faults">${switchable.map(button).join('')}</ul>${requestList(requests)}`,
  )
}

const nameOf = ({ nameId, attributes }: SamlPerson): string => attributes['displayName']?.[0] ?? nameId

const mailOf = ({ attributes }: SamlPerson): string => attributes['email']?.[0] ?? 'without an email'
