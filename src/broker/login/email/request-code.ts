/** Emails a code and a link for signing in. Responses do not depend on the user (PW-01). */
import { GatehouseError } from '../../../errors.ts'
import { canonicalEmail, domainOf } from '../../../profile/profile.ts'
import type { Tenant } from '../../../tenant.ts'
import { mailSsoRequired } from '../../access/sso/assert-sso.ts'
import type { ConnectionKey, OpenConnection } from '../../connections.ts'
import { linkingPolicy } from '../../identity/email-verification.ts'
import { tenantBrand } from '../../identity/notify-owner.ts'
import { enforceMailLimit } from '../../limits/mail-limits.ts'
import type { Ports, RequestedMail } from '../../ports/core-ports.ts'
import type { Resume } from '../../ports/volatile.ts'
import { checkReturnUrl } from '../return-url.ts'
import { codeDigits, codeMinutes, findMailedCode, proofHash, recordOf } from './mailed-code.ts'

export type EmailCodePorts = Ports<
  'codes' | 'connections' | 'counters' | 'mailer' | 'now' | 'publicUrl' | 'random' | 'users'
>

export interface EmailCodeRequest extends ConnectionKey, Pick<Resume, 'link' | 'returnTo'> {
  readonly email: string
  readonly reauthenticate?: boolean
  readonly source: string
  /** Id of a browser that the user signed in from before. */
  readonly knownBrowser?: string | undefined
  /** SHA-256 of the browser's id. Undefined: an app asks, and the email has no link. */
  readonly browser: string | undefined
  readonly requested?: RequestedMail
  /** The challenge before, which a new code replaces. */
  readonly replaces?: string | undefined
}

/** The connection of a tenant that emails codes. Throws `connection_unknown` if it has none. */
export function emailConnection({ connections }: Ports<'connections'>, tenantId: string): OpenConnection {
  const tenant = connections.tenant(tenantId)
  const connection = connections.emailConnection(tenant)
  if (connection === null) throw new GatehouseError('connection_unknown', `tenant ${tenant.id} has no sign-in by email`)
  return connection
}

/**
 * Stores a challenge for any address, and returns the emailing, to run before the response. Throws
 * `email_invalid`, `sso_required` by the address alone, `too_many_attempts`, `return_to_refused`.
 */
export async function requestEmailCode(ports: EmailCodePorts, request: EmailCodeRequest) {
  const connection = ports.connections.get(request.tenant, request.connection)
  const { tenant, settings } = connection
  const email = canonicalEmail(request.email.trim())
  if (email === null) throw new GatehouseError('email_invalid', 'not an email address')
  const ssoRequired = mailSsoRequired(ports, tenant, email)
  if (ssoRequired !== undefined) throw ssoRequired
  const returnTo = checkReturnUrl(request.returnTo, tenant, ports.publicUrl)
  if (request.replaces !== undefined) await replaceChallenge(ports, request.replaces, request.browser)
  await enforceMailLimit(ports.counters, tenant.id, { ...request, email })

  const challenge = ports.random(16).toString('base64url')
  const code = String(ports.random(6).readUIntBE(0, 6) % 10 ** codeDigits).padStart(codeDigits, '0')
  const secret = ports.random(32).toString('base64url')
  const { browser, link, reauthenticate, knownBrowser } = request
  const content = {
    tenant: tenant.id,
    connection: settings.id,
    email,
    codeHash: proofHash(challenge, code),
    ...(browser !== undefined && { browser, linkHash: proofHash(challenge, secret) }),
    returnTo,
    ...(link !== undefined && { link }),
    ...(reauthenticate === true && { reauthenticate }),
    ...(knownBrowser !== undefined && { knownBrowser }),
    sentAt: ports.now().getTime(),
  }
  const [purpose, owner, hash] = recordOf(challenge)
  await ports.codes.put({ purpose, owner, hash, content, seconds: codeMinutes * 60 })
  const isSent = await mayReceiveCode(ports, connection, email)
  const mailIt = async () => {
    if (!isSent) return
    const { requested } = request
    const shown = { code, minutes: codeMinutes, ...(requested !== undefined && { requested }) }
    const mail = { to: email, ...tenantBrand(tenant), ...shown }
    const page = new URL(`/t/${tenant.id}/${settings.id}/sign-in`, ports.publicUrl)
    page.search = new URLSearchParams({ code: `${challenge}.${secret}` }).toString()
    await ports.mailer.signInCode({ ...mail, ...(browser !== undefined && { link: page.href }) })
  }
  return { challenge, mailIt }
}

/** Minimum time between a code and its replacement. */
export const resendSeconds = 30

/**
 * Ends the browser's earlier challenge, so that only the newest code works. Throws
 * `too_many_attempts` within `resendSeconds` of the last code.
 */
async function replaceChallenge(ports: EmailCodePorts, challenge: string, browser: string | undefined) {
  const content = await findMailedCode(ports.codes, challenge)
  if (content === null || content.browser !== browser) return
  const waitSeconds = Math.ceil(resendSeconds - (ports.now().getTime() - content.sentAt) / 1000)
  if (waitSeconds > 0)
    throw new GatehouseError('too_many_attempts', 'a new code was asked for too soon', {
      text: `Wait ${waitSeconds} seconds before you ask for another code. The first one may still arrive.`,
      retryAfterSeconds: waitSeconds,
    })
  await ports.codes.take(...recordOf(challenge))
}

/**
 * No email to addresses of other connections, nor to strangers if the connection creates no users.
 */
async function mayReceiveCode(ports: EmailCodePorts, connection: OpenConnection, email: string): Promise<boolean> {
  const { tenant, settings } = connection
  if (!linkingPolicy(tenant, settings, true).isAuthoritativeFor(domainOf(email))) return false
  return (await isKnown(ports, tenant, connection, email)) || settings.createUsers
}

async function isKnown({ users }: EmailCodePorts, { id }: Tenant, { upstream }: OpenConnection, email: string) {
  const identity = upstream.mailbox?.identify(email)
  const [byEmail, byIdentity] = await Promise.all([
    users.findByProvenEmail(id, email),
    identity && users.findByIdentity(id, identity.issuer, identity.subject),
  ])
  return byEmail.length > 0 || (byIdentity !== undefined && byIdentity !== null)
}
