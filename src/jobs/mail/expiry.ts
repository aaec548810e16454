/** The email about something of a connection that expires. */
import { expiryTexts, whenText } from '../../broker/health/expiries.ts'
import type { ExpiryMail } from '../../broker/ports/core-ports.ts'

type Text = Omit<ExpiryMail, 'to' | 'tenantName' | 'link'>

export function expiryText({ connection, connectionId, kind, place, expiresAt, now }: Text) {
  const { subject, fix, otherwise } = expiryTexts[kind]
  const when = whenText(expiresAt, now)
  return {
    subject: `${subject} of ${connection} ${when}`,
    paragraphs: [
      `${subject} of the connection ${connection} (${connectionId}) ${when}. ${otherwise}`,
      ...(place === undefined ? [] : [`Where: ${place}.`]),
      fix,
    ],
  }
}
