/**
 * Sign-up and reset for connections that keep passwords. A password comes to be only in the hands of who owns the mailbox: sign-up asks
 * for the email alone, the mailed link leads to the page where the password is chosen. So nobody can prepare a password for
 * someone else's email (ID-03, ID-04), and both ways answer the same for known and unknown addresses (PW-01).
 */
import { z } from 'zod'
import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { canonicalEmail, domainOf, textOf } from '../../profile/profile.ts'
import type { Identity, PasswordSupport } from '../../provider/provider.ts'
import type { OpenConnection } from '../connections.ts'
import type { LinkingPorts } from '../identity/linking.ts'
import { methodName } from '../identity/notify-owner.ts'
import { linkingPolicy } from '../identity/resolve-user.ts'
import { assertLinkable, resolveAndStoreUser } from '../identity/store-user.ts'
import { ownerOfPassword, suspendAdded } from '../identity/suspend-identities.ts'
import { isMailAllowed } from '../limits/rate-limits.ts'
import { issueCode, ownerOf, peekCode, useCode } from '../one-time-code.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { OneTimePurpose } from '../ports/one-time-codes.ts'
import type { User, UserIdentity } from '../ports/users.ts'
import type { EndSessionPorts } from '../session/end-session.ts'
import { revokeAllAccess } from '../session/end-session.ts'
import { signIn } from './complete-login.ts'
import type { Finished } from './outcome.ts'
import { checkReturnUrl } from './return-url.ts'
import type { TracePorts } from './run-traced.ts'
import { openTrace, runTraced } from './run-traced.ts'

export type PasswordPorts = LinkingPorts & TracePorts & EndSessionPorts & Pick<CorePorts, 'counters' | 'passwords'>

export type LinkPurpose = Extract<OneTimePurpose, 'sign-up' | 'reset'>

const linkMinutes = 60
const linkPath = { 'sign-up': 'verify', reset: 'reset' } as const

const contentForm = z.object({
  email: z.string(),
  name: z.string().optional(),
  returnTo: z.string(),
})
type LinkContent = z.infer<typeof contentForm>

export interface LinkRequest {
  readonly tenant: string
  readonly connection: string
  readonly email: string
  readonly name?: string
  readonly returnTo: string
  readonly source: string
  /** Put into the link besides its code: where the person was going, for a page that has to tell them that they come too late. */
  readonly carried?: Readonly<Record<string, string>>
}

/**
 * Asks for a link to be mailed. What it returns does the mailing and is to be run after the answer was sent: whether an address is known
 * shows neither in the answer nor in the time it takes (PW-01, PW-02). Throws `email_invalid`.
 */
export async function requestLink(
  ports: PasswordPorts,
  purpose: LinkPurpose,
  request: LinkRequest,
): Promise<() => Promise<void>> {
  const { connection, passwords } = passwordConnectionOf(ports, request.tenant, request.connection)
  if (purpose === 'sign-up' && !passwords.allowsSignUp)
    throw new GatehouseError('user_unknown', `connection ${connection.settings.id} has no sign-up`)
  const email = canonicalEmail(request.email.trim())
  if (email === null) throw new GatehouseError('email_invalid', 'no email address')
  const returnTo = checkReturnUrl(request.returnTo, connection.tenant, ports.publicUrl)
  const known = (await ports.passwords.find(connection.tenant.id, email)) !== null
  const allowed = await isMailAllowed(ports.counters, connection.tenant.id, email, request.source)
  const speaks = linkingPolicy(connection.tenant, connection.settings, true).isAuthoritativeFor(domainOf(email))
  if (!allowed || !speaks || (purpose === 'reset' && !known)) return async () => {}
  return purpose === 'sign-up' && known
    ? () => mailAlreadySignedUp(ports, connection, email)
    : () => mailLink(ports, purpose, connection, { ...request, email, returnTo })
}

async function mailAlreadySignedUp(ports: PasswordPorts, connection: OpenConnection, email: string): Promise<void> {
  const link = addressOf(ports, '/login', { tenant: connection.tenant.id })
  await ports.mailer.alreadySignedUp({ to: email, tenantName: connection.tenant.name, link })
}

async function mailLink(
  ports: PasswordPorts,
  purpose: LinkPurpose,
  connection: OpenConnection,
  request: LinkRequest,
): Promise<void> {
  const { tenant, settings } = connection
  const { email, returnTo } = request
  const name = textOf(request.name)
  const content: LinkContent = {
    email,
    ...(name !== undefined && { name }),
    returnTo,
  }
  const code = await issueCode(
    ports.codes,
    purpose,
    ownerOf(tenant.id, email),
    content,
    linkMinutes * 60,
    ports.random(32),
  )
  const link = addressOf(ports, `/t/${tenant.id}/${settings.id}/${linkPath[purpose]}`, {
    code,
    ...request.carried,
  })
  const message = { to: email, tenantName: tenant.name, link, minutes: linkMinutes }
  await (purpose === 'sign-up' ? ports.mailer.signUp(message) : ports.mailer.reset(message))
}

/** What the page behind the link shows. Looks without consuming: mail scanners open links too. Throws `link_used`. */
export async function openLink(
  ports: PasswordPorts,
  purpose: LinkPurpose,
  place: { tenant: string; connection: string },
  code: string,
) {
  const { connection, passwords } = passwordConnectionOf(ports, place.tenant, place.connection)
  const content = contentOf(await peekCode(ports.codes, purpose, code), connection, code)
  return { tenant: connection.tenant, email: content.email, rule: passwords.rule }
}

/**
 * Sets the password and signs the person in; one that replaces another ends every session of theirs and all that apps hold of
 * them, offline access too (RE-03). A link that could not do both is not spent. Throws `password_weak`, `link_used`, `busy`, `store_unavailable`.
 */
export async function finishLink(
  ports: PasswordPorts,
  purpose: LinkPurpose,
  place: { tenant: string; connection: string },
  code: string,
  password: string,
  device: string,
): Promise<Finished> {
  const { connection, passwords } = passwordConnectionOf(ports, place.tenant, place.connection)
  const { email, name } = contentOf(await peekCode(ports.codes, purpose, code), connection, code)
  const hash = await passwords.hash(password, { email, ...(name !== undefined && { name }) })
  const trace = openTrace(ports, place)
  const { content, subject } = await useCode(ports.codes, purpose, code, async (taken) => {
    const content = contentOf(taken, connection, code)
    const before = await ports.passwords.find(connection.tenant.id, email)
    if (before === null) await assertLinkable(ports, connection, email)
    const changedAt = await ports.passwords.changedAt(connection.tenant.id, email)
    const record = { subject: ports.random(16).toString('base64url'), email, ...(name !== undefined && { name }), hash }
    // first too: a link that is used again after a failure would find the time of the new password
    await suspendFor(ports, connection, passwords.identify(before ?? record), email, changedAt)
    const subject = await ports.passwords.put(connection.tenant.id, record, ports.now())
    // the user is read after the password is stored: a login that checked the old one is refused, or its session ends here
    await trace.step('end other sessions', () =>
      revokePasswordAccess(ports, connection, passwords.identify({ subject, email }), email, changedAt),
    )
    return { content, subject }
  })

  const { returnTo } = content
  const resume = { ...place, reference: trace.reference, returnTo }
  return runTraced(trace, resume, () => {
    const identity = passwords.identify({ subject, email, ...(name !== undefined && { name }) })
    const evidence = { amr: ['pwd'], authenticatedAt: ports.now() }
    const login = { identity, evidence, passwordHash: secretHash(hash) }
    return signIn(ports, connection, login, device, resume, trace)
  })
}

/** Adds someone whose email an operator vouches for. False, and nothing changed, when the email has a password already. */
export async function createPasswordUser(
  ports: PasswordPorts,
  person: { readonly tenant: string; readonly email: string; readonly name?: string; readonly password: string },
): Promise<boolean> {
  const connection = ports.connections.passwordConnection(ports.connections.tenant(person.tenant))
  if (connection === null) throw new GatehouseError('connection_unknown', `tenant ${person.tenant} keeps no passwords`)
  const { passwords } = passwordConnectionOf(ports, person.tenant, connection.settings.id)
  const { tenant, email } = person
  if ((await ports.passwords.find(tenant, email)) !== null) return false
  await assertLinkable(ports, connection, email)
  const owner = { email, ...(person.name !== undefined && { name: person.name }) }
  const hash = await passwords.hash(person.password, owner)
  const subject = await ports.passwords.put(
    tenant,
    { ...owner, subject: ports.random(16).toString('base64url'), hash },
    ports.now(),
  )
  const trace = openTrace(ports, { tenant, connection: connection.settings.id })
  const candidate = { identity: passwords.identify({ ...owner, subject }), evidence: {}, completedAt: ports.now() }
  await resolveAndStoreUser(ports, connection, candidate, trace, { excludedUserIds: 'anybody' }) // who vouches for the email is no upstream
  return true
}

/** The suspended sign-in methods of the user of this password. */
async function suspendFor(
  ports: PasswordPorts,
  { tenant }: OpenConnection,
  own: Identity,
  email: string,
  changedAt: Date | null,
): Promise<readonly UserIdentity[]> {
  const owner = await ownerOfPassword(ports, tenant.id, own, email, changedAt)
  return owner === null ? [] : suspendAdded(ports, owner.user, own, owner.since)
}

/** Of the user who has the password already, or removed it: all sessions and all access of apps. Tells the owner. */
async function revokePasswordAccess(
  ports: PasswordPorts,
  connection: OpenConnection,
  own: Identity,
  email: string,
  changedAt: Date | null,
): Promise<void> {
  const { tenant } = connection
  const owner = await ownerOfPassword(ports, tenant.id, own, email, changedAt)
  if (owner === null) return
  await revokeAllAccess(ports, { tenant: tenant.id, userId: owner.user.id })
  await notifyPasswordChange(
    ports,
    connection,
    owner.user,
    email,
    await suspendFor(ports, connection, own, email, changedAt),
  )
}

async function notifyPasswordChange(
  ports: PasswordPorts,
  { tenant }: OpenConnection,
  user: User,
  email: string,
  suspended: readonly UserIdentity[],
): Promise<void> {
  const { id } = user
  await ports.audit.add({
    ...{ at: ports.now(), tenant: tenant.id, action: 'password.changed', actor: id, target: id },
    details: {},
  })
  const nameOf = ({ connection }: UserIdentity) =>
    tenant.connections.some((each) => each.id === connection)
      ? methodName(ports.connections.get(tenant.id, connection))
      : connection
  // the mailbox of the password, and the user's own where it is another one
  const own = user.emailProven ? user.profile.email?.address : undefined
  for (const to of new Set([email, ...(own === undefined ? [] : [own])]))
    await ports.mailer.passwordChanged({
      ...{ to, tenantName: tenant.name, link: addressOf(ports, '/forgot', { tenant: tenant.id }) },
      ...{ suspended: suspended.map(nameOf), accountLink: addressOf(ports, '/account', {}) },
    })
}

function passwordConnectionOf(
  ports: PasswordPorts,
  tenant: string,
  connectionId: string,
): { readonly connection: OpenConnection; readonly passwords: PasswordSupport } {
  const connection = ports.connections.get(tenant, connectionId)
  const { passwords } = connection.upstream
  if (passwords === undefined)
    throw new GatehouseError('connection_unknown', `connection ${connectionId} keeps no passwords`)
  return { connection, passwords }
}

function contentOf(found: unknown, connection: OpenConnection, code: string): LinkContent {
  const content = contentForm.safeParse(found)
  // the owner names the tenant: a link of one tenant opens nothing at another
  if (!content.success || !code.startsWith(`${ownerOf(connection.tenant.id, content.data.email)}.`))
    throw new GatehouseError('link_used', 'a mailed link that is unknown, used, too old or replaced')
  return content.data
}

function addressOf(ports: PasswordPorts, path: string, query: Record<string, string>): string {
  const address = new URL(path, ports.publicUrl)
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
  return address.href
}
