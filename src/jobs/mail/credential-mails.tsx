/** Emails about apps, API tokens, leaked credentials, and what expires. */
import type { ApiTokenMail, AppChangeAction, Mailer } from '../../broker/ports/core-ports.ts'
import { formatDate } from '../../primitives/time-expression.ts'
import { textOf } from '../../profile/profile.ts'
import { ButtonLink, Facts, List, Paragraph } from './blocks.tsx'
import { compose } from './compose.tsx'
import type { Composers } from './composers.ts'
import { expiryText } from './expiry.ts'
import { singleLine } from './words.ts'

type CredentialMail = Extract<keyof Mailer, 'appChanged' | 'credentialLeaked' | 'expiry' | 'apiToken'>

export const credentialMails: Pick<Composers, CredentialMail> = {
  appChanged(message) {
    const { action, settings, link } = message
    const [app, tenant] = [singleLine(message.appName), singleLine(message.tenantName)]
    return compose(message, {
      subject: `Your app ${app} at ${tenant} ${appChanges[action]}`,
      body: (
        <>
          <Paragraph>
            Your app {app} {appChanges[action]}
            {settings.length === 0 ? '.' : ':'}
          </Paragraph>
          {settings.length > 0 && <List items={settings.map(singleLine)} />}
          <Paragraph>
            It used its own client secret or key. If this was expected, you don't need to do anything. If it was not,
            revoke its secrets and keys on this page:
          </Paragraph>
          <ButtonLink link={link} label={`Check ${app}`} />
        </>
      ),
    })
  },

  credentialLeaked(message) {
    const { url, link } = message
    const [what, tenant] = [singleLine(message.credential), singleLine(message.tenantName)]
    return compose(message, {
      subject: `A credential of yours at ${tenant} was found in public`,
      body: (
        <>
          <Paragraph>Your {what} was found in public, so it no longer works.</Paragraph>
          {url !== '' && <Facts rows={{ 'Found at': singleLine(url) }} />}
          <Paragraph>
            Programs that used it fail now. Create a new one, and check for changes you didn't make:
          </Paragraph>
          <ButtonLink link={link} label="Open your credentials" />
        </>
      ),
    })
  },

  expiry({ to, tenantName, color, link, ...about }) {
    const { subject, paragraphs } = expiryText({ ...about, connection: singleLine(about.connection) })
    return compose(
      { to, tenantName, color },
      {
        subject: `${subject} (${singleLine(tenantName)})`,
        body: (
          <>
            {paragraphs.map((text) => (
              <Paragraph>{text}</Paragraph>
            ))}
            <ButtonLink link={link} label="Open the connection" />
          </>
        ),
      },
    )
  },

  apiToken(message) {
    const { subject, text, facts = {}, advice } = tokenText(message)
    return compose(message, {
      subject: `${subject} at ${singleLine(message.tenantName)}`,
      body: (
        <>
          <Paragraph>{text}</Paragraph>
          {Object.keys(facts).length > 0 && <Facts rows={facts} />}
          <Paragraph>{advice}</Paragraph>
          <ButtonLink link={message.link} label="Check your API tokens" />
        </>
      ),
    })
  },
}

const ifNotYou = "If this wasn't you, revoke it on this page, then change your password:"

interface TokenText {
  readonly subject: string
  readonly text: string
  readonly facts?: Readonly<Record<string, string>>
  readonly advice: string
}

function tokenText({ tokenName, createdAt, expiresAt, event }: ApiTokenMail): TokenText {
  const name = `“${singleLine(tokenName)}”`
  switch (event.kind) {
    case 'created':
      return {
        subject: `The API token ${name} was created`,
        text: `The API token ${name} lets a program act as you until ${formatDate(expiresAt)}. If you created it, you don't need to do anything.`,
        advice: ifNotYou,
      }
    case 'rotated':
      return {
        subject: `The API token ${name} was rotated`,
        text: `A new API token ${name} replaces the one before, and lets a program act as you until ${formatDate(expiresAt)}. If you rotated it, you don't need to do anything.`,
        advice: ifNotYou,
      }
    case 'new network':
      return {
        subject: `The API token ${name} was used from a new network`,
        text: `The API token ${name} was used for the first time from a new network. If you expected it, you don't need to do anything.`,
        facts: {
          Address: event.address ?? 'unknown',
          Program: textOf(event.agent ?? '') ?? 'unknown',
        },
        advice: ifNotYou,
      }
    case 'expires soon':
      return {
        subject: `The API token ${name} expires on ${formatDate(expiresAt)}`,
        text: `The API token ${name} stops working on ${formatDate(expiresAt)}.`,
        advice: 'If you still need it, rotate it on this page and give the new one to your program:',
      }
    case 'old':
      return {
        subject: `Rotate the API token ${name}`,
        text: `The API token ${name} was created on ${formatDate(createdAt)}. The longer it is in use, the more places may hold a copy.`,
        advice: 'Rotate it on this page, or revoke it if you no longer need it:',
      }
    default:
      return event satisfies never
  }
}

const appChanges: Readonly<Record<AppChangeAction, string>> = {
  'app.changed': 'changed its settings',
  'app.secret_created': 'created a client secret',
  'app.secret_revoked': 'revoked a client secret',
  'app.key_added': 'added a key',
  'app.key_removed': 'removed a key',
}
