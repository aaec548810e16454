/** Pages of the emulated identity provider. */
import { controlPage as controls, escaped, signInPage as signIn } from '../../oidc/emulator/pages.ts'
import { type FaultName, faultTable } from './faults.ts'
import type { SamlPerson, SamlSession } from './participants.ts'

export interface SignInPage {
  readonly people: readonly SamlPerson[]
  readonly service: string
  readonly path: string
  readonly name: string
}

export function signInPage({ people, service, path, name }: SignInPage): string {
  return signIn({ upstream: name, people: people.map(claimsOf), client: service, hint: undefined, path })
}

export interface ControlPage {
  readonly name: string
  readonly entityId: string
  readonly people: readonly SamlPerson[]
  readonly active: readonly FaultName[]
  readonly requests: readonly string[]
  readonly sessions: readonly SamlSession[]
}

export function controlPage({ name, entityId, people, sessions, ...state }: ControlPage): string {
  return controls({
    ...state,
    upstream: name,
    about: `<p>Entity id <code>${escaped(entityId)}</code>, <a href="/metadata">metadata</a></p>`,
    people: people.map(claimsOf),
    sections: sessionList(sessions),
    faults: Object.entries(faultTable),
  })
}

function claimsOf({ nameId, attributes }: SamlPerson) {
  const email = attributes['email']?.[0]
  return { sub: nameId, name: attributes['displayName']?.[0], email, email_verified: true }
}

/** Links that end a session by single logout. */
function sessionList(sessions: readonly SamlSession[]): string {
  const entries = sessions.flatMap(({ index, nameId, service }) => {
    const link = (by: string) => `<a href="/end/${encodeURIComponent(index)}?by=${by}">${by}</a>`
    return service.slo === undefined
      ? []
      : [`<li>${escaped(nameId)} at ${escaped(service.entityId)}: end it by ${link('redirect')}, ${link('post')}</li>`]
  })
  return `<h2>Sessions</h2><ul>${entries.join('') || '<li>none that can be ended from here</li>'}</ul>`
}
