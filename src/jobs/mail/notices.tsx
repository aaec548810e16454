/** Emails about the security of an account, such as a new device or an added passkey. */
import type { ComponentChildren } from 'preact'
import type { Mail } from '../../broker/ports/durable.ts'
import type { SecurityEvent, SecurityNotice } from '../../broker/ports/security-events.ts'
import { ButtonLink, Facts, Paragraph, SmallPrint } from './blocks.tsx'
import { type Content, compose } from './compose.tsx'
import { nothingToDo, singleLine, timeText } from './words.ts'

export function securityNotice(message: SecurityNotice): Mail {
  return compose(message, contentOf(message.event, singleLine(message.tenantName), message.link))
}

const ifNotYou = 'If this was not you, end the sessions that you do not know and change your password:'

function contentOf(event: SecurityEvent, tenant: string, link: string): Content {
  const check = <ButtonLink link={link} label="Check your account" />
  const warning = (
    <>
      <Paragraph>{ifNotYou}</Paragraph>
      {check}
    </>
  )
  switch (event.kind) {
    case 'authenticator added':
    case 'authenticator removed': {
      const { kind, method = 'authenticator' } = event
      const verb = kind === 'authenticator added' ? 'added' : 'removed'
      const name = singleLine(event.name)
      const isNamed = name !== '' && name.toLowerCase() !== method
      return {
        subject: `${method === 'passkey' ? 'A' : 'An'} ${method} was ${verb} for ${tenant}`,
        body: (
          <>
            <Paragraph>
              {isNamed ? (
                <>
                  The {method} <strong>{name}</strong>
                </>
              ) : (
                `${method === 'passkey' ? 'A' : 'An'} ${method}`
              )}{' '}
              was {verb}. {nothingToDo}
            </Paragraph>
            {event.undoLink === undefined ? warning : undo(event.undoLink)}
          </>
        ),
      }
    }
    case 'passkey cloned':
      return {
        subject: `A passkey for ${tenant} may have been copied`,
        body: (
          <>
            <Paragraph>
              A sign-in with the passkey <strong>{singleLine(event.name)}</strong> was refused: its counter shows that
              there may be a copy.
            </Paragraph>
            <Paragraph>Remove this passkey, and create a new one:</Paragraph>
            {check}
          </>
        ),
      }
    case 'recovery codes created':
      return {
        subject: `Recovery codes for ${tenant} were created`,
        body: (
          <>
            <Paragraph>
              You created recovery codes: sign in with one if you lose your second factor. Keep them in a safe place.{' '}
              {nothingToDo}
            </Paragraph>
            {event.undoLink === undefined ? warning : undo(event.undoLink)}
          </>
        ),
      }
    case 'recovery codes replaced':
      return {
        subject: `Your recovery codes for ${tenant} were replaced`,
        body: (
          <>
            <Paragraph>New recovery codes were created. Your earlier codes no longer work. {nothingToDo}</Paragraph>
            {event.undoLink === undefined ? warning : undo(event.undoLink)}
          </>
        ),
      }
    case 'recovery code used':
      return {
        subject: `A recovery code for ${tenant} was used`,
        body: (
          <>
            <Paragraph>
              A recovery code was used to sign in. Codes left: {event.left}. {nothingToDo}
            </Paragraph>
            {warning}
          </>
        ),
      }
    case 'password changed':
      return {
        subject: `Your password for ${tenant} was changed`,
        body: (
          <>
            <Paragraph>Your password was changed on your account page. {nothingToDo}</Paragraph>
            {warning}
          </>
        ),
      }
    case 'factors reset by admin':
      return {
        subject: `Your second factors for ${tenant} were reset`,
        body: (
          <>
            <Paragraph>
              An administrator removed your passkeys, authenticator apps and recovery codes. Add new ones after your
              next sign-in.
            </Paragraph>
            <Paragraph>If you did not ask for this, tell your administrator and check your account:</Paragraph>
            {check}
          </>
        ),
      }
    case 'new device':
      return {
        subject: `New sign-in to ${tenant}`,
        body: (
          <>
            <Paragraph>Your account was used to sign in from a device that is new to us. {nothingToDo}</Paragraph>
            <Facts rows={{ Device: singleLine(event.device), 'Signed in with': event.method, ...occurrence(event) }} />
            <Paragraph>{ifNotYou}</Paragraph>
            <ButtonLink link={link} label="Check your sessions" />
            <SmallPrint>A device is new to us too after you delete its cookies or use a private window.</SmallPrint>
          </>
        ),
      }
    case 'break-glass used':
      return {
        subject: `A break-glass user signed in to ${tenant}`,
        body: (
          <>
            <Paragraph>A user signed in with the exemption from single sign-on.</Paragraph>
            <Facts rows={{ User: singleLine(event.user), ...occurrence(event) }} />
            <Paragraph>If you did not expect it, block the user and read the audit log:</Paragraph>
            <ButtonLink link={link} label="Open the audit log" />
          </>
        ),
      }
    case 'recovery requested':
      return {
        subject: `Someone asked to recover your account at ${tenant}`,
        body: (
          <>
            <Paragraph>
              From {timeText(event.effectiveAt)} on, this recovery can replace your second factors. {nothingToDo}
            </Paragraph>
            <Facts rows={occurrence(event)} />
            {event.completeLink !== undefined && (
              <>
                <Paragraph>
                  If this was you, keep this email. After that time, open this link to remove your second factors, and
                  set up new ones:
                </Paragraph>
                <ButtonLink link={event.completeLink} label="Complete the recovery" />
              </>
            )}
            {cancel(event.cancelLink, "If this wasn't you, cancel it now:", 'Cancel the recovery', check)}
          </>
        ),
      }
    case 'recovery confirmation':
      return {
        subject: `Confirm the recovery of your account at ${tenant}`,
        body: (
          <>
            <Paragraph>
              You said that you lost your second factors. Confirm within 30 minutes that this was you:
            </Paragraph>
            <ButtonLink link={event.link} label="Confirm the recovery" />
            <Paragraph>If this was not you, someone else knows how to sign in as you. Change your password:</Paragraph>
            {check}
          </>
        ),
      }
    case 'recovery canceled':
      return {
        subject: `The recovery of your account at ${tenant} was canceled`,
        body: (
          <>
            <Paragraph>Your second factors have not changed.</Paragraph>
            {check}
          </>
        ),
      }
    case 'recovery completed':
      return {
        subject: `Your account at ${tenant} was recovered`,
        body: (
          <>
            <Paragraph>Your second factors were removed by account recovery. {nothingToDo}</Paragraph>
            {event.undoLink === undefined ? warning : undo(event.undoLink)}
          </>
        ),
      }
    case 'change undone':
      return {
        subject: `A change of your second factors for ${tenant} was undone`,
        body: (
          <>
            <Paragraph>
              A link in one of our emails was used to undo a change: {singleLine(event.change)}. All sessions have
              ended.
            </Paragraph>
            <Paragraph>If this was not you, sign in, check your second factors and change your password:</Paragraph>
            {check}
          </>
        ),
      }
    case 'deletion requested':
      return {
        subject: `Your account at ${tenant} will be deleted`,
        body: (
          <>
            <Paragraph>
              Your account and its sign-in methods will be deleted on {timeText(event.effectiveAt)}.
            </Paragraph>
            <Facts rows={occurrence(event)} />
            {cancel(event.cancelLink, 'To keep your account, cancel the deletion:', 'Keep my account', check)}
          </>
        ),
      }
    case 'deletion canceled':
      return {
        subject: `Your account at ${tenant} will not be deleted`,
        body: (
          <>
            <Paragraph>The deletion was canceled. Your account stays as it is. {nothingToDo}</Paragraph>
            {warning}
          </>
        ),
      }
    case 'deletion done':
      return {
        subject: `Your account at ${tenant} was deleted`,
        body: (
          <Paragraph>
            Your account, its sign-in methods and its tokens were deleted. We send no further emails about it.
          </Paragraph>
        ),
      }
    default:
      return event satisfies never
  }
}

// functions and not components: the plain text is made of the blocks that they return

function undo(link: string): ComponentChildren {
  return (
    <>
      <Paragraph>If this was not you, undo it within 7 days:</Paragraph>
      <ButtonLink link={link} label="Undo the change" />
    </>
  )
}

function cancel(link: string | undefined, text: string, label: string, otherwise: ComponentChildren) {
  return (
    <>
      <Paragraph>{text}</Paragraph>
      {link === undefined ? otherwise : <ButtonLink link={link} label={label} />}
    </>
  )
}

const occurrence = ({ at, address }: { readonly at: Date; readonly address?: string | undefined }) => ({
  Time: timeText(at),
  Address: address === undefined ? undefined : singleLine(address),
})
