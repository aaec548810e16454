/** Emails a link for sign-up or password reset, for a page or a call of the API. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type LinkPurpose,
  type LinkRequest,
  type PasswordLinkPorts,
  requestLink,
} from '../../broker/login/password-link.ts'

/** Longer than queueing an email takes, so that the time does not tell whether one was queued. */
const minResponseMs = 250

/** Takes the same time whether or not the email is known (PW-01, PW-02). Throws `email_invalid`. */
export async function mailLink(ports: PasswordLinkPorts, purpose: LinkPurpose, request: LinkRequest): Promise<void> {
  const minResponseTime = sleep(minResponseMs)
  const mailIt = await requestLink(ports, purpose, request)
  await mailIt() // the response says that an email is on its way
  await minResponseTime
}
