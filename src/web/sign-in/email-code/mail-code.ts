/** Emails a code for signing in, for a page or a call of the API. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type EmailCodePorts,
  type EmailCodeRequest,
  requestEmailCode,
} from '../../../broker/login/email/request-code.ts'
import type { RequestedMail } from '../../../broker/ports/core-ports.ts'
import { deviceOf } from '../../../http/device.ts'
import { requestOrigin } from '../../../http/request-origin.ts'
import type { Call, WithParts } from '../../shell.ts'

/** Device, address and time of the request, which the email shows. */
export function requestedBy({ shell, request }: Call<WithParts<'now'>>): RequestedMail {
  const device = deviceOf(request.headers['user-agent'])
  return { device, at: shell.parts.now(), address: requestOrigin()?.address }
}

/** Longer than queueing an email takes, so that the time does not tell whether one was queued. */
const minResponseMs = 250

/**
 * Takes the same time whether or not a user has the email (PW-02). Throws as `requestEmailCode`.
 */
export async function mailCode(ports: EmailCodePorts, request: EmailCodeRequest): Promise<string> {
  const minResponseTime = sleep(minResponseMs)
  const { challenge, mailIt } = await requestEmailCode(ports, request)
  await mailIt()
  await minResponseTime
  return challenge
}
