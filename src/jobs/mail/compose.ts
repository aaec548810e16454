/**
 * The texts of our mails, and the outbox for them. Text from outside is escaped, a recipient has
 * canonical form (RE-04).
 */
import type { ApiTokenMail, AppChangeAction, Mailer, PasswordChangeMail } from '../../broker/ports/core-ports.ts'
import type { Mail, Outbox } from '../../broker/ports/durable.ts'
import { canonicalEmail, textOf } from '../../profile/profile.ts'

type Composers = { readonly [Name in keyof Mailer]: (message: Parameters<Mailer[Name]>[0]) => Mail }

export const mails: Composers = {
  signUp({ to, tenantName, link, minutes, code }) {
    const tenant = singleLine(tenantName)
    return compose(to, `Finish signing up for ${tenant}`, [
      `Someone asked to sign up for ${tenant} with this email address.`,
      'To continue, open this link:',
      { link, label: 'Finish signing up' },
      ...shownCode(code),
      `The link works once, within ${formatMinutes(minutes)}. If you didn't request it, ignore this email; nothing will change.`,
    ])
  },

  /** The sign-up page shows the same in both cases: only the owner of the mailbox sees the case. */
  alreadySignedUp({ to, tenantName, link }) {
    const tenant = singleLine(tenantName)
    return compose(to, `You already have an account at ${tenant}`, [
      `Someone asked to sign up for ${tenant} with this email address, but you already have an account.`,
      'Sign in here. If you forgot your password, you can reset it there:',
      { link, label: 'Sign in' },
      "If this wasn't you, ignore this email. Nothing has changed.",
    ])
  },

  reset({ to, tenantName, link, minutes, code }) {
    const tenant = singleLine(tenantName)
    return compose(to, `Choose a new password for ${tenant}`, [
      `Someone asked to reset your password for ${tenant}.`,
      'To continue, open this link:',
      { link, label: 'Choose a new password' },
      ...shownCode(code),
      `The link works once, within ${formatMinutes(minutes)}. If you didn't request it, ignore this email; your password stays the same.`,
    ])
  },

  passwordChanged({ to, tenantName, link, ...suspended }) {
    const tenant = singleLine(tenantName)
    return compose(to, `Your password for ${tenant} was changed`, [
      `The password of this email address for ${tenant} was just changed. If this was you, you don't need to do anything.`,
      "If this wasn't you, choose a new password now:",
      { link, label: 'Choose a new password' },
      ...suspendedParts(suspended),
    ])
  },

  methodAdded({ to, tenantName, method, link }) {
    const tenant = singleLine(tenantName)
    return compose(to, `A sign-in method was added for ${tenant}`, [
      `From now on, ${singleLine(method)} signs you in to ${tenant}. If you added it, you don't need to do anything.`,
      "If you didn't add it, remove it on this page, then reset your password:",
      { link, label: 'Check your sign-in methods' },
    ])
  },

  methodRemoved({ to, tenantName, method, link }) {
    const tenant = singleLine(tenantName)
    return compose(to, `A sign-in method was removed for ${tenant}`, [
      `${singleLine(method)} no longer signs you in to ${tenant}. If you removed it, you don't need to do anything.`,
      "If you didn't remove it, check your sign-in methods on this page, then reset your password:",
      { link, label: 'Check your sign-in methods' },
    ])
  },

  appChanged({ to, tenantName, appName, action, settings, link }) {
    const [app, tenant] = [singleLine(appName), singleLine(tenantName)]
    const names = settings.length === 0 ? '' : `: ${settings.join(', ')}`
    return compose(to, `Your app ${app} at ${tenant} ${appChanges[action]}`, [
      `Your app ${app} ${appChanges[action]}${names}. It used its own client secret or key. If this was expected, you don't need to do anything.`,
      'If it was not, revoke its secrets and keys on this page:',
      { link, label: `Check ${app}` },
    ])
  },

  credentialLeaked({ to, tenantName, credential, url, link }) {
    const [what, tenant] = [singleLine(credential), singleLine(tenantName)]
    const place = url === '' ? '' : ` It was found at ${singleLine(url)}`
    return compose(to, `A credential of yours at ${tenant} was found in public`, [
      `Your ${what} was found in public, so it no longer works.${place}`,
      'Programs that used it fail now. Create a new one, and look for what you did not do yourself:',
      { link, label: 'Open your credentials' },
    ])
  },

  apiToken(message) {
    const { subject, text, advice } = tokenText(message)
    return compose(message.to, `${subject} at ${singleLine(message.tenantName)}`, [
      text,
      advice,
      { link: message.link, label: 'Check your API tokens' },
    ])
  },
}

const ifNotYou = "If this wasn't you, revoke it on this page, then change your password:"

function tokenText({ tokenName, createdAt, expiresAt, event }: ApiTokenMail) {
  const name = singleLine(tokenName)
  switch (event.kind) {
    case 'created':
      return {
        subject: `The API token ${name} was created`,
        text: `The API token ${name} lets a program act as you until ${dateOf(expiresAt)}. If you created it, you don't need to do anything.`,
        advice: ifNotYou,
      }
    case 'rotated':
      return {
        subject: `The API token ${name} was rotated`,
        text: `A new API token ${name} replaces the one before, and lets a program act as you until ${dateOf(expiresAt)}. If you rotated it, you don't need to do anything.`,
        advice: ifNotYou,
      }
    case 'new network':
      return {
        subject: `The API token ${name} was used from a new network`,
        text: `The API token ${name} was used from ${event.address ?? 'an unknown address'} by ${textOf(event.agent ?? '') ?? 'a program'}, for the first time from this network. If you expected it, you don't need to do anything.`,
        advice: ifNotYou,
      }
    case 'expires soon':
      return {
        subject: `The API token ${name} expires on ${dateOf(expiresAt)}`,
        text: `The API token ${name} stops working on ${dateOf(expiresAt)}.`,
        advice: 'If you still need it, rotate it on this page and give the new one to your program:',
      }
    case 'old':
      return {
        subject: `Rotate the API token ${name}`,
        text: `The API token ${name} was created on ${dateOf(createdAt)}. The longer it is in use, the more places may hold a copy.`,
        advice: 'Rotate it on this page, or revoke it if you no longer need it:',
      }
    default:
      return event satisfies never
  }
}

const dateOf = (date: Date) => date.toISOString().slice(0, 10)

const appChanges: Readonly<Record<AppChangeAction, string>> = {
  'app.changed': 'changed its settings',
  'app.secret_created': 'created a client secret',
  'app.secret_revoked': 'revoked a client secret',
  'app.key_added': 'added a key',
  'app.key_removed': 'removed a key',
}

type Suspended = Omit<PasswordChangeMail, 'to' | 'tenantName' | 'link'>

function suspendedParts({ suspended, accountLink, suspendedTokens, secretRevoked, developerLink }: Suspended) {
  const namesOf = (names: readonly string[]) => names.map(singleLine).join(', ')
  const methods: readonly Paragraph[] = [
    `These sign-in methods were added while the old password was in use, so they are suspended: ${namesOf(suspended)}. Sign in and confirm those that are yours; remove the others:`,
    { link: accountLink, label: 'Check your sign-in methods' },
  ]
  const tokens: readonly Paragraph[] = [
    `These API tokens were created while the old password was in use, so they are suspended: ${namesOf(suspendedTokens)}. Sign in and confirm those that are yours; revoke the others:`,
    { link: developerLink, label: 'Check your API tokens' },
  ]
  const secret: readonly Paragraph[] = [
    'Your client secret was created while the old password was in use, so it was revoked. Programs that use it need a new one:',
    { link: developerLink, label: 'Create a client secret' },
  ]
  return [
    ...(suspended.length > 0 ? methods : []),
    ...(suspendedTokens.length > 0 ? tokens : []),
    ...(secretRevoked ? secret : []),
  ]
}

const shownCode = (code: string | undefined) =>
  code === undefined ? [] : [`If the app that you use asks for a code, paste this one: ${code}`]

type Paragraph = string | { readonly link: string; readonly label: string }

function compose(to: string, subject: string, paragraphs: readonly Paragraph[]): Mail {
  if (canonicalEmail(to) !== to) throw new Error('a mail goes to an address in canonical form only')
  return { to, subject, text: plain(paragraphs), html: page(subject, paragraphs) }
}

function plain(paragraphs: readonly Paragraph[]): string {
  const texts = paragraphs.map((paragraph) => (typeof paragraph === 'string' ? paragraph : addressOf(paragraph.link)))
  return `${texts.join('\n\n')}\n`
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

/** Throws for anything but a web address, such as `javascript:`. */
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

/** For subjects: one line, without invisible characters. */
function singleLine(name: string): string {
  return textOf(name) ?? 'your organization'
}

function formatMinutes(minutes: number): string {
  if (minutes === 60) return 'one hour'
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`
}

export interface MailerOptions {
  readonly outbox: Outbox
  readonly now: () => Date
  /** Wakes the mail worker. */
  readonly wake: () => void
  /** False without a mail server: mails about sign-in methods are not queued then. Default true. */
  readonly isSent?: boolean
}

/** Queues the core's mails in the outbox. */
export function createMailer({ outbox, now, wake, isSent = true }: MailerOptions): Mailer {
  const queue = async (mail: Mail) => {
    await outbox.add([mail], now())
    wake()
  }
  const queueIfSent = async (mail: () => Mail) => {
    if (isSent) await queue(mail())
    return isSent
  }
  return {
    signUp: async (message) => queue(mails.signUp(message)),
    alreadySignedUp: async (message) => queue(mails.alreadySignedUp(message)),
    reset: async (message) => queue(mails.reset(message)),
    passwordChanged: async (message) => queue(mails.passwordChanged(message)),
    methodAdded: async (message) => queueIfSent(() => mails.methodAdded(message)),
    apiToken: async (message) => queueIfSent(() => mails.apiToken(message)),
    methodRemoved: async (message) => queueIfSent(() => mails.methodRemoved(message)),
    appChanged: async (message) => queueIfSent(() => mails.appChanged(message)),
    credentialLeaked: async (message) => queueIfSent(() => mails.credentialLeaked(message)),
  }
}
