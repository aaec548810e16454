/**
 * Apple's server-to-server notifications: `{"payload": "<JWT>"}` whose `events` is a JSON string.
 * Each ends the user's sessions: consent revoked, account deleted, or relay address changed.
 * Apple Developer: "Processing changes for Sign in with Apple accounts".
 */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import type { LogoutInstruction, LogoutMessage } from '../../src/provider/provider.ts'
import { check, isSubject, oneOf } from '../oidc/claims/claims.ts'
import { messageIdOf } from '../oidc/logout.ts'
import { assertChecks, signedClaims, timeChecks } from '../oidc/token/signed.ts'
import { issuersOf } from '../passport/proof.ts'
import type { OAuth2Config, Upstream } from '../passport/traits.ts'

/** Apple documents both spellings of account deletion. */
const types = ['consent-revoked', 'account-delete', 'account-deleted', 'email-enabled', 'email-disabled']

const event = z.object({ type: z.string(), sub: z.string().refine(isSubject) })

export interface AppleApps extends OAuth2Config {
  readonly audiences: readonly string[]
}

export async function validateNotification<C extends AppleApps>(
  upstream: Upstream<C>,
  { body, record }: LogoutMessage,
): Promise<LogoutInstruction | undefined> {
  const { config, context, keys, traits, endpoints } = upstream
  const message = z.object({ payload: z.string() }).safeParse(body)
  if (!message.success) throw new GatehouseError('request_invalid', 'the notification has no payload')
  const { claims } = await signedClaims(message.data.payload, keys, traits.idToken?.algorithms ?? [], record)
  const notification = eventOf(claims['events'])
  assertChecks(
    [
      oneOf('iss', claims['iss'], issuersOf(upstream)),
      oneOf('aud', claims['aud'], [config.clientId, ...config.audiences]),
      ...timeChecks(claims, context.now(), 'optional'),
      check('events', notification !== undefined, 'an event about a person', typeof claims['events']),
    ],
    record,
  )
  const identified = messageIdOf(claims, record)
  if (notification === undefined || !types.includes(notification.type)) return undefined
  return { message: identified, issuer: endpoints.issuer, subject: notification.sub }
}

function eventOf(events: unknown): z.infer<typeof event> | undefined {
  try {
    return event.safeParse(typeof events === 'string' ? JSON.parse(events) : events).data
  } catch {
    return undefined
  }
}
