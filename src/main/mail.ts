import type { Deployment } from '../config/deployment/deployment.ts'
import { mailSender, type SendMail } from '../jobs/mail/sender.ts'

export const isMailSent = ({ mail }: Deployment) => mail.smtp !== undefined || mail.directory !== undefined

export function senderOf(deployment: Deployment): SendMail {
  if (isMailSent(deployment)) return mailSender(deployment.mail)
  return async () => {
    throw new Error('no mail server is configured: set mail.smtp in gatehouse.yaml')
  }
}
