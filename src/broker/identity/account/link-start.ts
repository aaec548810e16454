/**
 * Starts linking from an app's page: a code for our page, where the browser proves with its session
 * cookie that it is the one that asked. Otherwise a link could add a victim's identity to an
 * attacker's user (ID-08).
 */
import { z } from 'zod'
import { GatehouseError } from '../../../errors.ts'
import { provesMailbox } from '../../connections.ts'
import { checkReturnUrl } from '../../login/return-url.ts'
import { issueCode, useCode } from '../../one-time-code.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { Session } from '../../session/session.ts'
import { requireStepUp } from '../fresh-sign-in.ts'

const purpose = 'link-start'
const linkStartSeconds = 300

const linkStartSchema = z.object({ session: z.string(), connection: z.string(), returnTo: z.string() })

export interface LinkStart {
  readonly connection: string
  readonly returnTo: string
}

/**
 * Throws `fresh_sign_in_required`, `return_to_refused`, and `connection_unknown` also for the
 * password connection: a password is added behind an emailed link.
 */
export async function issueLinkStart(
  ports: Ports<'codes' | 'connections' | 'now' | 'publicUrl' | 'random' | 'users'>,
  by: Session,
  { connection: id, returnTo }: LinkStart,
): Promise<string> {
  await requireStepUp(ports, by)
  const connection = linkableConnection(ports, by.tenant, id)
  const content = {
    session: by.id,
    connection: id,
    returnTo: checkReturnUrl(returnTo, connection.tenant, ports.publicUrl),
  }
  return issueCode(ports.codes, {
    purpose,
    owner: ports.random(16).toString('base64url'),
    content,
    seconds: linkStartSeconds,
    secret: ports.random(32),
  })
}

/** Uses the code up. Throws `link_invalid` in any other session. */
export function takeLinkStart(ports: Ports<'codes'>, by: Session, code: string): Promise<LinkStart> {
  return useCode(ports.codes, purpose, code, async (content) => {
    const start = linkStartSchema.safeParse(content).data
    if (start === undefined || start.session !== by.id)
      throw new GatehouseError('link_invalid', 'the code is unknown, used, expired or of another session')
    return start
  })
}

/** Throws `connection_unknown`. */
export function linkableConnection({ connections }: Ports<'connections'>, tenant: string, id: string) {
  const connection = connections.get(tenant, id)
  if (provesMailbox(connection))
    throw new GatehouseError('connection_unknown', 'a mailbox is proven behind an emailed link or code')
  return connection
}
