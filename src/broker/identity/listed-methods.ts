/** The sign-in methods that a user has and could add, for pages and the API. Pure. */
import { type BrowserName, isOffered } from '../../tenant.ts'
import { knownEmails } from '../access/sso/assert-sso.ts'
import { decideSso } from '../access/sso/decide-sso.ts'
import type { Connections, OpenConnection } from '../connections.ts'
import type { User, UserIdentity } from '../ports/users.ts'
import type { Session } from '../session/session.ts'
import { isFreshFor } from './fresh-sign-in.ts'
import { strictestLinkingRule } from './linking-rule.ts'
import { identityName } from './sign-in-methods.ts'

export interface MethodsOf {
  readonly user: User | null
  readonly identities: readonly UserIdentity[]
  readonly browser: BrowserName | undefined
}

export interface ListedIdentity {
  readonly id: string
  readonly identity: UserIdentity
  /** Such as the email. */
  readonly knownAs: string
  /** False when its connection is gone. */
  readonly usable: boolean
}

export interface AddableMethod {
  readonly connection: OpenConnection
  /** Set for a password: an email to this address adds it. */
  readonly mailTo?: string
}

export interface ListedMethods {
  readonly identities: readonly ListedIdentity[]
  readonly addable: readonly AddableMethod[]
  /** Connections of the methods that are not suspended. */
  readonly live: readonly OpenConnection[]
  /** Whether the session may change sign-in methods now. */
  readonly fresh: boolean
}

export function listMethods(
  ports: { readonly connections: Connections; readonly now: () => Date },
  session: Session,
  { user, identities, browser }: MethodsOf,
): ListedMethods {
  const tenant = ports.connections.tenant(session.tenant)
  const connections = ports.connections.all(tenant)
  const used = new Set(identities.map(({ connection }) => connection))
  const active = identities.filter(({ suspendedAt }) => suspendedAt === undefined).map(({ connection }) => connection)
  const live = connections.filter(({ settings }) => active.includes(settings.id))
  const emails = user === null ? [] : knownEmails(user, identities)
  const proven = user?.emailProven ? emails.slice(0, 1) : []
  const isSsoRefused = (connection: string) => decideSso(tenant, { connection, emails, proven }).outcome === 'refused'
  const mayAdd = ({ settings }: OpenConnection) =>
    !used.has(settings.id) &&
    !isSsoRefused(settings.id) &&
    strictestLinkingRule(tenant, [settings.id, ...used]) !== 'none' &&
    isOffered(settings, browser)
  return {
    identities: identities.map((identity) => ({
      id: identityName(identity),
      identity,
      knownAs: knownAs(identity),
      usable: connections.some(({ settings }) => settings.id === identity.connection),
    })),
    addable: connections.filter(mayAdd).flatMap((connection) => addable(connection, user) ?? []),
    live,
    fresh: isFreshFor(session, live, ports.now()),
  }
}

const knownAs = ({ profile: { email, name, nickname }, subject }: UserIdentity) =>
  email?.address ?? name ?? nickname ?? subject

function addable(connection: OpenConnection, user: User | null): AddableMethod | undefined {
  const { settings, upstream } = connection
  // a proven email needs no adding: its mailbox signs in already
  if (upstream.mailbox !== undefined) return undefined
  if (upstream.passwords === undefined) return settings.button ? { connection } : undefined
  // the emailed link proves the email, so a password needs no other check
  const mailTo = user?.emailProven ? user.profile.email?.address : undefined
  return upstream.passwords.allowsSignUp && mailTo !== undefined ? { connection, mailTo } : undefined
}
