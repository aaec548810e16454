/**
 * Emailed links for sign-up and password reset. Only the mailbox owner chooses the password, so it
 * cannot be prepared for another's email (ID-03, ID-04). Responses do not depend on whether the
 * address is known (PW-01).
 */
import { z } from 'zod'
import { checkOf, GatehouseError } from '../../errors.ts'
import { canonicalEmail, domainOf, textOf } from '../../profile/profile.ts'
import type { ConnectionSettings, Tenant } from '../../tenant.ts'
import { ssoRequiredFor } from '../access/sso/assert-sso.ts'
import { isBreakGlassEmail, isSsoOnlyEmail } from '../access/sso/decide-sso.ts'
import type { ConnectionKey, OpenConnection } from '../connections.ts'
import { linkingPolicy } from '../identity/email-verification.ts'
import { tenantBrand } from '../identity/notify-owner.ts'
import { isMailAllowed } from '../limits/mail-limits.ts'
import { issueCode, ownerOf, peekCode } from '../one-time-code.ts'
import type { Ports, RequestedMail } from '../ports/core-ports.ts'
import type { OneTimePurpose } from '../ports/volatile.ts'
import { checkReturnUrl } from './return-url.ts'

export type PasswordLinkPorts = Ports<
  'codes' | 'connections' | 'counters' | 'mailer' | 'passwords' | 'publicUrl' | 'random'
>
export type LinkPurpose = Extract<OneTimePurpose, 'sign-up' | 'reset'>

const linkMinutes = 60
export const linkSeconds = linkMinutes * 60
const linkPath = { 'sign-up': 'verify', reset: 'reset' } as const

const linkContentSchema = z.object({
  email: z.string(),
  name: z.string().exactOptional(),
  returnTo: z.string(),
  browser: z.string().exactOptional(),
  /** In a reset, the time at which the old password was set, in milliseconds. */
  passwordSetAt: z.number().exactOptional(),
})
type LinkContent = z.infer<typeof linkContentSchema>

export interface LinkRequest extends ConnectionKey {
  readonly email: string
  readonly name?: string
  readonly returnTo: string
  readonly source: string
  /** Hash of the id of the browser that asks. */
  readonly browser?: string
  readonly requested?: RequestedMail
  /** More query parameters of the link: the destination, for the page of an expired link. */
  readonly carried?: Readonly<Record<string, string>>
  /** An app asks: the email shows the code, and may lead to a page of `mailLinks`. */
  readonly app?: { readonly page: string | undefined }
}

/**
 * Returns the emailing. Its caller awaits it and hides how long it takes (PW-01, PW-02). Throws
 * `email_invalid`.
 */
export async function requestLink(ports: PasswordLinkPorts, purpose: LinkPurpose, request: LinkRequest) {
  const { connection, passwords } = passwordConnectionOf(ports, request)
  const { tenant, settings } = connection
  if (purpose === 'sign-up' && !passwords.allowsSignUp)
    throw new GatehouseError('user_unknown', `connection ${settings.id} has no sign-up`)
  const email = canonicalEmail(request.email.trim())
  if (email === null) throw new GatehouseError('email_invalid', 'not an email address')
  const returnTo = checkReturnUrl(request.returnTo, tenant, ports.publicUrl)
  assertMailLink(tenant, request.app?.page)
  const isKnown = (await ports.passwords.find(tenant.id, email)) !== null
  const isAllowed = await isMailAllowed(ports.counters, tenant.id, email, request.source)
  const isAuthoritative = mayHavePassword(tenant, settings, email)
  if (!isAllowed || !isAuthoritative || (purpose === 'reset' && !isKnown)) return async () => {}
  if (purpose === 'reset' || !isKnown)
    return () => mailLink(ports, purpose, connection, { ...request, email, returnTo })
  const page = request.app?.page
  const link = page ?? new URL(`/login?tenant=${tenant.id}`, ports.publicUrl).href
  return () => ports.mailer.alreadySignedUp({ to: email, ...tenantBrand(tenant), link })
}

/**
 * A password for the address may exist: no connection owns its domain, or its user is break-glass.
 */
export function mayHavePassword(tenant: Tenant, settings: ConnectionSettings, email: string): boolean {
  if (isBreakGlassEmail(tenant, email)) return true
  return !isSsoOnlyEmail(tenant, email) && linkingPolicy(tenant, settings, true).isAuthoritativeFor(domainOf(email))
}

/**
 * Emails the link to a user who has a password; `source` is the administrator. Throws
 * `too_many_attempts`: the mailbox gets a few emails an hour; `sso_required`.
 */
export async function mailResetLink(
  ports: PasswordLinkPorts,
  place: ConnectionKey,
  { email, source }: Pick<LinkRequest, 'email' | 'source'>,
): Promise<void> {
  const connection = await mailableConnection(ports, place, { email, source })
  await mailLink(ports, 'reset', connection, { ...place, email, returnTo: '/account', source })
}

/**
 * Emails the link to a new user whom an operator invites. Throws as `mailResetLink`, and
 * `request_invalid` if the user may have no password.
 */
export async function mailSignUpLink(
  ports: PasswordLinkPorts,
  place: ConnectionKey,
  { email, name, source }: Pick<LinkRequest, 'email' | 'name' | 'source'>,
): Promise<void> {
  const connection = await mailableConnection(ports, place, { email, source })
  if (!mayHavePassword(connection.tenant, connection.settings, email))
    throw new GatehouseError('request_invalid', `another connection of ${place.tenant} speaks for the domain`, {
      text: `Users of ${domainOf(email)} have no password: another connection of the tenant speaks for the domain.`,
    })
  const request = { ...place, email, ...(name !== undefined && { name }), returnTo: '/account', source }
  await mailLink(ports, 'sign-up', connection, request)
}

/** Throws `too_many_attempts`, `sso_required`. */
async function mailableConnection(
  ports: PasswordLinkPorts,
  place: ConnectionKey,
  { email, source }: Pick<LinkRequest, 'email' | 'source'>,
): Promise<OpenConnection> {
  const { connection } = passwordConnectionOf(ports, place)
  const ssoRequired = ssoRequiredFor(ports, connection.tenant, place.connection, email)
  if (ssoRequired !== undefined) throw ssoRequired
  if (await isMailAllowed(ports.counters, place.tenant, email, source)) return connection
  throw new GatehouseError('too_many_attempts', 'the mailbox got enough emails for this hour', {
    text: 'Enough emails went to this address within the last hour. Try again in an hour.',
    retryAfterSeconds: 3600,
  })
}

/** RE-01: a link leads to pages of the configuration only. Throws `return_to_refused`. */
function assertMailLink({ id, mailLinks = [] }: Tenant, page: string | undefined): void {
  if (page === undefined || mailLinks.includes(page)) return
  const check = checkOf('page of the emailed link', false, mailLinks.join(', ') || 'none', page.slice(0, 200))
  const text = 'page: expected one of the mailLinks of the tenant, exactly as written there.'
  throw new GatehouseError('return_to_refused', `email link of tenant ${id} refused`, { check, text })
}

async function mailLink(
  { codes, mailer, passwords, publicUrl, random }: PasswordLinkPorts,
  purpose: LinkPurpose,
  { tenant, settings }: OpenConnection,
  { email, returnTo, carried, app, requested, ...request }: LinkRequest,
): Promise<void> {
  const name = textOf(request.name)
  const { browser } = request
  const known = { ...(name !== undefined && { name }), ...(browser !== undefined && { browser }) }
  const setAt = purpose === 'reset' ? await passwords.changedAt(tenant.id, email) : null
  const replaces = setAt !== null && { passwordSetAt: setAt.getTime() }
  const content: LinkContent = { email, ...known, ...replaces, returnTo }
  const owner = ownerOf(tenant.id, email)
  const code = await issueCode(codes, { purpose, owner, content, seconds: linkSeconds, secret: random(32) })
  const link = new URL(app?.page ?? `/t/${tenant.id}/${settings.id}/${linkPath[purpose]}`, publicUrl)
  // in the fragment, which neither a Referer nor the log of the app's server contains (RE-02)
  if (app?.page !== undefined) link.hash = new URLSearchParams({ code }).toString()
  else link.search = new URLSearchParams({ code, ...carried }).toString()
  const shown = { ...(app !== undefined && { code }), ...(requested !== undefined && { requested }) }
  const message = { to: email, ...tenantBrand(tenant), link: link.href, minutes: linkMinutes, ...shown }
  await (purpose === 'sign-up' ? mailer.signUp(message) : mailer.reset(message))
}

/**
 * Reads the link for its page without using it up: email scanners open it too. Throws
 * `link_invalid`.
 */
export async function openLink(ports: PasswordLinkPorts, purpose: LinkPurpose, place: ConnectionKey, code: string) {
  const { connection, passwords } = passwordConnectionOf(ports, place)
  const { email, browser } = parseLinkContent(await peekCode(ports.codes, purpose, code), connection.tenant.id, code)
  const { rule, minimumLength } = passwords
  return { tenant: connection.tenant, email, browser, rule, minimumLength }
}

/** Throws `connection_unknown` if the tenant has no passwords, or for sign-up no sign-up. */
export function linkConnection({ connections }: Ports<'connections'>, tenantId: string, purpose: LinkPurpose) {
  const tenant = connections.tenant(tenantId)
  const connection = connections.passwordConnection(tenant)
  if (connection === null || (purpose === 'sign-up' && connection.upstream.passwords?.allowsSignUp !== true))
    throw new GatehouseError('connection_unknown', `tenant ${tenant.id} has no ${purpose} page`)
  return connection
}

export function passwordConnectionOf({ connections }: Ports<'connections'>, { tenant, connection: id }: ConnectionKey) {
  const connection = connections.get(tenant, id)
  const { passwords } = connection.upstream
  if (passwords === undefined) throw new GatehouseError('connection_unknown', `connection ${id} has no passwords`)
  return { connection, passwords }
}

/** Throws `link_invalid`, also for a link of another tenant: the code's owner names the tenant. */
export function parseLinkContent(found: unknown, tenant: string, code: string): LinkContent {
  const content = linkContentSchema.safeParse(found)
  if (!content.success || !code.startsWith(`${ownerOf(tenant, content.data.email)}.`))
    throw new GatehouseError('link_invalid', 'the emailed link is unknown, used, expired or replaced')
  return content.data
}
