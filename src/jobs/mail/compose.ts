/**
 * What our mails say. Pure: values in, a mail out. Everything that came from outside is escaped where it stands, and an address
 * that is not in canonical form never becomes a recipient, so no header can be injected (RE-04).
 */
import type { Mail, MethodChangeMail } from '../../broker/ports/mail.ts'
import { canonicalEmail, textOf } from '../../profile/profile.ts'

interface MailHeader {
  readonly to: string
  readonly tenantName: string
}

interface PasswordChanged extends MailHeader {
  /** Leads to the page that asks for a reset. */
  readonly link: string
  /** Names of the sign-in methods that this change suspended. */
  readonly suspended: readonly string[]
  /** Leads to the page where they are confirmed or removed. */
  readonly accountLink: string
}

interface MailWithLink extends MailHeader {
  /** Made from the configured public address, never from a request (RE-01). */
  readonly link: string
  /** How long the link works. */
  readonly minutes: number
}

/** To someone who wants to sign up: the link proves that the mailbox is theirs. */
export function signUpMail({ to, tenantName, link, minutes }: MailWithLink): Mail {
  return compose(to, `Finish signing up for ${singleLine(tenantName)}`, [
    `Someone asked to sign up for ${singleLine(tenantName)} with this email address.`,
    'To continue, open this link:',
    { link, label: 'Finish signing up' },
    `The link works once, within ${formatMinutes(minutes)}. If you didn't request it, ignore this email; nothing will change.`,
  ])
}

/** To someone who wants to sign up and already has: the page says the same to both, only the mailbox's owner learns which it is. */
export function alreadySignedUpMail({ to, tenantName, link }: MailHeader & { readonly link: string }): Mail {
  return compose(to, `You already have an account at ${singleLine(tenantName)}`, [
    `Someone asked to sign up for ${singleLine(tenantName)} with this email address, but you already have an account.`,
    'Sign in here. If you forgot your password, you can reset it there:',
    { link, label: 'Sign in' },
    "If this wasn't you, ignore this email. Nothing has changed.",
  ])
}

/** To someone who forgot their password. Nothing at all is sent to an address we do not know. */
export function resetMail({ to, tenantName, link, minutes }: MailWithLink): Mail {
  return compose(to, `Choose a new password for ${singleLine(tenantName)}`, [
    `Someone asked to reset your password for ${singleLine(tenantName)}.`,
    'To continue, open this link:',
    { link, label: 'Choose a new password' },
    `The link works once, within ${formatMinutes(minutes)}. If you didn't request it, ignore this email; your password stays the same.`,
  ])
}

/** Tells the owner that it happened, in case it was not them. `link` leads to the page that asks for a reset. */
export function passwordChangedMail(message: PasswordChanged): Mail {
  const { to, tenantName, link, suspended, accountLink } = message
  return compose(to, `Your password for ${singleLine(tenantName)} was changed`, [
    `The password of this email address for ${singleLine(tenantName)} was just changed. If this was you, you don't need to do anything.`,
    "If this wasn't you, choose a new password now:",
    { link, label: 'Choose a new password' },
    ...(suspended.length === 0
      ? []
      : [
          `These sign-in methods were added while the old password was in use, so they are suspended: ${suspended.map(singleLine).join(', ')}. Sign in and confirm those that are yours; remove the others:`,
          { link: accountLink, label: 'Check your sign-in methods' },
        ]),
  ])
}

/** Tells the owner that a sign-in method was added. `link` leads to the page where it can be removed. */
export function methodAddedMail({ to, tenantName, method, link }: MethodChangeMail): Mail {
  return compose(to, `A sign-in method was added for ${singleLine(tenantName)}`, [
    `From now on, ${singleLine(method)} signs you in to ${singleLine(tenantName)}. If you added it, you don't need to do anything.`,
    "If you didn't add it, remove it on this page, then reset your password:",
    { link, label: 'Check your sign-in methods' },
  ])
}

/** Tells the owner that a sign-in method was removed. */
export function methodRemovedMail({ to, tenantName, method, link }: MethodChangeMail): Mail {
  return compose(to, `A sign-in method was removed for ${singleLine(tenantName)}`, [
    `${singleLine(method)} no longer signs you in to ${singleLine(tenantName)}. If you removed it, you don't need to do anything.`,
    "If you didn't remove it, check your sign-in methods on this page, then reset your password:",
    { link, label: 'Check your sign-in methods' },
  ])
}

type Paragraph = string | { readonly link: string; readonly label: string }

function compose(to: string, subject: string, paragraphs: readonly Paragraph[]): Mail {
  if (canonicalEmail(to) !== to) throw new Error('a mail goes to an address in canonical form only')
  return { to, subject, text: plain(paragraphs), html: page(subject, paragraphs) }
}

function plain(paragraphs: readonly Paragraph[]): string {
  return `${paragraphs.map((paragraph) => (typeof paragraph === 'string' ? paragraph : addressOf(paragraph.link))).join('\n\n')}\n`
}

const textStyle = 'margin:0 0 16px;font:16px/1.5 system-ui,sans-serif;color:#1f2328'
const buttonStyle =
  'display:inline-block;padding:10px 18px;border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none'

function page(subject: string, paragraphs: readonly Paragraph[]): string {
  const body = paragraphs.map((paragraph) => `<p style="${textStyle}">${htmlOf(paragraph)}</p>`).join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;background:#ffffff"><div style="max-width:560px;margin:0 auto">
${body}
</div></body></html>
`
}

function htmlOf(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return escapeHtml(paragraph)
  const address = escapeHtml(addressOf(paragraph.link))
  return `<a href="${address}" style="${buttonStyle}">${escapeHtml(paragraph.label)}</a><br><br>or copy this address: ${address}`
}

/** Only a web address becomes a link: never `javascript:` or the like. */
function addressOf(link: string): string {
  if (!URL.canParse(link) || !/^https?:$/.test(new URL(link).protocol))
    throw new Error('a mail links to web addresses only')
  return new URL(link).href
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A name on one line, without invisible characters: it stands in a subject. */
function singleLine(name: string): string {
  return textOf(name) ?? 'your organization'
}

function formatMinutes(minutes: number): string {
  if (minutes === 60) return 'one hour'
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`
}
