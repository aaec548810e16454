/** Emails a link for sign-up or password reset, for a page or a call of the API. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type LinkPurpose,
  type LinkRequest,
  type PasswordLinkPorts,
  requestLink,
} from '../../broker/login/password-link.ts'

/** Longer than queueing an email takes. */
const minResponseMs = 250

/**
 * Takes at least 250 ms, so that the time does not tell whether the email is known (PW-01, PW-02).
 * Throws `email_invalid`.
 */
export async function mailLink(ports: PasswordLinkPorts, purpose: LinkPurpose, request: LinkRequest): Promise<void> {
  const minResponseTime = sleep(minResponseMs)
  const mailIt = await requestLink(ports, purpose, request)
  // awaited: if queueing fails, the visitor must not read that an email is on its way
  await mailIt()
  await minResponseTime
}
