/** Sends an email by SMTP or to a directory. Errors hold no address and no content. */
import type { SendMailOptions } from 'nodemailer'
import type { Mail } from '../../broker/ports/durable.ts'
import { Secret } from '../../crypto/secret.ts'
import { truncate, withoutEmails } from '../../primitives/untrusted-text.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { writeToMailbox } from './mailbox.ts'

export interface MailSettings {
  /** `smtps://user:password@host:465` or `smtp://host:587` (STARTTLS, required with a password). */
  readonly smtp?: Secret | string | undefined
  /** Directory for .eml files. For development, without `smtp`. */
  readonly directory?: string | undefined
  /** Sender, such as `Acme <no-reply@acme.test>`. */
  readonly from: string
  /**
   * Limit of each phase and of idle time; the whole email may take six times that (60 s, as
   * mail-worker.ts allows). Default 10.
   */
  readonly timeoutSeconds?: number
}

export type SendMail = (mail: Mail) => Promise<void>

/** The recipient is invalid or refused for good: do not retry. */
export class RecipientRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RecipientRefused'
  }
}

export function mailSender(settings: MailSettings): SendMail {
  const deliver = transportOf(settings)
  return async ({ senderName, to, subject, text, html }) => {
    if (canonicalEmail(to) !== to) throw new RecipientRefused('the recipient is not in canonical form')
    await deliver({
      from: senderOf(settings.from, senderName),
      to: { name: '', address: to }, // an object is not parsed: always one recipient
      // biome-ignore lint/suspicious/noControlCharactersInRegex: no second header
      subject: subject.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' '),
      text,
      html,
      headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no out-of-office answers
    })
  }
}

/**
 * Sender such as `Acme via Gatehouse`; the configured name alone if it names the tenant already.
 */
export function senderOf(from: string, name: string | undefined): { readonly name: string; readonly address: string } {
  const [, quoted = '', address = from] = /^([^<]*)<([^<>]+)>$/.exec(from) ?? []
  const own = quoted.trim().replace(/^"(.*)"$/, '$1')
  if (name === undefined || own.toLowerCase().includes(name.toLowerCase())) return { name: own, address }
  return { name: own === '' ? name : `${name} via ${own}`, address }
}

type Deliver = (mail: SendMailOptions) => Promise<void>

function transportOf({ smtp, directory, timeoutSeconds = 10 }: MailSettings): Deliver {
  if (smtp !== undefined) return smtpTransport(smtpUrl(smtp), timeoutSeconds)
  if (directory !== undefined) return (mail) => writeToMailbox(directory, mail)
  throw new Error('email needs an SMTP server or a directory')
}

/** Own check: the error of `new URL` would hold the password. */
function smtpUrl(smtp: Secret | string): URL {
  const text = smtp instanceof Secret ? smtp.reveal() : smtp
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error('mail.smtp must have the form smtp://host:port or smtps://host:port')
  }
  return url
}

function smtpTransport(url: URL, timeoutSeconds: number): Deliver {
  const milliseconds = timeoutSeconds * 1000
  // no password over plain text, except on this machine
  const requireTLS = url.protocol === 'smtp:' && url.password !== '' && !isLoopback(url.hostname)
  return async (mail) => {
    const { createTransport } = await import('nodemailer')
    const transport = createTransport({
      url: url.href,
      ...(requireTLS ? { requireTLS } : {}),
      connectionTimeout: milliseconds,
      greetingTimeout: milliseconds,
      socketTimeout: milliseconds,
      dnsTimeout: milliseconds,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      // total limit: the idle limit restarts with each byte
      await withTimeout(milliseconds * 6, transport.sendMail(mail))
    } catch (cause) {
      throw failureOf(url.host, cause)
    } finally {
      transport.close()
    }
  }
}

async function withTimeout<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(Object.assign(new Error('too slow'), { code: 'ETIMEDOUT' })), milliseconds)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** nodemailer's errors hold addresses and passwords: keeps codes and the masked response. */
function failureOf(host: string, cause: unknown): Error {
  const code = textAt(cause, 'code')
  const status = Number(textAt(cause, 'responseCode')) || 0
  const answer = code === 'EAUTH' ? '' : truncate(withoutEmails(textAt(cause, 'response')), 200)
  const sentence = [
    `SMTP server ${host} did not accept the email:`,
    code,
    answer === '' ? String(status || '') : answer,
  ]
  const hint = smtpHint(code, textAt(cause, 'message'))
  const message = `${sentence.filter((word) => word !== '').join(' ')}${hint === undefined ? '' : `; ${hint}`}`
  const refused = code === 'EENVELOPE' && textAt(cause, 'command') === 'RCPT TO' && status >= 500
  return refused ? new RecipientRefused(message) : new Error(message)
}

function textAt(value: unknown, key: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

const hints: Readonly<Record<string, string>> = {
  EAUTH: 'it refused the user name or password: correct them in mail.smtp',
  ENOAUTH: 'it requires a user name and password: add them to mail.smtp',
  EDNS: 'its host cannot be resolved: correct mail.smtp, or the DNS',
  ENOTFOUND: 'its host cannot be resolved: correct mail.smtp, or the DNS',
  EAI_AGAIN: 'its host cannot be resolved right now: check the DNS',
  ECONNREFUSED: 'nothing listens at that address: start it, or correct mail.smtp',
  EHOSTUNREACH: 'there is no route to it: check the network',
  ETIMEDOUT: 'no response in time: check the firewall, and that smtps:// is for port 465 and smtp:// for 587',
  ETLS: 'TLS failed: it may offer none, or its certificate is not trusted (NODE_EXTRA_CA_CERTS names a CA)',
  ESOCKET: 'the connection failed: check that smtps:// is for port 465 and smtp:// for 587',
  ECONNECTION: 'the connection was closed: check that smtps:// is for port 465 and smtp:// for 587',
}

/** Cause and fix by error code. Undefined if the server's response is enough. */
function smtpHint(code: string, message: string): string | undefined {
  const network = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)\b/.exec(message)?.[1]
  if (/certificate|self.signed/i.test(message)) return hints['ETLS']
  return hints[network ?? code]
}
